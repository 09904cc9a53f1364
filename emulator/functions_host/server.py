"""The functions host: an app in a worker process, and its triggers, on one port.

`run` is the only entry point.
"""

import importlib
import logging
import os
from pathlib import Path
from typing import TYPE_CHECKING

from emulator.functions_host import body_size, core_tools, host_json
from emulator.functions_host.bindings import HOST_STORAGE
from emulator.functions_host.errors import AppError, HostEndedError
from emulator.functions_host.lifetime import Lifetime
from emulator.functions_host.logs import configure_logging
from emulator.functions_host.pace import Pace
from emulator.functions_host.routes import Routes
from emulator.functions_host.settings import Settings, complete_environ
from emulator.functions_host.storage_watch import StorageWatch
from emulator.functions_host.timer_state import TimerState
from emulator.functions_host.timer_trigger import TimerTrigger
from emulator.functions_host.timers import Timers
from emulator.functions_host.worker_process import Starter
from emulator.functions_host.workers import Workers
from emulator.serving import serve

if TYPE_CHECKING:
    from emulator.functions_host.queue_trigger import QueueTrigger

__all__ = ["Settings", "run"]

log = logging.getLogger(__name__)


async def run(settings: Settings) -> None:
    """Serve the app until SIGINT or SIGTERM.

    Raises AppError if it cannot be served, HostEndedError where the real host would end by itself.
    """
    complete_environ(settings, os.environ)
    if settings.core_tools:
        await core_tools.run(settings)
        return
    directory = settings.app.resolve()
    _check(directory)
    configure_logging()
    options = host_json.read(directory, os.environ, os.process_cpu_count() or 1)
    pace = Pace(settings.speed)
    lifetime = Lifetime(_storage(pace), pace)
    workers = Workers(Starter(directory), options, pace, lifetime.end)
    try:
        await _serve(settings, options, lifetime, workers)
    finally:
        await workers.close()
    if lifetime.cause:
        raise HostEndedError(f"the host has ended: {lifetime.cause}")


async def _serve(
    settings: Settings, options: host_json.HostJson, lifetime: Lifetime, workers: Workers
) -> None:
    problem = await workers.start_first()
    if problem is not None:
        # The real host says nothing of it, on no console and in no log that was looked at.
        log.error(
            "%s\n\nThe host runs without any function, as the real one does, "
            "and every route is 404.",
            problem,
        )
    state = TimerState(settings.data, lifetime.pace)
    triggers = [
        TimerTrigger(workers, function, state)
        for function in workers.of_kind("timerTrigger").values()
    ]
    timers = Timers(triggers, state, options.singleton, lifetime.pace)
    lifetime.add(workers, timers, _queue_triggers(workers, options, settings.queue_lease))
    longest = body_size.limit(os.environ)
    application = Routes(workers, options, settings, lifetime, longest).application()
    await serve(
        application,
        part="the functions host",
        port=settings.port,
        variable="FUNCTIONS_PORT",
        until=lifetime.ended,
        # The real host gives every body on as it came.
        unpacks=False,
    )


def _check(directory: Path) -> None:
    try:
        os.scandir(directory).close()
    except OSError as error:
        raise AppError(f"FUNCTIONS_APP: {directory}: {error.strerror}") from error


def _storage(pace: Pace) -> StorageWatch | None:
    """Return the watch over the host's storage; an app without one is served all the same."""
    connection = os.environ.get(HOST_STORAGE)
    return StorageWatch(connection, pace) if connection else None


def _queue_triggers(
    workers: Workers, options: host_json.HostJson, lease: int
) -> "list[QueueTrigger]":
    functions = workers.of_kind("queueTrigger").values()
    if not functions:
        return []
    # The storage SDK takes longer to import than all the rest of the host.
    queues = importlib.import_module("emulator.functions_host.queue_trigger")
    triggers = []
    for function in functions:
        # As the real host: this function is not called, the others are.
        try:
            triggers.append(queues.build(workers, function, options.queues, lease))
        except AppError as error:
            log.warning(
                "The listener for function '%s' was unable to start: %s", function.name, error
            )
    return triggers
