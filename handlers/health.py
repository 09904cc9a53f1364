"""Whether the app is up, and nothing else."""

import azure.functions as func

from handlers.http import json_answer

blueprint = func.Blueprint()


@blueprint.route(route="api/health", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
async def health(req: func.HttpRequest) -> func.HttpResponse:  # noqa: ARG001 - nothing is asked
    """Answer that the app has been loaded and runs."""
    return json_answer({"status": "ok"})
