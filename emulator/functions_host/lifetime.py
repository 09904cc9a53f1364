"""From its start to its end: whether the host runs, what makes it end, and how it stops."""

import asyncio
import logging
from collections.abc import Coroutine, Sequence
from typing import TYPE_CHECKING, Any

from emulator.functions_host.pace import (
    DRAIN_HTTP_SECONDS,
    DRAIN_OTHERS_SECONDS,
    STORAGE_GONE_SECONDS,
    STORAGE_REFUSED_SECONDS,
    Pace,
)
from emulator.functions_host.storage_watch import StorageWatch
from emulator.functions_host.timers import Timers
from emulator.functions_host.workers import Workers

if TYPE_CHECKING:
    from emulator.functions_host.queue_trigger import QueueTrigger

NO_STORAGE = "its storage refuses connections"

log = logging.getLogger(__name__)


class Lifetime:
    """The host's triggers, and what starts and ends them."""

    def __init__(self, storage: StorageWatch | None, pace: Pace) -> None:
        self.pace = pace
        self.cause: str | None = None
        self._storage = storage
        self._workers: Workers | None = None
        self._timers: Timers | None = None
        self._queues: Sequence[QueueTrigger] = ()
        self._ended = asyncio.Event()
        self._decided = asyncio.Event()
        self._runs = False
        self._tasks: list[asyncio.Task[None]] = []

    def add(self, workers: Workers, timers: Timers, queues: "Sequence[QueueTrigger]") -> None:
        """Add what is to be started and stopped."""
        self._workers, self._timers, self._queues = workers, timers, queues

    async def runs(self) -> bool:
        """Tell whether the host runs; while it starts, wait until that is known."""
        await self._decided.wait()
        return self._runs

    def end(self, cause: str) -> None:
        """End the host by itself."""
        self.cause = self.cause or cause
        self._ended.set()

    async def ended(self) -> None:
        """Return when the host ends by itself."""
        await self._ended.wait()

    def start(self) -> None:
        """Start, in the background if storage does not answer."""
        self._spawn(self._start())

    async def stop(self) -> None:
        """Stop the triggers, wait for what is in flight, and give back what the host holds."""
        for task in self._tasks:
            task.cancel()
        # Without storage the lock cannot be given back: it has to expire.
        if self._timers and self.cause != NO_STORAGE:
            self._timers.release()
        if self._workers:
            await self._drain(self._workers)
        await asyncio.gather(*(queue.stop(within=1) for queue in self._queues))

    async def _start(self) -> None:
        self._runs = self._storage is None or await self._storage.answers_at_start()
        self._decided.set()
        if not self._runs:
            log.error(
                "The host does not run, and will not until it is started anew: %s", NO_STORAGE
            )
            return
        if self._storage:
            self._spawn(self._watch(self._storage))
        if self._timers:
            self._spawn(self._timers.run())
        for queue in self._queues:
            self._spawn(queue.run())

    async def _watch(self, storage: StorageWatch) -> None:
        await storage.until_given_up()
        log.error("No more requests are accepted: %s", NO_STORAGE)
        self.end(NO_STORAGE)

    async def _drain(self, workers: Workers) -> None:
        if self.cause == NO_STORAGE:
            # It lives on for so long, whatever it still does.
            seconds = self.pace.real(STORAGE_GONE_SECONDS - STORAGE_REFUSED_SECONDS)
            await asyncio.gather(asyncio.sleep(seconds), workers.drain(seconds, seconds))
        elif self.cause is None:
            await workers.drain(
                self.pace.real(DRAIN_HTTP_SECONDS), self.pace.real(DRAIN_OTHERS_SECONDS)
            )

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        self._tasks.append(asyncio.create_task(_log_exception(work)))


async def _log_exception(work: Coroutine[Any, Any, None]) -> None:
    """Log the exception that ends a trigger; failing functions and storage do not end one."""
    try:
        await work
    except Exception:
        log.exception("A trigger has stopped")
