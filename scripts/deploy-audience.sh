#!/bin/sh
# Prints the client id of the Entra application that Web PubSub requests tokens for, and makes it
# first where it is missing. Nobody signs in to it: it only is who those tokens are meant for.
#   deploy-audience.sh         print the id
#   deploy-audience.sh --azd   keep it in the azd environment
# In the environment: AZURE_ENV_NAME; CALLSCRIBE_UPSTREAM_AUDIENCE, if there is one already.
set -eu

say() { printf '%s\n' "$*" >&2; }

name=callscribe-upstream-${AZURE_ENV_NAME:?the name of the deployment}
id=${CALLSCRIBE_UPSTREAM_AUDIENCE:-}

if [ -z "$id" ]; then
  id=$(az ad app list --display-name "$name" --query "[?displayName=='$name'].appId | [0]" --output tsv)
fi
if [ -z "$id" ]; then
  say "Making the Entra application $name"
  id=$(az ad app create --display-name "$name" --sign-in-audience AzureADMyOrg --query appId --output tsv)
fi
# Without it in this tenant nobody is given a token for the application.
if ! az ad sp show --id "$id" --output none 2>/dev/null; then
  az ad sp create --id "$id" --output none
fi

if [ "${1:-}" = --azd ]; then
  azd env set CALLSCRIBE_UPSTREAM_AUDIENCE "$id"
else
  printf '%s\n' "$id"
fi
