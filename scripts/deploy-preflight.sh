#!/bin/sh
# Names everything that a deployment needs and that is missing here. It changes nothing.
#   deploy-preflight.sh        what scripts/deploy.sh needs
#   deploy-preflight.sh --azd  what azd's hooks need
# In the environment: what deploy.sh has there.
set -eu
cd "$(dirname "$0")/.."
# shellcheck source=SCRIPTDIR/deploy-tools.sh
. scripts/deploy-tools.sh

complaints=0

complain() {
  say "- $*"
  complaints=$((complaints + 1))
}

has() { command -v "$1" >/dev/null 2>&1; }

# tool NAME WHERE: complain where it is not on the PATH.
tool() { has "$1" || complain "$1 is missing: $2"; }

# setting NAME EXAMPLE: complain where it has no value.
setting() {
  eval "value=\${$1:-}"
  # shellcheck disable=SC2154 # eval sets it
  if [ -z "$value" ]; then complain "$1 is not set: expected $2"; fi
}

# Never with its value: there may be secrets in it.
extra_settings() {
  "$1" -c 'import json, sys
found = json.loads(sys.argv[1])
sys.exit(not isinstance(found, dict) or not all(isinstance(each, str) for each in found.values()))' \
    "$CALLSCRIBE_EXTRA_SETTINGS" >/dev/null 2>&1 ||
    complain 'CALLSCRIBE_EXTRA_SETTINGS: expected a JSON object of texts, such as {"GAP_SECONDS": "3"}'
}

tool az https://learn.microsoft.com/cli/azure/install-azure-cli
tool curl https://curl.se/download.html
python=$(find_python) || python=
# azd brings its own way to publish, and asks for what must be said.
if [ "${1:-}" != --azd ]; then
  tool func https://learn.microsoft.com/azure/azure-functions/functions-run-local
  if [ -z "$python" ]; then
    complain "Python 3.13 is missing: sh scripts/setup.sh (any Python from 3.9 on can fetch it)"
  fi
  setting AZURE_ENV_NAME "a name for the deployment"
  setting AZURE_LOCATION "a region, such as westeurope"
  # It can never be changed, so nobody chooses one by saying nothing.
  setting CALLSCRIBE_ACS_DATA_LOCATION "where calls' data are kept, such as Europe or United States"
fi
if [ -n "$python" ] && [ -n "${CALLSCRIBE_EXTRA_SETTINGS:-}" ]; then extra_settings "$python"; fi
if has az && ! az account show --output none 2>/dev/null; then
  complain "az is not signed in: az login"
fi
if [ "$complaints" -gt 0 ]; then stop "Nothing was changed."; fi
