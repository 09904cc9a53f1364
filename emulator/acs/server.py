"""The ACS emulator as a web server."""

from collections.abc import AsyncIterator

import aiohttp
from aiohttp import web

from emulator.acs import control, control_people, rest
from emulator.acs.errors import ServiceError
from emulator.acs.resources import Resources
from emulator.acs.settings import Settings, SettingsError
from emulator.acs.signing import Signer
from emulator.acs.state import EMULATOR, Emulator
from emulator.own_machine import only_from_here
from emulator.serving import Handler, error, not_emulated, serve

__all__ = ["Settings", "SettingsError", "build_app", "run"]

# Other operations of Call Automation, and the other services of the resource: SMS, chat,
# identities.
_ANYTHING_ELSE = "/{anything:(?!emulator/|api/).*}"


async def run(settings: Settings) -> None:
    """Serve until SIGINT or SIGTERM."""
    await serve(build_app(settings), part="ACS", port=settings.port, variable="ACS_PORT")


def build_app(settings: Settings, signer: Signer | None = None) -> web.Application:
    """Return the emulator, ready to be served; it makes its own signing key unless given one."""
    keys = signer or Signer(settings.issuer, settings.resource_id)
    middlewares = [_add_error_shape, only_from_here]
    app = web.Application(middlewares=middlewares, client_max_size=4 * 1024**2)
    app.add_routes([*rest.routes(), *control.routes(), *control_people.routes()])
    app.router.add_route("*", _ANYTHING_ELSE, _not_emulated)

    async def resources(app: web.Application) -> AsyncIterator[None]:
        # Every stream keeps a connection: with aiohttp's limit of 100 the next call would wait.
        connector = aiohttp.TCPConnector(limit=0)
        async with aiohttp.ClientSession(connector=connector, trust_env=False) as http:
            app[EMULATOR] = Emulator(Resources(settings, http, keys))
            yield

    app.cleanup_ctx.append(resources)
    # Before the server waits for open connections: some stay open only because of these tasks.
    app.on_shutdown.append(_cancel_tasks)
    return app


async def _not_emulated(request: web.Request) -> web.Response:
    return not_emulated(f"{request.method} {request.path}")


async def _cancel_tasks(app: web.Application) -> None:
    await app[EMULATOR].resources.tasks.cancel()


@web.middleware
async def _add_error_shape(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        response = await handler(request)
    except ServiceError as refusal:
        response = refusal.response()
    except web.HTTPException as refusal:
        response = error(refusal.status, refusal.reason.replace(" ", ""), f"{refusal.reason}.")
    # The SDKs ask for this echo with every request (x-ms-return-client-request-id).
    if client_request_id := request.headers.get("x-ms-client-request-id"):
        response.headers["x-ms-client-request-id"] = client_request_id
    return response
