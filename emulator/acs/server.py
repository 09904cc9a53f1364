"""The ACS emulator as a web server."""

from collections.abc import AsyncIterator

import aiohttp
from aiohttp import web

from emulator.acs import control, rest
from emulator.acs.errors import ServiceError
from emulator.acs.resources import Resources
from emulator.acs.settings import Settings, SettingsError
from emulator.acs.signing import Signer
from emulator.acs.state import EMULATOR, Emulator
from emulator.serving import Handler, error, not_emulated, serve

__all__ = ["Settings", "SettingsError", "build_app", "run"]

# Other operations of Call Automation, and SMS, chat, identities and more beside it.
_ANYTHING_ELSE = "/{anything:(?!emulator/|api/).*}"


async def run(settings: Settings) -> None:
    """Serve until SIGINT or SIGTERM."""
    await serve(build_app(settings), part="ACS", port=settings.port, variable="ACS_PORT")


def build_app(settings: Settings, signer: Signer | None = None) -> web.Application:
    """Return the emulator, ready to be served; it makes its own signing key unless given one."""
    keys = signer or Signer(settings.issuer, settings.resource_id)
    app = web.Application(middlewares=[_answer_in_the_one_shape], client_max_size=4 * 1024**2)
    app.add_routes([*rest.routes(), *control.routes()])
    app.router.add_route("*", _ANYTHING_ELSE, _anything_else)

    async def resources(app: web.Application) -> AsyncIterator[None]:
        connector = aiohttp.TCPConnector(limit=0)
        async with aiohttp.ClientSession(connector=connector, trust_env=False) as http:
            app[EMULATOR] = Emulator(Resources(settings, http, keys))
            yield

    app.cleanup_ctx.append(resources)
    # Before the server waits for its connections: the app's own may be open because of ours.
    app.on_shutdown.append(_hang_up_everything)
    return app


async def _anything_else(request: web.Request) -> web.Response:
    return not_emulated(f"{request.method} {request.path}")


async def _hang_up_everything(app: web.Application) -> None:
    await app[EMULATOR].resources.tasks.cancel()


@web.middleware
async def _answer_in_the_one_shape(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        response = await handler(request)
    except ServiceError as refusal:
        response = refusal.response()
    except web.HTTPException as refusal:
        response = error(refusal.status, refusal.reason.replace(" ", ""), f"{refusal.reason}.")
    if client_request_id := request.headers.get("x-ms-client-request-id"):
        response.headers["x-ms-client-request-id"] = client_request_id
    return response
