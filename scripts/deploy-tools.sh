#!/bin/sh
# What the scripts of the deployment share. Each reads it in, from the project's folder.

# Git Bash would make a Windows path of every resource id that a program is given:
# https://github.com/Azure/azure-cli/issues/14299
export MSYS_NO_PATHCONV=1

pause=${DEPLOY_PAUSE_SECONDS:-10}

say() { printf '%s\n' "$*" >&2; }

stop() {
  say "$@"
  exit 1
}

# again TIMES FACTOR COMMAND...: try it so often; each pause is FACTOR times as long as the last.
again() {
  tries=$1 factor=$2 seconds=$pause
  shift 2
  until "$@"; do
    tries=$((tries - 1))
    if [ "$tries" -le 0 ]; then return 1; fi
    say "Trying again in $seconds s"
    sleep "$seconds"
    seconds=$((seconds * factor))
  done
}

# az's own default may be another subscription than that of azd:
# https://github.com/Azure/azure-cli/issues/17989
az_there() { az "$@" --subscription "$AZURE_SUBSCRIPTION_ID"; }

# `az ad` takes no subscription: it works in the tenant of az's default one.
require_one_tenant() {
  wanted=$(az account show --subscription "$AZURE_SUBSCRIPTION_ID" --query tenantId --output tsv) ||
    stop "az has no access to the subscription $AZURE_SUBSCRIPTION_ID: az login --tenant TENANT"
  tenant=$(az account show --query tenantId --output tsv)
  if [ "$tenant" != "$wanted" ]; then
    say "az works in the tenant $tenant; the subscription $AZURE_SUBSCRIPTION_ID is of $wanted:"
    stop "  az account set --subscription $AZURE_SUBSCRIPTION_ID"
  fi
}

# find_python: print a Python of a version that the project runs on; its own comes first.
find_python() {
  for python in .venv/bin/python .venv/Scripts/python.exe python3.13 python3 python; do
    if "$python" -c 'from sys import *; exit(version_info < (3, 13))' >/dev/null 2>&1; then
      printf '%s\n' "$python"
      return
    fi
  done
  return 1
}
