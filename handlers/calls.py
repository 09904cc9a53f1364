"""The API of calls: list and show them, place, join and control them."""

import azure.functions as func

from callscribe.bootstrap import worker
from callscribe.calls.placing import Placed
from callscribe.calls.requests import KEY_HEADER, key_in
from callscribe.foundation.deadline import Deadline
from callscribe.foundation.json_input import Json
from callscribe.foundation.moments import iso
from callscribe.transcripts.parameters import parameters_of
from handlers.http import REQUEST, answering_errors, headers_of, json_answer

blueprint = func.Blueprint()

# Who has a function key is known by nothing else.
BY_KEY = "key"


@blueprint.route(route="api/calls", methods=["GET"])
@answering_errors
async def list_calls(req: func.HttpRequest) -> func.HttpResponse:
    """List calls, newest first."""
    params = parameters_of(req.url, req.params)
    return json_answer(await worker().reading.list_calls(params))


@blueprint.route(route="api/calls", methods=["POST"])
@answering_errors
async def place_call(req: func.HttpRequest) -> func.HttpResponse:
    """Place a call, join one, or expect one of another application."""
    key = key_in(headers_of(req).get(KEY_HEADER.lower()))
    deadline = Deadline.after(REQUEST)
    placed = await worker().placing.place(req.get_body(), key, BY_KEY, deadline)
    location = {"Location": f"/api/calls/{placed.call.id}"}
    return json_answer(await _shown(placed.call.id, _stream(placed)), 201, location)


@blueprint.route(route="api/calls/{call_id}", methods=["GET"])
@answering_errors
async def show_call(req: func.HttpRequest) -> func.HttpResponse:
    """Show a call with its report and its timeline."""
    return json_answer(await worker().reading.show_call(req.route_params["call_id"]))


@blueprint.route(route="api/calls/{call_id}/hangup", methods=["POST"])
@answering_errors
async def hang_up(req: func.HttpRequest) -> func.HttpResponse:
    """Hang up: end the call for everyone, or leave it."""
    call_id, deadline = req.route_params["call_id"], Deadline.after(REQUEST)
    said = await worker().controlling.hang_up(call_id, req.get_body(), BY_KEY, deadline)
    return json_answer(await _shown(call_id, said), 202)


@blueprint.route(route="api/calls/{call_id}/transcription/{action}", methods=["POST"])
@answering_errors
async def control_transcription(req: func.HttpRequest) -> func.HttpResponse:
    """Start, stop or update the transcription of a call."""
    call_id, action = req.route_params["call_id"], req.route_params["action"]
    control, deadline = worker().controlling, Deadline.after(REQUEST)
    said = await control.transcription(call_id, action, req.get_body(), BY_KEY, deadline)
    return json_answer(await _shown(call_id, said), 202)


@blueprint.route(route="api/calls/{call_id}/labels", methods=["PUT"])
@answering_errors
async def label_call(req: func.HttpRequest) -> func.HttpResponse:
    """Have a call carry these labels, and no others."""
    call_id, deadline = req.route_params["call_id"], Deadline.after(REQUEST)
    await worker().labelling.change(call_id, req.get_body(), BY_KEY, deadline)
    return json_answer(await _shown(call_id, {}))


@blueprint.route(route="api/calls/{call_id}/end", methods=["POST"])
@answering_errors
async def end_call(req: func.HttpRequest) -> func.HttpResponse:
    """Note that a call that another application keeps is over."""
    call_id, deadline = req.route_params["call_id"], Deadline.after(REQUEST)
    said = await worker().controlling.end(call_id, req.get_body(), BY_KEY, deadline)
    return json_answer(await _shown(call_id, said), 202)


@blueprint.route(route="api/calls/{call_id}/stream", methods=["POST"])
@answering_errors
async def new_stream_address(req: func.HttpRequest) -> func.HttpResponse:
    """Return another address for the stream of a call that another application keeps."""
    call_id, deadline = req.route_params["call_id"], Deadline.after(REQUEST)
    placed = await worker().controlling.stream(call_id, req.get_body(), BY_KEY, deadline)
    return json_answer(_stream(placed))


async def _shown(call_id: str, besides: Json) -> Json:
    return await worker().reading.show_call(call_id) | besides


def _stream(placed: Placed) -> Json:
    if placed.url is None or placed.until is None:
        return {}
    return {"stream": {"url": placed.url, "until": iso(placed.until)}}
