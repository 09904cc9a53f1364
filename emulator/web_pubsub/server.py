"""The Web PubSub emulator as a web application: its parts and routes, and how it is served."""

from aiohttp import web

from emulator.own_machine import only_from_here
from emulator.serving import not_emulated, serve
from emulator.web_pubsub.admission import Admission
from emulator.web_pubsub.client_sockets import ClientSockets
from emulator.web_pubsub.connections import Connections
from emulator.web_pubsub.control import ControlApi
from emulator.web_pubsub.faults import Faults
from emulator.web_pubsub.hubs import Hubs
from emulator.web_pubsub.outbox import GOING_AWAY
from emulator.web_pubsub.rest import RestApi
from emulator.web_pubsub.settings import Settings
from emulator.web_pubsub.upstream import Upstream

__all__ = ["Settings", "build_app", "run"]

# https://learn.microsoft.com/azure/azure-web-pubsub/concept-service-limits
_BODY_LIMIT = 1024 * 1024


def build_app(settings: Settings) -> web.Application:
    """Return a new application with a state of its own."""
    hubs = Hubs(settings.hubs, settings.hub_defaults)
    connections, faults = Connections(), Faults()
    upstream = Upstream(settings, hubs, faults)
    admission = Admission(settings.access_keys, hubs, upstream, faults)
    sockets = ClientSockets(settings, admission, connections, upstream)

    async def close_connections(_app: web.Application) -> None:
        # The service gives this reason when it is maintained or scaled.
        connections.close_all(GOING_AWAY, "ServiceReload")

    app = web.Application(middlewares=[only_from_here], client_max_size=_BODY_LIMIT)
    app.add_routes(
        [
            web.get("/api/health", _health),
            web.get("/client/hubs/{hub}", sockets.serve),
            web.get("/client/", sockets.serve),
            web.route("*", "/clients/{other:.*}", _other_clients),
            *RestApi(settings.access_keys, connections, faults).routes(),
            *ControlApi(hubs, connections, upstream, faults).routes(),
        ]
    )
    app.cleanup_ctx.append(upstream.lifetime)
    app.on_shutdown.append(close_connections)
    return app


async def run(settings: Settings) -> None:
    """Serve until SIGINT or SIGTERM. Raises PortTakenError when the port is in use."""
    app = build_app(settings)
    await serve(app, part="Web PubSub", port=settings.port, variable="WEBPUBSUB_PORT")


async def _other_clients(request: web.Request) -> web.Response:
    return not_emulated(f"{request.path}, for clients of MQTT and Socket.IO,")


# An empty 200: Microsoft's clients ask with HEAD.
async def _health(_request: web.Request) -> web.Response:
    return web.Response()
