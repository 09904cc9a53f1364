"""The API of transcripts."""

import azure.functions as func

from callscribe.bootstrap import worker
from callscribe.transcripts.negotiation import unchanged
from callscribe.transcripts.parameters import parameters_of
from handlers.http import ANSWER_HEADERS, answering_errors, headers_of

blueprint = func.Blueprint()


@blueprint.route(route="api/calls/{call_id}/transcript", methods=["GET"])
@answering_errors
async def show_transcript(req: func.HttpRequest) -> func.HttpResponse:
    """Show a transcript in the format that is asked for, by `format` or by `Accept`.

    304 where `If-None-Match` names the version that the client has.
    """
    headers, params = headers_of(req), parameters_of(req.url, req.params)
    document = await worker().reading.transcript(
        req.route_params["call_id"], params, headers.get("accept")
    )
    # A 304 has the headers that the 200 would have:
    # https://www.rfc-editor.org/rfc/rfc9110#name-304-not-modified
    answer = {**ANSWER_HEADERS, "ETag": document.tag, "Vary": "Accept"}
    if unchanged(headers.get("if-none-match"), document.tag):
        return func.HttpResponse(status_code=304, headers=answer)
    answer["Content-Type"] = document.content_type
    answer["Content-Disposition"] = f'inline; filename="{document.file_name}"'
    return func.HttpResponse(document.body, headers=answer)
