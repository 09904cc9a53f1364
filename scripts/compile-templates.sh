#!/bin/sh
# Compiles the templates and predicts what they make. Tests read what this writes, on any machine.
#   compile-templates.sh           write it all anew, after a change of a template
#   compile-templates.sh --check   write nothing; exit 1 if the compiler says anything at all, or if
#                                  something other than what is there would be written
#   compile-templates.sh --which   print the compiler's path; exit 3 if there is none
# The compiler: $BICEP, or `bicep` on the PATH, or what `az bicep install` has installed.
set -eu
cd "$(dirname "$0")/.."

snapshots=tests/infra/snapshots
sums=$snapshots/sources.sha256
installed=${AZURE_CONFIG_DIR:-${HOME:-}/.azure}/bin/bicep

say() { printf '%s\n' "$*" >&2; }

compiler() {
  if [ -n "${BICEP:-}" ]; then printf '%s\n' "$BICEP"
  elif command -v bicep; then :
  elif [ -x "$installed" ]; then printf '%s\n' "$installed"
  else return 3; fi
}

sources() {
  LC_ALL=C ls infra/*.bicep infra/modules/*.bicep infra/bicepconfig.json "$snapshots"/*.bicepparam
}

hashes() {
  # shellcheck disable=SC2046 # one argument a file
  if command -v sha256sum >/dev/null; then sha256sum $(sources); else shasum -a 256 $(sources); fi
}

# It ends with 0 where it only warns, and that is where misspelt properties show.
lint() {
  for template in infra/main.bicep infra/wiring.bicep; do
    said=$("$bicep" lint "$template" 2>&1) || :
    if [ -n "$said" ]; then say "$said" && return 1; fi
  done
}

# snapshot MODE: predict each set of parameters. The ids are made up; predicted names hang on them.
snapshot() {
  for parameters in "$snapshots"/*.bicepparam; do
    set -- "$1" --subscription-id 00000000-0000-4000-8000-000000000001 \
      --tenant-id 00000000-0000-4000-8000-000000000009 --location westeurope
    case $parameters in */wiring*) set -- "$@" --resource-group rg-test ;; esac
    "$bicep" snapshot "$parameters" --mode "$@" >&2 || return 1
  done
}

# format FOLDER: lay out every file of it.
format() {
  "$bicep" format --pattern "$1/**/*.bicep"
  "$bicep" format --pattern "$1/**/*.bicepparam"
}

# The compiler writes outputs in any order, other than all the rest.
sort_outputs() {
  .venv/bin/python - "$snapshots"/*.snapshot.json <<'PYTHON'
import json, pathlib, sys
for path in map(pathlib.Path, sys.argv[1:]):
    found = json.loads(path.read_text(encoding="utf-8"))
    found["outputs"] = dict(sorted(found["outputs"].items()))
    text = json.dumps(found, indent=2, ensure_ascii=False)
    path.write_text(text + "\n", encoding="utf-8", newline="\n")
PYTHON
}

write() {
  format infra
  format "$snapshots"
  lint
  for name in main wiring; do "$bicep" build "infra/$name.bicep" --outfile "infra/$name.json"; done
  snapshot overwrite
  sort_outputs
  hashes >"$sums"
}

# body: leave out which compiler it was, and its own hashes.
body() { sed '/"_generator": {/,/}/d' "$@"; }

differ() { say "$1 is not what the compiler writes: sh scripts/compile-templates.sh" && return 1; }

check() {
  lint
  copy=$(mktemp -d)
  trap 'rm -rf "$copy"' EXIT
  mkdir -p "$copy/$snapshots"
  cp -R infra "$copy"
  cp "$snapshots"/*.bicepparam "$copy/$snapshots"
  (cd "$copy" && format .)
  for file in $(sources); do cmp -s "$file" "$copy/$file" || differ "$file"; done
  for name in main wiring; do
    built=$("$bicep" build "infra/$name.bicep" --stdout | body)
    [ "$built" = "$(body "infra/$name.json")" ] || differ "infra/$name.json"
  done
  snapshot validate
  [ "$(hashes)" = "$(cat "$sums")" ] || differ "$sums"
}

bicep=$(compiler) || { say "No Bicep CLI: see https://aka.ms/bicep-install" && exit 3; }
case ${1:-} in
  --which) printf '%s\n' "$bicep" ;;
  --check) check ;;
  '') write ;;
  *) say "compile-templates.sh: no option $1" && exit 2 ;;
esac
