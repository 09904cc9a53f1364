"""The worker that calls the app's functions, and its successors when it dies.

What was in flight in a worker that dies fails; what comes later waits for the next one. The third
death in half an hour ends the host. A function that takes too long takes its worker with it: it
gets no more calls, and is ended with the last of those that it has.
"""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable, Coroutine
from typing import Any

from emulator.functions_host import pace, wire
from emulator.functions_host.bindings import is_disabled
from emulator.functions_host.errors import FunctionFailedError, WorkerDiedError
from emulator.functions_host.function import Function
from emulator.functions_host.host_json import HostJson
from emulator.functions_host.logs import CallLines
from emulator.functions_host.messages import TypedData
from emulator.functions_host.pace import Pace
from emulator.functions_host.worker_process import Starter, WorkerProcess

type Call = asyncio.Task[TypedData | None]

# Somebody waits for the answer.
_ANSWERED = ("httpTrigger", "eventGridTrigger")

log = logging.getLogger(__name__)


class Deaths:
    """The recent deaths of workers; the times are monotonic, in Azure's seconds."""

    def __init__(self) -> None:
        self._moments: deque[float] = deque(maxlen=pace.DEATHS)

    def add(self, moment: float) -> bool:
        """Note a death, and tell whether it is the one that ends the host."""
        self._moments.append(moment)
        first = self._moments[0]
        return len(self._moments) == pace.DEATHS and moment - first <= pace.DEATHS_SECONDS


class Workers:
    """Calls the app's functions, each in a task of its own."""

    def __init__(
        self, starter: Starter, options: HostJson, pace_: Pace, end: Callable[[str], None]
    ) -> None:
        self.functions: tuple[Function, ...] = ()
        self._starter = starter
        timeout = options.function_timeout
        self._timeout = timeout.total_seconds() if timeout is not None else None
        self._log_levels = options.log_levels
        self._pace = pace_
        self._end = end
        self._deaths = Deaths()
        self._ready = asyncio.Event()
        self._worker: WorkerProcess | None = None
        self._retired: set[WorkerProcess] = set()
        self._running: dict[Call, Function] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._closing = False

    @property
    def pids(self) -> list[int]:
        """The processes that have the app in them, the one that gets the calls first."""
        current = [self._worker] if self._worker else []
        return [worker.pid for worker in (*current, *self._retired)]

    async def start_first(self) -> str | None:
        """Start the first worker, and return why it has no functions, if so.

        Raises AppError when the app cannot be served.
        """
        worker = await self._starter.start()
        self.functions = worker.loaded.functions
        self._serve(worker)
        return worker.loaded.problem

    def of_kind(self, kind: str) -> dict[str, Function]:
        """Return the functions with that kind of trigger, by name, but for those turned off."""
        return {
            function.name: function
            for function in self.functions
            if function.kind == kind and not is_disabled(function.name)
        }

    def start(
        self,
        function: Function,
        data: TypedData,
        metadata: dict[str, TypedData] | None = None,
        trace_parent: str = "",
    ) -> Call:
        """Call `function`; the task returns its result or raises FunctionFailedError."""
        task = asyncio.create_task(self._call(function, data, metadata or {}, trace_parent))
        self._running[task] = function
        task.add_done_callback(self._ended)
        return task

    async def drain(self, answered: float, others: float) -> None:
        """Wait, with limits in seconds, for calls that somebody waits for, and for the others."""
        began = time.monotonic()
        pending = await self._wait(others, answered=False)
        pending += await self._wait(answered - (time.monotonic() - began), answered=True)
        for name in sorted({function.name for function in pending}):
            log.warning("Function '%s' still runs, and is cut off", name)

    async def close(self) -> None:
        """End the processes."""
        self._closing = True
        for worker in (*self._retired, *([self._worker] if self._worker else [])):
            worker.kill()
        await self._starter.close()

    async def _wait(self, seconds: float, *, answered: bool) -> list[Function]:
        """Wait for the calls of one sort, and return the functions that still run."""
        calls = [call for call, of in self._running.items() if (of.kind in _ANSWERED) == answered]
        if not calls:
            return []
        _, pending = await asyncio.wait(calls, timeout=max(0, seconds))
        return [self._running[call] for call in pending]

    def _ended(self, task: Call) -> None:
        del self._running[task]
        # The failure is logged already; asyncio would report it again where nobody awaits the call.
        if not task.cancelled():
            task.exception()

    async def _call(
        self,
        function: Function,
        data: TypedData,
        metadata: dict[str, TypedData],
        trace_parent: str,
    ) -> TypedData | None:
        failure = FunctionFailedError("")
        lines = CallLines(self._log_levels, function)
        lines.executing()
        try:
            outcome = await self._outcome(function, data, metadata, trace_parent)
        except WorkerDiedError as died:
            failure = died
        except TimeoutError:
            message = f"Timeout value of {self._timeout:g} s was exceeded by '{function.name}'"
            failure = FunctionFailedError(message)
        else:
            if outcome.failure is None:
                lines.executed(succeeded=True)
                return outcome.value
            failure = FunctionFailedError(outcome.failure, outcome.stack_trace)
        lines.executed(succeeded=False)
        log.error("Function '%s' failed: %s\n%s", function.name, failure, failure.stack_trace)
        raise failure

    async def _outcome(
        self,
        function: Function,
        data: TypedData,
        metadata: dict[str, TypedData],
        trace_parent: str,
    ) -> wire.Outcome:
        await self._ready.wait()
        worker = self._worker
        if worker is None:
            raise WorkerDiedError("there is no worker process")
        try:
            async with asyncio.timeout(self._timeout):
                return await worker.call(function, data, metadata, trace_parent)
        except TimeoutError:
            # https://learn.microsoft.com/azure/azure-functions/functions-host-json#functiontimeout
            self._replace(worker)
            raise
        finally:
            if worker in self._retired and worker.is_idle:
                worker.kill()

    def _replace(self, worker: WorkerProcess) -> None:
        if worker is self._worker:
            self._retired.add(worker)
            self._start_another()

    def _serve(self, worker: WorkerProcess) -> None:
        self._worker = worker
        self._spawn(worker.serve(lambda: self._gone(worker)))
        self._ready.set()

    def _gone(self, worker: WorkerProcess) -> None:
        if worker in self._retired:
            self._retired.discard(worker)
        elif not self._closing:
            log.error("The worker process %d has died", worker.pid)
            self._count_death()

    def _count_death(self) -> None:
        self._worker = None
        if self._deaths.add(self._pace.azure(time.monotonic())):
            self._end(f"{pace.DEATHS} worker processes have died within half an hour")
        else:
            self._start_another()

    def _start_another(self) -> None:
        self._worker = None
        self._ready.clear()
        self._spawn(self._start())

    async def _start(self) -> None:
        try:
            worker = await self._starter.start()
        except WorkerDiedError as died:
            log.error("%s", died)  # noqa: TRY400 (the message says it all)
            self._count_death()
            return
        log.info("The worker process %d has taken over", worker.pid)
        self._serve(worker)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
