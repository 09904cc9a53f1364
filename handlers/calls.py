"""The API of calls: list and show them; placing and control come later."""

import azure.functions as func

from callscribe.bootstrap import worker
from callscribe.foundation.errors import NotBuiltError
from callscribe.transcripts.parameters import parameters_of
from handlers.http import answering_errors, json_answer

blueprint = func.Blueprint()


@blueprint.route(route="api/calls", methods=["GET"])
@answering_errors
async def list_calls(req: func.HttpRequest) -> func.HttpResponse:
    """List calls, newest first."""
    params = parameters_of(req.url, req.params)
    return json_answer(await worker().reading.list_calls(params))


@blueprint.route(route="api/calls", methods=["POST"])
@answering_errors
async def place_call(req: func.HttpRequest) -> func.HttpResponse:  # noqa: ARG001 - to be built
    """Say that calls cannot be placed yet."""
    raise NotBuiltError("placing calls is not built yet")


@blueprint.route(route="api/calls/{call_id}", methods=["GET"])
@answering_errors
async def show_call(req: func.HttpRequest) -> func.HttpResponse:
    """Show a call with its report and its timeline."""
    return json_answer(await worker().reading.show_call(req.route_params["call_id"]))


@blueprint.route(route="api/calls/{call_id}/hangup", methods=["POST"])
@answering_errors
async def hang_up(req: func.HttpRequest) -> func.HttpResponse:  # noqa: ARG001 - to be built
    """Say that calls cannot be hung up yet."""
    raise NotBuiltError("hanging up is not built yet")


@blueprint.route(route="api/calls/{call_id}/transcription/{action}", methods=["POST"])
@answering_errors
async def control_transcription(req: func.HttpRequest) -> func.HttpResponse:  # noqa: ARG001
    """Say that transcription cannot be controlled yet."""
    raise NotBuiltError("controlling transcription is not built yet")
