"""Whether the app is up and configured, and nothing else."""

import azure.functions as func

from callscribe.bootstrap import problems
from handlers.http import json_answer

blueprint = func.Blueprint()


@blueprint.route(route="api/health", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
async def health(req: func.HttpRequest) -> func.HttpResponse:  # noqa: ARG001 - nothing is read
    """Answer that the app was loaded and runs; 503 with what is wrong where it cannot work."""
    if wrong := problems():
        return json_answer({"status": "notConfigured", "problems": wrong}, 503)
    return json_answer({"status": "ok"})
