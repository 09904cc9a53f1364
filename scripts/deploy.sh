#!/bin/sh
# Deploys everything without azd: with az, signed in, and func. It can be run again any time.
#   AZURE_ENV_NAME=prod AZURE_LOCATION=westeurope CALLSCRIBE_ACS_DATA_LOCATION=Europe sh scripts/deploy.sh
# Into az's default subscription, or AZURE_SUBSCRIPTION_ID.
# What else can be said is in infra/main.parameters.json: one environment variable each.
set -eu
cd "$(dirname "$0")/.."
# shellcheck source=SCRIPTDIR/deploy-tools.sh
. scripts/deploy-tools.sh

# parameters: print `name VARIABLE` for each line of the parameters file.
parameters() {
  sed -n 's/^ *"\([A-Za-z]*\)": { "value": "\${\([A-Z_]*\).*/\1 \2/p' infra/main.parameters.json
}

# deployment: print its name. Azure keeps it, and the region that it was first made in, after all
# else has been removed; it has 64 characters at most.
deployment() {
  region=$(printf '%s' "$AZURE_LOCATION" | tr -d ' ' | tr '[:upper:]' '[:lower:]')
  name=callscribe-$AZURE_ENV_NAME-$region
  if [ "${#name}" -gt 64 ]; then
    name=callscribe-$(printf '%s' "$name" | cksum | cut -d ' ' -f 1)
  fi
  printf '%s\n' "$name"
}

# outputs: print `NAME=value`. ARM changes the case of some names.
outputs() {
  az_there deployment sub show --name "$(deployment)" --query properties.outputs --output json |
    awk -F'"' '/": \{/ { name = toupper($2) } /"value":/ { print name "=" $4 }'
}

provision() {
  set --
  while read -r name variable; do
    eval "value=\${$variable:-}"
    # shellcheck disable=SC2154 # eval sets it
    if [ -n "$value" ]; then set -- "$@" "$name=$value"; fi
  done <<LIST
$(parameters)
LIST
  az_there deployment sub create --name "$(deployment)" --location "$AZURE_LOCATION" \
    --template-file infra/main.bicep --output none --parameters "$@"
}

publish() {
  func azure functionapp publish "${AZURE_FUNCTION_APP:?}" --python --build remote \
    --subscription "$AZURE_SUBSCRIPTION_ID"
}

sh scripts/deploy-preflight.sh
AZURE_SUBSCRIPTION_ID=${AZURE_SUBSCRIPTION_ID:-$(az account show --query id --output tsv)}
export AZURE_ENV_NAME AZURE_LOCATION AZURE_SUBSCRIPTION_ID

say "1/4 Entra application"
CALLSCRIBE_UPSTREAM_AUDIENCE=$(sh scripts/deploy-audience.sh)
export CALLSCRIBE_UPSTREAM_AUDIENCE

say "2/4 Resources"
provision
found=$(outputs)
while IFS='=' read -r name value; do
  case $name in AZURE_*) export "$name=$value" ;; esac
done <<LIST
$found
LIST

say "3/4 Code"
# Roles take minutes to be in force, and the host some to be well:
# https://github.com/Azure/azure-dev/issues/8026
if ! again 6 2 publish; then
  say "The code could not be published. 403 (InaccessibleStorageException): the app's roles are not in"
  stop "force yet. Else see $AZURE_FUNCTION_APP_URL/api/health. Wait some minutes, run this again."
fi

say "4/4 Wiring"
sh scripts/deploy-wiring.sh
say "Done: ${AZURE_FUNCTION_APP_URL:?}"
