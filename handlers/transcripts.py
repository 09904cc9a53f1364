"""People's and programs' way in to what was said."""

import azure.functions as func

from callscribe.bootstrap import worker
from handlers.http import ANSWER_HEADERS, answering_errors

blueprint = func.Blueprint()


@blueprint.route(route="api/calls/{call_id}/transcript", methods=["GET"])
@answering_errors
async def show_transcript(req: func.HttpRequest) -> func.HttpResponse:
    """Show a transcript, as `format=json` (the default) or `format=text`."""
    wanted = req.params.get("format", "json")
    document = await worker().reading.transcript(req.route_params["call_id"], wanted)
    return func.HttpResponse(
        document.body, headers={**ANSWER_HEADERS, "Content-Type": document.content_type}
    )
