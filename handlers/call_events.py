"""The callbacks of ACS Call Automation."""

import azure.functions as func

from callscribe.bootstrap import worker
from callscribe.calls.call_events import parse_callbacks
from callscribe.foundation.deadline import Deadline
from callscribe.foundation.errors import NotFoundError
from callscribe.foundation.identifiers import is_call_id
from callscribe.foundation.moments import Seconds
from handlers.http import headers_of, taking_messages

# How long ACS waits for an answer is not documented: what could not be saved by then is found by
# the watch.
CALLBACK = Seconds(10)

blueprint = func.Blueprint()


@blueprint.route(
    route="api/callbacks/{call_id}", methods=["POST"], auth_level=func.AuthLevel.ANONYMOUS
)
@taking_messages
async def call_events(req: func.HttpRequest) -> func.HttpResponse:
    """Take one callback: 200 once all its events are dealt with.

    413 for a body that is too long; 401 without ACS's token; 404 for an unknown call, and for an
    event of another call; 400 for a body that holds no event; 503 while storage, ACS or the signing
    keys are not available.
    """
    call_id = req.route_params["call_id"]
    # Checked before the token: such an address was never given to ACS.
    if not is_call_id(call_id):
        raise NotFoundError("no such call")
    deadline = Deadline.after(CALLBACK)
    authorization = headers_of(req).get("authorization", "")
    await worker().proofs.callbacks.verify(authorization, lambda: call_id, deadline)
    await worker().callbacks.receive(call_id, parse_callbacks(req.get_body()), deadline)
    return func.HttpResponse(status_code=200)
