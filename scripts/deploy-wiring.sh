#!/bin/sh
# The last step of a deployment: once the code is there, wires Event Grid and Web PubSub to it.
# azd runs it after `azd deploy`, scripts/deploy.sh after publishing. It can be run again any time.
# In the environment: the outputs of infra/main.bicep, CALLSCRIBE_UPSTREAM_AUDIENCE, and
# CALLSCRIBE_ANSWER_NUMBERS if only some numbers are answered.
set -eu
cd "$(dirname "$0")/.."

pause=${DEPLOY_PAUSE_SECONDS:-10}
looks=60
attempts=3

say() { printf '%s\n' "$*" >&2; }

is_listed() {
  az functionapp function show --resource-group "$AZURE_RESOURCE_GROUP" \
    --name "$AZURE_FUNCTION_APP" --function-name incoming_call --output none 2>/dev/null
}

# Event Grid refuses a function that is not there yet.
wait_for_the_code() {
  say "Waiting until $AZURE_FUNCTION_APP lists incoming_call"
  look=1
  until is_listed; do
    if [ "$look" -ge "$looks" ]; then
      say "It does not: see the build log, and the app's log stream for a setting that is wrong."
      return 1
    fi
    look=$((look + 1))
    sleep "$pause"
  done
}

wire() {
  az deployment group create --resource-group "$AZURE_RESOURCE_GROUP" --name callscribe-wiring \
    --template-file infra/wiring.bicep --output none \
    --parameters "functionAppName=$AZURE_FUNCTION_APP" "storageName=$AZURE_STORAGE_ACCOUNT" \
    "webPubSubName=$AZURE_WEB_PUBSUB" "topicId=$AZURE_EVENT_TOPIC" \
    "upstreamAudience=$CALLSCRIBE_UPSTREAM_AUDIENCE" \
    "streamAdmission=$AZURE_STREAM_ADMISSION" \
    "answerNumbers=${CALLSCRIBE_ANSWER_NUMBERS:-}"
}

: "${AZURE_RESOURCE_GROUP:?}" "${AZURE_FUNCTION_APP:?}" "${AZURE_STORAGE_ACCOUNT:?}"
: "${AZURE_WEB_PUBSUB:?}" "${AZURE_EVENT_TOPIC:?}" "${CALLSCRIBE_UPSTREAM_AUDIENCE:?}"
: "${AZURE_STREAM_ADMISSION:?}"
wait_for_the_code
attempt=1
# The app may still be starting when Web PubSub and Event Grid want to hear from it.
until wire; do
  if [ "$attempt" -ge "$attempts" ]; then
    say "The wiring failed $attempts times. Nothing else is missing: run this again."
    exit 1
  fi
  attempt=$((attempt + 1))
  say "Trying again"
  sleep "$pause"
done
say "Calls to $AZURE_FUNCTION_APP are answered from now on."
