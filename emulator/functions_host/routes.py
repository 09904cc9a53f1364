"""All routes of the host: its own, the webhooks, and those of the app's HTTP functions."""

import logging
from http import HTTPStatus

from aiohttp import web

from emulator.functions_host import body_size, event_grid
from emulator.functions_host.admin import Admin
from emulator.functions_host.event_grid import EventGridWebhook
from emulator.functions_host.front import readable
from emulator.functions_host.host_json import HostJson
from emulator.functions_host.http_trigger import HttpTrigger
from emulator.functions_host.keys import Keys
from emulator.functions_host.lifetime import Lifetime
from emulator.functions_host.settings import Settings
from emulator.functions_host.workers import Workers
from emulator.own_machine import only_from_here
from emulator.serving import Handler, not_emulated

# In these words, and to every request: https://github.com/Azure/azure-functions-host/blob/dev/src/WebJobs.Script.WebHost/Middleware/HostAvailabilityCheckMiddleware.cs
NOT_RUNNING = "Function host is not running."

log = logging.getLogger(__name__)


class Routes:
    """Answers requests while the host runs."""

    def __init__(
        self,
        workers: Workers,
        options: HostJson,
        settings: Settings,
        lifetime: Lifetime,
        longest_body: int = body_size.USUAL,
    ) -> None:
        keys = Keys(settings)
        self._address = f"http://localhost:{settings.port}"
        self._workers = workers
        self._lifetime = lifetime
        self._longest_body = longest_body
        self._http = HttpTrigger(workers, options, keys, longest_body)
        self._webhook = EventGridWebhook(workers, keys)
        self._admin = Admin(workers, keys)

    def application(self) -> web.Application:
        """Return the web application, which starts and stops the other triggers with itself."""
        refuse = (body_size.at_most(self._longest_body), only_from_here)
        application = web.Application(
            # One more: aiohttp refuses what has just as many.
            client_max_size=self._longest_body + 1,
            middlewares=[readable, self._while_running, *refuse],
        )
        self._admin.register(application.router)
        application.router.add_route("*", event_grid.PATH, self._webhook.handle)
        application.router.add_route("*", "/runtime/{rest:.*}", _other)
        # `(?s:` because a path may have a line break (%0A), which a plain dot does not match.
        application.router.add_route("*", "/{rest:(?s:.*)}", self._http.handle)
        application.on_startup.append(self._start)
        application.on_shutdown.append(self._stop)
        return application

    async def _start(self, _: web.Application) -> None:
        names = ", ".join(function.name for function in self._workers.functions)
        log.info("functions: %s serves %s", self._address, names or "none")
        self._lifetime.start()

    async def _stop(self, _: web.Application) -> None:
        await self._lifetime.stop()

    @web.middleware
    async def _while_running(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if await self._lifetime.runs():
            return await handler(request)
        return web.Response(status=HTTPStatus.SERVICE_UNAVAILABLE, text=NOT_RUNNING)


async def _other(request: web.Request) -> web.Response:
    return not_emulated(request.path)
