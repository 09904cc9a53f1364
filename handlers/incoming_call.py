"""Event Grid's way in: a phone rings."""

import azure.functions as func

from callscribe import log
from callscribe.bootstrap import worker
from callscribe.domain.errors import BadInputError
from callscribe.domain.incoming import parse_incoming

blueprint = func.Blueprint()


@blueprint.event_grid_trigger(arg_name="event")
async def incoming_call(event: str) -> None:
    """Take one Event Grid event, as raw JSON; raising means that it should be delivered again.

    The SDK's own event class raises on a malformed event before any code of ours runs, and the
    event would come back all day: such an event is logged and done with.
    """
    try:
        incoming = parse_incoming(event.encode(errors="surrogatepass"))
    except BadInputError as error:
        log.warning("eventUnreadable", problem=str(error))
        return
    if incoming is None:
        log.info("eventIgnored")
        return
    await worker().answering.deliver(incoming)
