"""The API for viewers of a call."""

import azure.functions as func

from callscribe.bootstrap import worker
from handlers.http import answering_errors, json_answer

blueprint = func.Blueprint()


@blueprint.route(route="api/calls/{call_id}/live", methods=["POST"])
@answering_errors
async def watch_call(req: func.HttpRequest) -> func.HttpResponse:
    """Return an address that only receives, to watch one call; it can be used for an hour."""
    return json_answer(await worker().reading.viewer(req.route_params["call_id"]))
