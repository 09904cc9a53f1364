"""The API of routes: what is done about calls to whom."""

import azure.functions as func

from callscribe.bootstrap import worker
from callscribe.foundation.errors import BadInputError
from callscribe.people.routes import Condition, Kept
from callscribe.transcripts.parameters import expect_only, parameters_of
from handlers.calls import BY_KEY
from handlers.http import answering_errors, headers_of, json_answer

blueprint = func.Blueprint()


@blueprint.route(route="api/routes", methods=["GET"])
@answering_errors
async def list_routes(req: func.HttpRequest) -> func.HttpResponse:
    """List all routes."""
    expect_only(parameters_of(req.url, req.params), ())
    return json_answer(await worker().routes.list())


@blueprint.route(route="api/routes/{participant}", methods=["GET"])
@answering_errors
async def show_route(req: func.HttpRequest) -> func.HttpResponse:
    """Show a route and its version."""
    return _answer(await worker().routes.show(req.route_params["participant"]))


@blueprint.route(route="api/routes/{participant}", methods=["PUT"])
@answering_errors
async def put_route(req: func.HttpRequest) -> func.HttpResponse:
    """Make a route, or replace it."""
    key, condition = req.route_params["participant"], _condition(headers_of(req))
    return _answer(await worker().routes.put(key, req.get_body(), BY_KEY, condition))


@blueprint.route(route="api/routes/{participant}", methods=["DELETE"])
@answering_errors
async def delete_route(req: func.HttpRequest) -> func.HttpResponse:
    """Delete a route."""
    await worker().routes.delete(req.route_params["participant"], _condition(headers_of(req)))
    return func.HttpResponse(status_code=204)


def _condition(headers: dict[str, str]) -> Condition:
    """Read the headers of a conditional request: https://www.rfc-editor.org/rfc/rfc9110#section-13.

    Raises BadInputError for what is no condition of one version.
    """
    at, absent = headers.get("if-match"), headers.get("if-none-match")
    if absent is not None and absent != "*":
        raise BadInputError("If-None-Match: expected *", "If-None-Match")
    if absent is not None and at is not None:
        raise BadInputError("If-Match: expected it without If-None-Match", "If-Match")
    return Condition(at, absent=absent is not None)


def _answer(kept: Kept) -> func.HttpResponse:
    status = 201 if kept.created else 200
    return json_answer(kept.shown, status, {"ETag": kept.etag})
