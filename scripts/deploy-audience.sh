#!/bin/sh
# Prints the client id of the Entra application that Web PubSub requests tokens for, and makes it
# first where it is missing. Nobody signs in to it: it only is who those tokens are meant for.
#   deploy-audience.sh         print the id
#   deploy-audience.sh --azd   keep it in the azd environment
# In the environment: AZURE_ENV_NAME; AZURE_SUBSCRIPTION_ID, of the same tenant;
# CALLSCRIBE_UPSTREAM_AUDIENCE, if there is one already.
set -eu
cd "$(dirname "$0")/.."
# shellcheck source=SCRIPTDIR/deploy-tools.sh
. scripts/deploy-tools.sh

name=callscribe-upstream-${AZURE_ENV_NAME:?the name of the deployment}
id=${CALLSCRIBE_UPSTREAM_AUDIENCE:-}

application() { az ad app list --app-id "$1" --query "[0].appId" --output tsv; }

principal() { az ad sp list --filter "appId eq '$1'" --query "[0].appId" --output tsv; }

# Without it in this tenant nobody is given a token for the application.
have_principal() {
  found=$(principal "$id") || return
  if [ -z "$found" ]; then az ad sp create --id "$id" --output none; fi
}

# azd looks at the template's parameters before its hooks and again after them; what a hook sets is
# only there the second time: https://github.com/Azure/azure-dev/issues/5806
keep() {
  azd env set CALLSCRIBE_UPSTREAM_AUDIENCE "$id" --environment "$AZURE_ENV_NAME"
  kept=$(azd env get-value CALLSCRIBE_UPSTREAM_AUDIENCE --environment "$AZURE_ENV_NAME")
  if [ "$kept" != "$id" ]; then
    stop "azd keeps another CALLSCRIBE_UPSTREAM_AUDIENCE in $AZURE_ENV_NAME: $kept, expected $id"
  fi
}

if [ -z "${AZURE_SUBSCRIPTION_ID:-}" ]; then
  say "AZURE_SUBSCRIPTION_ID is not set: expected the subscription that is deployed to. With azd:"
  stop "  azd env set AZURE_SUBSCRIPTION_ID SUBSCRIPTION"
fi
require_one_tenant
# An application of another tenant has only its principal here.
if [ -n "$id" ]; then
  found=$(application "$id")
  found=$found$(principal "$id")
  if [ -z "$found" ]; then
    say "The tenant has no application $id any more (CALLSCRIBE_UPSTREAM_AUDIENCE)"
    id=
  fi
fi
if [ -z "$id" ]; then
  id=$(az ad app list --display-name "$name" --query "[?displayName=='$name'].appId | [0]" --output tsv)
fi
if [ -z "$id" ]; then
  say "Making the Entra application $name"
  id=$(az ad app create --display-name "$name" --sign-in-audience AzureADMyOrg --query appId --output tsv)
fi
# A new application is not known everywhere at once: https://github.com/Azure/azure-cli/issues/18610
again 6 1 have_principal

if [ "${1:-}" = --azd ]; then
  keep
else
  printf '%s\n' "$id"
fi
