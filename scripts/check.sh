#!/bin/sh
# Runs the named sections, the first failure ends it: lint, types, pure, rest.
set -eu
cd "$(dirname "$0")/.."
PATH=$PWD/.venv/bin:$PATH
export PATH

# section TITLE COMMAND...
section() {
  printf '\n== %s\n' "$1"
  shift
  "$@"
}

for name in "$@"; do
  case $name in
    lint)
      section "Lint" ruff check .
      section "Format" ruff format --check .
      section "Direction of imports" lint-imports --no-logo
      ;;
    types) section "Types" mypy ;;
    pure)
      # Their own run: each pure module must be covered whole by its own test files alone.
      pure=$(python tests/own_coverage.py list)
      # shellcheck disable=SC2086 # one argument a file
      section "Tests of pure modules" coverage run -m pytest $pure
      section "Each pure module covered by its own tests" python tests/own_coverage.py
      ;;
    rest)
      section "Microsoft's JavaScript clients" python -m tests.emulator.clients.packages
      ignored=$(python tests/own_coverage.py list | sed 's/^/--ignore=/')
      # Side by side: they wait for processes and clocks more than they compute.
      # shellcheck disable=SC2086 # one argument a file
      section "Tests of everything else" \
        pytest tests $ignored --numprocesses 4 --dist loadfile
      ;;
    *) printf 'check.sh: no section %s\n' "$name" >&2 && exit 2 ;;
  esac
done
