"""The function app: composition only. What each function does is in `handlers/`."""

import azure.functions as func

from callscribe.bootstrap import worker
from handlers import (
    call_events,
    calls,
    health,
    incoming_call,
    live,
    stream_events,
    transcripts,
    upkeep,
)

# First of all: a missing or malformed setting stops the app here, before it takes any event.
worker()

app = func.FunctionApp(http_auth_level=func.AuthLevel.FUNCTION)
for module in (
    incoming_call,
    call_events,
    stream_events,
    calls,
    transcripts,
    live,
    upkeep,
    health,
):
    app.register_functions(module.blueprint)
