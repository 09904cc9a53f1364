#!/bin/sh
# Deploys everything without azd: with az, signed in, and func. It can be run again any time.
#   AZURE_ENV_NAME=prod AZURE_LOCATION=westeurope CALLSCRIBE_ACS_DATA_LOCATION=Europe sh scripts/deploy.sh
# What else can be said is in infra/main.parameters.json: one environment variable each.
set -eu
cd "$(dirname "$0")/.."

: "${AZURE_ENV_NAME:?a name for the deployment}" "${AZURE_LOCATION:?a region, such as westeurope}"
: "${CALLSCRIBE_ACS_DATA_LOCATION:?where a new Communication Services resource keeps its data, such as Europe}"
export AZURE_ENV_NAME AZURE_LOCATION
deployment=callscribe-$AZURE_ENV_NAME

say() { printf '%s\n' "$*" >&2; }

# parameters: print `name VARIABLE` for each line of the parameters file.
parameters() {
  sed -n 's/^ *"\([A-Za-z]*\)": { "value": "\${\([A-Z_]*\).*/\1 \2/p' infra/main.parameters.json
}

# outputs: print `NAME=value`. ARM changes the case of some names.
outputs() {
  az deployment sub show --name "$deployment" --query properties.outputs --output json |
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
  az deployment sub create --name "$deployment" --location "$AZURE_LOCATION" \
    --template-file infra/main.bicep --output none --parameters "$@"
}

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
func azure functionapp publish "${AZURE_FUNCTION_APP:?}" --python --build remote

say "4/4 Wiring"
sh scripts/deploy-wiring.sh
say "Done: ${AZURE_FUNCTION_APP_URL:?}"
