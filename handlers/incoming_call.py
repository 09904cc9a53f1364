"""The events of Event Grid: a phone rings."""

import azure.functions as func

from callscribe.bootstrap import worker
from callscribe.calls.incoming import parse_incoming
from callscribe.foundation import log
from callscribe.foundation.deadline import Deadline
from callscribe.foundation.errors import BadInputError
from callscribe.foundation.json_input import parse_object, text_of
from callscribe.foundation.moments import Seconds

# Event Grid's ids are GUIDs: of anything longer only a part is logged.
LONGEST_ID = 100
# Event Grid waits 30 s for an answer: https://learn.microsoft.com/azure/event-grid/delivery-and-retry
DELIVERY = Seconds(28)

blueprint = func.Blueprint()


@blueprint.event_grid_trigger(arg_name="event")
async def incoming_call(event: str) -> None:
    """Take one Event Grid event, as raw JSON; raising means that it should be delivered again.

    The SDK's own event class would raise on a malformed event before any code of ours runs, and
    Event Grid would deliver it again for a day. Here such an event is logged and acknowledged.
    https://learn.microsoft.com/azure/event-grid/delivery-and-retry
    Raises NotConfiguredError where the app is not configured.
    """
    answering = worker().answering
    # Half a surrogate pair in the text must not raise here either.
    body = event.encode(errors="surrogatepass")
    try:
        incoming = parse_incoming(body)
    except BadInputError as error:
        log.warning("eventUnreadable", eventId=_event_id(body), problem=str(error))
        return
    if incoming is None:
        log.info("eventIgnored", eventId=_event_id(body))
        return
    await answering.deliver(incoming, Deadline.after(DELIVERY))


def _event_id(body: bytes) -> str | None:
    """Return the id of an event that is not answered, if it has one."""
    return text_of(parse_object(body).get("id"), LONGEST_ID)
