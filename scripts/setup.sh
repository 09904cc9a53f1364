#!/bin/sh
# Prepares this folder: uv, the virtual environment, Azurite. Does nothing where nothing is missing.
#   setup.sh          all of it
#   setup.sh uv       print the path of a uv that works, installing the pinned one if there is none
#   setup.sh pythons  print the Pythons from 3.9 on that work, those first that come first in PATH
set -eu

root=$(cd "$(dirname "$0")/.." && pwd)
tools=$root/.tools
log=$tools/setup.log
uv_folder=$tools/uv-0.13.9
python=$root/.venv/bin/python
usable="version_info >= (3, 9)"

say() { printf '%s\n' "$*" >&2; }

# step TEXT COMMAND...: run it quietly and say how long it took; on failure show what it printed.
step() {
  text=$1 began=$(date +%s)
  shift
  printf '%s ... ' "$text" >&2
  if "$@" >"$log" 2>&1 </dev/null; then
    say "$(($(date +%s) - began)) s"
  else
    say "failed"
    tail -n 20 "$log" >&2
    return 1
  fi
}

# is_python PROGRAM TEST: from /, because a pyenv shim refuses in this folder when it has not the
# version that .python-version names; any other version will do for installing uv.
is_python() {
  [ -x "$1" ] && [ ! -d "$1" ] &&
    (cd / && "$1" -c "from sys import *; exit(not ($2))") >/dev/null 2>&1 </dev/null
}

# pythons TEST: those that work and whose version passes, the first in PATH first.
pythons() {
  names="python3 python python3.14 python3.13 python3.12 python3.11 python3.10 python3.9"
  printf '%s\n' "$PATH:/usr/bin:/usr/local/bin:/opt/homebrew/bin" | tr ':' '\n' |
    while IFS= read -r folder; do
      for name in $names; do
        if is_python "$folder/$name" "$1"; then printf '%s\n' "$folder/$name"; fi
      done
    done
  for version in "${PYENV_ROOT:-$HOME/.pyenv}"/versions/*/bin/python3; do
    if is_python "$version" "$1"; then printf '%s\n' "$version"; fi
  done
}

pip_install_uv() {
  cd / && PIP_USER=0 PIP_REQUIRE_VIRTUALENV=0 "$1" -m pip install --disable-pip-version-check \
    --no-input --upgrade --require-hashes --target "$uv_folder" -r "$root/scripts/uv.txt"
}

# Debian's Python may come without pip, without venv, or without both.
install_uv_with() {
  rm -rf "$uv_folder" "$tools/pip"
  if (cd / && "$1" -m pip --version) >/dev/null 2>&1; then
    (pip_install_uv "$1") && return
  fi
  (cd / && "$1" -m venv "$tools/pip") && (pip_install_uv "$tools/pip/bin/python")
}

install_uv() {
  pythons "$usable" >"$tools/pythons"
  while IFS= read -r candidate; do
    if step "Installing uv with $candidate" install_uv_with "$candidate"; then return; fi
  done <"$tools/pythons"
  say "No Python from 3.9 on could install uv. Install one that has pip or venv (on Debian and"
  say "Ubuntu: apt install python3-venv), or uv itself: https://docs.astral.sh/uv/"
  return 1
}

find_uv() {
  if (cd "$root" && uv --version) >/dev/null 2>&1; then
    command -v uv
    return
  fi
  mkdir -p "$tools"
  "$uv_folder/bin/uv" --version >/dev/null 2>&1 || install_uv
  printf '%s\n' "$uv_folder/bin/uv"
}

has_environment() {
  is_python "$python" "version_info >= (3, 13)"
}

# From / again, and not left to uv alone: it gives up at the first Python in PATH that does not run.
create_environment() (
  rm -rf "$root/.venv"
  cd /
  wanted=$(cat "$root/.python-version")
  venv "$wanted" --no-python-downloads && return
  venv_with "'%d.%d' % version_info[:2] == '$wanted'" && return
  venv "$wanted" --python-preference only-managed && return
  venv_with "version_info >= (3, 13)" && return
  echo "This project needs Python $wanted or a later one, and uv neither found nor fetched it."
  return 1
)

venv_with() {
  pythons "$1" >"$tools/pythons"
  while IFS= read -r candidate; do
    venv "$candidate" && return
  done <"$tools/pythons"
  return 1
}

venv() { "$uv" venv "$root/.venv" --python "$@"; }

install_packages() {
  UV_SYSTEM_PYTHON=0 "$uv" pip sync --require-hashes --python "$python" "$root/requirements-dev.txt"
}

setup() {
  mkdir -p "$tools"
  if ! { has_environment && cmp -s "$root/requirements-dev.txt" "$root/.venv/installed.txt"; }; then
    uv=$(find_uv)
    has_environment || step "Creating .venv" create_environment
    step "Installing the Python packages" install_packages
    cp "$root/requirements-dev.txt" "$root/.venv/installed.txt"
  fi
  modules=$root/emulator/node_modules
  cmp -s "$root/emulator/package-lock.json" "$modules/.installed-lock.json" ||
    (cd "$root" && "$python" -m emulator install)
}

case ${1:-setup} in
  setup) setup ;;
  uv) find_uv ;;
  pythons) pythons "$usable" ;;
  *) say "usage: setup.sh [uv|pythons]" && exit 2 ;;
esac
