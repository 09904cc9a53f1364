"""Web PubSub's way in: the stream's events, one after the other for each connection."""

import azure.functions as func

from callscribe.bootstrap import worker
from callscribe.stream.upstream import Kind, UpstreamEvent, parse_upstream
from callscribe.trust.signatures import allowed_origin
from handlers.http import answering_errors, headers_of

blueprint = func.Blueprint()


@blueprint.route(
    route="api/stream",
    methods=["OPTIONS", "GET", "POST"],
    auth_level=func.AuthLevel.ANONYMOUS,
)
@answering_errors
async def stream_events(req: func.HttpRequest) -> func.HttpResponse:
    """Answer a validation, or take an event: 204 once it is stored.

    401 without proof, 404 for an unknown call, 503 when storage stayed out. A frame that cannot be
    understood is 204 as well: any 4xx would hang up the stream.
    """
    headers = headers_of(req)
    if req.method != "POST":
        return _validation(headers.get("webhook-request-origin", ""))
    await worker().upstream.verify(headers, req.params.get("code", ""))
    event = parse_upstream(headers, req.get_body(), worker().clock.now())
    state = await _take(event)
    # No body: Web PubSub would send it to ACS as a frame.
    return func.HttpResponse(
        status_code=204, headers={"ce-connectionState": state} if state else {}
    )


def _validation(origin: str) -> func.HttpResponse:
    """Allow our own Web PubSub to post here; the answer reveals nothing, so it needs no proof."""
    ours = allowed_origin(origin, worker().settings.webpubsub_endpoint)
    return func.HttpResponse(
        status_code=200, headers={"WebHook-Allowed-Origin": origin} if ours else {}
    )


async def _take(event: UpstreamEvent) -> str:
    transcribing = worker().transcribing
    match event.kind:
        case Kind.CONNECT:
            return await transcribing.connect(event)
        case Kind.MESSAGE:
            return await transcribing.message(event)
        case Kind.DISCONNECTED:
            await transcribing.disconnected(event)
        case Kind.CONNECTED:
            pass  # `connect` has done it all, and no reply to this one counts
    return ""
