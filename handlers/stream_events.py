"""The events of Web PubSub: those of streams, one after the other for each connection.

https://learn.microsoft.com/azure/azure-web-pubsub/reference-cloud-events
"""

import azure.functions as func

from callscribe.bootstrap import worker
from callscribe.foundation.deadline import Deadline
from callscribe.foundation.moments import Seconds
from callscribe.stream.dialled import dial_of
from callscribe.stream.upstream import is_connect, parse_upstream
from callscribe.trust.origins import allowed_origin
from handlers.http import headers_of, taking_messages
from handlers.stream_connect import let_in

# Web PubSub's team calls an event's handler up to four times within 100 s, 1, 3 and 5 s apart:
# four times 21 s leave each a fresh start (azure-webpubsub, pull request 1126). Not promised.
STREAM = Seconds(21)

blueprint = func.Blueprint()


@blueprint.route(
    route="api/stream",
    methods=["OPTIONS", "GET", "POST"],
    auth_level=func.AuthLevel.ANONYMOUS,
)
@taking_messages
async def stream_events(req: func.HttpRequest) -> func.HttpResponse:
    """Answer a validation, or take an event: 204 once it is stored, 200 for a ticket's `connect`.

    413 if it is too long, 401 without proof, 404 for an unknown call, 400 for an event that Web
    PubSub does not send, 503 while storage is not available. A frame that cannot be read is 204 as
    well: any 4xx would close the stream.
    """
    headers = headers_of(req)
    if req.method != "POST":
        return _validation(headers.get("webhook-request-origin", ""))
    deadline = Deadline.after(STREAM)

    def call_id() -> str:
        # A dial by ticket has no user yet, but names its call.
        return headers.get("ce-userid") or dial_of(req.get_body()).call_id

    await worker().proofs.upstream.verify(headers, req.params.get("code", ""), call_id, deadline)
    if is_connect(headers):
        return await let_in(headers, req.get_body(), deadline)
    event = parse_upstream(headers, req.get_body(), worker().clock.now())
    state = await worker().receiver.receive(event, deadline)
    # No body: Web PubSub would send it to ACS as a frame.
    return func.HttpResponse(
        status_code=204, headers={} if state is None else {"ce-connectionState": state}
    )


def _validation(origin: str) -> func.HttpResponse:
    """Allow our own Web PubSub to post here; the answer reveals nothing, so it needs no proof."""
    ours = allowed_origin(origin, worker().settings.webpubsub_endpoint)
    return func.HttpResponse(
        status_code=200, headers={"WebHook-Allowed-Origin": ours} if ours else {}
    )
