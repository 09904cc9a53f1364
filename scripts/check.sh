#!/bin/sh
# Runs the named sections, the first failure ends it: lint, types, domain, rest.
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
    domain)
      # Their own run: the domain must be covered by the domain's tests alone.
      section "Tests of the domain" coverage run -m pytest tests/domain
      section "Coverage of the domain" coverage report
      section "Each module by its own tests" python tests/domain/own_coverage.py
      ;;
    rest)
      # Side by side: they wait for processes and clocks more than they compute.
      section "Tests of everything else" \
        pytest tests --ignore=tests/domain --numprocesses 4 --dist loadfile
      ;;
    *) printf 'check.sh: no section %s\n' "$name" >&2 && exit 2 ;;
  esac
done
