#!/bin/sh
# The last step of a deployment: once the code is there, wires Event Grid and Web PubSub to it, and
# proves it. azd runs it after `azd deploy`, scripts/deploy.sh after publishing. It can be run again
# any time.
# In the environment: the outputs of infra/main.bicep, AZURE_SUBSCRIPTION_ID,
# CALLSCRIBE_UPSTREAM_AUDIENCE; CALLSCRIBE_ANSWER_NUMBERS if only some numbers are answered;
# CALLSCRIBE_SMOKE_PRINCIPAL_ID if you may run the smoke test.
set -eu
cd "$(dirname "$0")/.."
# shellcheck source=SCRIPTDIR/deploy-tools.sh
. scripts/deploy-tools.sh

looks=60

# On Flex Consumption the list of functions may stay as it was until Resource Manager is told:
# https://github.com/Azure/azure-functions-host/issues/10169
tell_of_the_code() {
  group=/subscriptions/$AZURE_SUBSCRIPTION_ID/resourceGroups/$AZURE_RESOURCE_GROUP
  app=$group/providers/Microsoft.Web/sites/$AZURE_FUNCTION_APP
  az rest --method post --url "$app/host/default/sync?api-version=2025-03-01" --output none
}

# look: whether the function is listed; `seen` is what az said where it is not.
look() {
  seen=$(tell_of_the_code 2>&1) || :
  shown=$(az_there functionapp function show --resource-group "$AZURE_RESOURCE_GROUP" \
    --name "$AZURE_FUNCTION_APP" --function-name incoming_call --output none 2>&1) && return
  seen="$seen $shown"
  return 1
}

# Event Grid refuses a function that is not there yet.
wait_for_the_code() {
  say "Waiting until $AZURE_FUNCTION_APP lists incoming_call"
  left=$looks
  until look; do
    left=$((left - 1))
    if [ "$left" -le 0 ]; then
      say "It does not: see the build log, and the app's log stream for a setting that is wrong."
      stop "The last answer of az: $seen"
    fi
    sleep "$pause"
  done
}

wire() {
  az_there deployment group create --resource-group "$AZURE_RESOURCE_GROUP" \
    --name callscribe-wiring --template-file infra/wiring.bicep --output none \
    --parameters "functionAppName=$AZURE_FUNCTION_APP" "storageName=$AZURE_STORAGE_ACCOUNT" \
    "webPubSubName=$AZURE_WEB_PUBSUB" "topicId=$AZURE_EVENT_TOPIC" \
    "upstreamAudience=$CALLSCRIBE_UPSTREAM_AUDIENCE" \
    "streamAdmission=$AZURE_STREAM_ADMISSION" \
    "answerNumbers=${CALLSCRIBE_ANSWER_NUMBERS:-}"
}

# A hub is saved with a handler that does not answer, and fails at the first event:
# https://github.com/Azure/azure-webpubsub/issues/317
answers_web_pubsub() {
  origin=$(az_there resource show --resource-group "$AZURE_RESOURCE_GROUP" \
    --resource-type Microsoft.SignalRService/webPubSub --name "$AZURE_WEB_PUBSUB" \
    --query properties.hostName --output tsv) || return
  curl --silent --show-error --fail --include --max-time 30 --request OPTIONS \
    --header "WebHook-Request-Origin: $origin" "$AZURE_FUNCTION_APP_URL/api/stream" |
    grep -i '^webhook-allowed-origin:' >/dev/null
}

# prove: run the smoke test where that is possible, and claim nothing where it is not.
prove() {
  if [ -z "${CALLSCRIBE_SMOKE_PRINCIPAL_ID:-}" ]; then
    say 'Wired, and not proven: docs/deploying.md, "Proving it", says how.'
  elif ! python=$(find_python) || ! "$python" -c 'import azure.data.tables, typer' 2>/dev/null; then
    say "Wired, and not proven. The smoke test needs .venv: sh scripts/setup.sh, then run this again."
  elif "$python" -m scripts.smoke >&2; then
    say "Proven but for Event Grid and speech: ring $AZURE_FUNCTION_APP once."
  else
    stop "Wired, and not proven. New roles are in force after some minutes: then run this again."
  fi
}

: "${AZURE_RESOURCE_GROUP:?}" "${AZURE_FUNCTION_APP:?}" "${AZURE_STORAGE_ACCOUNT:?}"
: "${AZURE_WEB_PUBSUB:?}" "${AZURE_EVENT_TOPIC:?}" "${CALLSCRIBE_UPSTREAM_AUDIENCE:?}"
: "${AZURE_STREAM_ADMISSION:?}" "${AZURE_FUNCTION_APP_URL:?}" "${AZURE_SUBSCRIPTION_ID:?}"
require_one_tenant
wait_for_the_code
# The app may still be starting when Web PubSub and Event Grid want to hear from it.
again 3 1 wire || stop "The wiring failed three times. Nothing else is missing: run this again."
again 6 1 answers_web_pubsub ||
  stop "Wired, but $AZURE_FUNCTION_APP_URL/api/stream does not allow Web PubSub: see /api/health there."
prove
