"""The functions host: an app in Microsoft's runtime, and its triggers, on one port.

Host and worker are one process, so killing it is a crash of both. `run` is the only entry point.
"""

import asyncio
import importlib
import logging
import os
import sys
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

from aiohttp import web

from emulator.functions_host import core_tools, event_grid, host_json, worker
from emulator.functions_host.admin import Admin
from emulator.functions_host.errors import AppError
from emulator.functions_host.event_grid import EventGridWebhook
from emulator.functions_host.http_trigger import HttpTrigger
from emulator.functions_host.keys import Keys
from emulator.functions_host.settings import Settings, complete_environ
from emulator.functions_host.timer_trigger import TimerTrigger
from emulator.functions_host.worker import Worker
from emulator.serving import not_emulated, serve

if TYPE_CHECKING:
    from emulator.functions_host.queue_trigger import QueueTrigger

__all__ = ["Settings", "run"]

# The real host's limit: https://learn.microsoft.com/azure/azure-functions/functions-bindings-http-webhook-trigger#limits
MAX_BODY = 100 * 1024 * 1024
# The real host was seen to wait 12 seconds and more; a local stack has to stop quickly.
DRAIN_SECONDS = 2

log = logging.getLogger(__name__)


async def run(settings: Settings) -> None:
    """Serve the app until SIGINT or SIGTERM. Raises AppError if it cannot be loaded."""
    complete_environ(settings, os.environ)
    if settings.core_tools:
        await core_tools.run(settings)
        return
    host = await Host.load(settings)
    application = host.application()
    await serve(
        application, part="the functions host", port=settings.port, variable="FUNCTIONS_PORT"
    )
    host.exit_if_busy()


class Host:
    """A loaded app and the triggers of its functions."""

    def __init__(self, settings: Settings, options: host_json.HostJson, worker: Worker) -> None:
        keys = Keys(settings.keys)
        self._worker = worker
        self._address = f"http://localhost:{settings.port}"
        self._http = HttpTrigger(worker, options, keys)
        self._webhook = EventGridWebhook(worker, keys)
        self._admin = Admin(worker, keys)
        self._timers = [
            TimerTrigger(worker, function) for function in worker.of_kind("timerTrigger").values()
        ]
        self._queues = _queue_triggers(worker, options, settings.queue_lease)
        self._listening: list[asyncio.Task[None]] = []
        self._drained = True

    @classmethod
    async def load(cls, settings: Settings) -> "Host":
        """Load the app. Raises AppError when it cannot be served."""
        directory = settings.app.resolve()
        configure_logging()
        options = host_json.read(directory, os.environ)
        return cls(settings, options, await worker.load(directory, options.function_timeout))

    def application(self) -> web.Application:
        """Return the web application, which starts and stops the other triggers with itself."""
        application = web.Application(client_max_size=MAX_BODY)
        self._admin.register(application.router)
        application.router.add_route("*", event_grid.PATH, self._webhook.handle)
        application.router.add_route("*", "/runtime/{rest:.*}", _other)
        # `(?s:` because a path may have a line break (%0A), which a plain dot does not match.
        application.router.add_route("*", "/{rest:(?s:.*)}", self._http.handle)
        application.on_startup.append(self._start)
        application.on_shutdown.append(self._stop)
        return application

    def exit_if_busy(self) -> None:
        """End the process at once if a function is still running."""
        if not self._drained:
            # A thread cannot be ended, and the interpreter waits for it.
            log.warning("Functions that still run are cut off")
            logging.shutdown()
            sys.stdout.flush()
            os._exit(0)

    async def _start(self, _: web.Application) -> None:
        names = ", ".join(function.name for function in self._worker.functions)
        log.info("functions: %s serves %s", self._address, names)
        runs = [timer.run() for timer in self._timers] + [queue.run() for queue in self._queues]
        self._listening = [asyncio.create_task(_log_exception(run)) for run in runs]

    async def _stop(self, _: web.Application) -> None:
        for task in self._listening:
            task.cancel()
        self._drained = await self._worker.drain(DRAIN_SECONDS)
        await asyncio.gather(*(queue.stop(within=1) for queue in self._queues))


def _queue_triggers(
    worker: Worker, options: host_json.HostJson, lease: int
) -> "list[QueueTrigger]":
    functions = worker.of_kind("queueTrigger").values()
    if not functions:
        return []
    # The storage SDK takes longer to import than all the rest of the host.
    queues = importlib.import_module("emulator.functions_host.queue_trigger")
    triggers = []
    for function in functions:
        # As the real host: this function is not called, the others are.
        try:
            triggers.append(queues.build(worker, function, options.queues, lease))
        except AppError as error:
            log.warning(
                "The listener for function '%s' was unable to start: %s", function.name, error
            )
    return triggers


async def _log_exception(listening: Coroutine[Any, Any, None]) -> None:
    """Log the exception that ends a trigger; failing functions and storage do not end one."""
    try:
        await listening
    except Exception:
        log.exception("A trigger has stopped")


async def _other(request: web.Request) -> web.Response:
    return not_emulated(request.path)


def configure_logging() -> None:
    """Print log lines without a prefix; the app may set its own levels, as in Azure."""
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    # In Azure the messages of the runtime itself go to the platform's log, not to the app's.
    logging.getLogger("azure.functions").setLevel(logging.CRITICAL)
