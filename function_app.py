"""The function app: composition only. What each function does is in `handlers/`."""

import azure.functions as func

from callscribe.bootstrap import problems
from callscribe.foundation import log
from handlers import (
    call_events,
    calls,
    health,
    incoming_call,
    live,
    routes,
    stream_events,
    transcripts,
    upkeep,
)

# The functions are registered in any case: a host without functions says nothing, while each of
# these answers, or raises, that the app is not configured.
if wrong := problems():
    log.error("notConfigured", problems=wrong)

app = func.FunctionApp(http_auth_level=func.AuthLevel.FUNCTION)
for module in (
    incoming_call,
    call_events,
    stream_events,
    calls,
    routes,
    transcripts,
    live,
    upkeep,
    health,
):
    app.register_functions(module.blueprint)
