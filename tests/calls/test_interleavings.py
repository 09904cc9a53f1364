"""Two services at work on one call, interleaved between any two effects, with crashes and losses.

Whatever comes, in whatever order: once it is quiet, the call is as ACS has it, it is listed as
active just as long as it is up, and transcription runs as wanted; never two starts at once.
"""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from callscribe.calls.call import State
from callscribe.calls.call_events import Callbacks, CallEvent
from callscribe.calls.events import StreamClosed, StreamOpened, Woken
from callscribe.calls.transcription import Operation, OperationKind
from callscribe.foundation.deadline import Deadline
from callscribe.foundation.errors import CallscribeError, ConflictError, StorageUnavailableError
from callscribe.foundation.jobs import Job
from callscribe.foundation.moments import Seconds
from tests.fakes.clock import VirtualLoop
from tests.fakes.telephony import FakeTelephony, Up
from tests.fakes.wire import incoming
from tests.fakes.world import CALL_ID, CONNECTION, World

LONG = Seconds(10_000)
TROUBLES = (ConflictError("changed"), StorageUnavailableError("no reply"))


@dataclass
class Worker:
    """Something that the app does, which waits before each of its effects."""

    task: "asyncio.Task[None]"
    turn: asyncio.Event = field(default_factory=asyncio.Event)
    trouble: Exception | None = None


class Acs(FakeTelephony):
    """ACS, which tells of what it does by callbacks that somebody else delivers."""

    def __init__(self) -> None:
        super().__init__()
        self.callbacks: list[tuple[str, int | None]] = []
        self.beside = 0

    async def transcribe(self, connection_id: str, operation: Operation) -> None:
        up = self.up.get(connection_id)
        if up is not None and operation.kind is OperationKind.START and up.runs is not None:
            self.beside += 1
        await super().transcribe(connection_id, operation)
        told = {OperationKind.START: "Started", OperationKind.UPDATE: "Updated"}
        kind = told.get(operation.kind, "Stopped")
        self.callbacks.append((f"Transcription{kind}", operation.number))


class Interleavings(RuleBasedStateMachine):
    """The rules are what can happen; `finish` lets everything come to an end, and looks."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = VirtualLoop()
        self.run(self._begin())

    async def _begin(self) -> None:
        self.world = World()
        self.acs = self.world.telephony = Acs()
        self.workers: list[Worker] = []
        self.counted = 0
        for part in (self.world.calls, self.world.transcripts, self.world.jobs, self.acs):
            part.gate = self._gate

    def run[T](self, work: Coroutine[Any, Any, T]) -> T:
        return self.loop.run_until_complete(work)

    # --- the app at work ------------------------------------------------------------------------

    async def _gate(self, _method: str) -> None:
        mine = next((each for each in self.workers if each.task is asyncio.current_task()), None)
        if mine is None:
            return
        await mine.turn.wait()
        mine.turn.clear()
        trouble, mine.trouble = mine.trouble, None
        if trouble is not None:
            raise trouble

    def _start(self, work: Callable[[], Coroutine[Any, Any, Any]]) -> None:
        async def begin() -> None:
            async def whole() -> None:
                # What is refused may come again.
                with suppress(CallscribeError):
                    await work()

            self.workers.append(Worker(asyncio.ensure_future(whole())))
            await self._settle()

        self.run(begin())

    async def _settle(self) -> None:
        for _ in range(50):
            await asyncio.sleep(0)
        self.workers = [each for each in self.workers if not each.task.done()]

    def _deliver(self, kind: str, number: int | None = None) -> None:
        self.counted += 1
        event = CallEvent(
            id=f"{kind}-{self.counted}",
            type=kind,
            time=None,
            call_connection_id=CONNECTION,
            code=500 if kind == "TranscriptionFailed" else 200,
            context=None if number is None else f"t{number}",
        )
        self._start(
            lambda: self.world.callbacks.receive(
                CALL_ID, Callbacks((event,), ()), Deadline.after(LONG)
            )
        )

    @initialize()
    def it_rings(self) -> None:
        self._start(lambda: self.world.deliver(incoming()))

    @rule()
    def it_rings_again(self) -> None:
        self._start(lambda: self.world.deliver(incoming()))

    @rule()
    def the_watch_comes(self) -> None:
        self._start(self.world.watch.reconcile)

    @rule()
    def the_queue_wakes(self) -> None:
        self._start(lambda: self.world.runner.run(Job("wake", CALL_ID)))

    @precondition(lambda self: CONNECTION in self.acs.up)
    @rule(again=st.booleans())
    def acs_says_that_it_is_connected(self, *, again: bool) -> None:
        self._deliver("CallConnected")
        if again:
            self._deliver("CallConnected")

    @precondition(lambda self: self.acs.callbacks)
    @rule(lost=st.booleans(), index=st.integers(0, 3))
    def acs_tells_of_an_operation(self, *, lost: bool, index: int) -> None:
        kind, number = self.acs.callbacks.pop(index % len(self.acs.callbacks))
        if not lost:
            self._deliver(kind, number)

    @precondition(lambda self: CONNECTION in self.acs.up)
    @rule()
    def a_stream_is_opened(self) -> None:
        if self.acs.up[CONNECTION].runs is not None:
            self._start(lambda: self._tell(StreamOpened(CONNECTION)))

    @precondition(lambda self: CONNECTION in self.acs.up)
    @rule(told=st.booleans())
    def acs_loses_the_stream(self, *, told: bool) -> None:
        self.acs.up[CONNECTION].runs = None
        self._start(lambda: self._tell(StreamClosed()))
        if told:
            self._deliver("TranscriptionFailed")

    @precondition(lambda self: CONNECTION in self.acs.up)
    @rule(told=st.booleans())
    def they_hang_up(self, *, told: bool) -> None:
        del self.acs.up[CONNECTION]
        if told:
            self._deliver("CallDisconnected")

    async def _tell(self, event: StreamOpened | StreamClosed | Woken) -> None:
        await self.world.effects.tell(CALL_ID, event, None, Deadline.after(LONG))

    # --- what happens to it ---------------------------------------------------------------------

    @precondition(lambda self: self.workers)
    @rule(which=st.integers(0, 7), count=st.integers(1, 4))
    def a_worker_goes_on(self, which: int, count: int) -> None:
        self.run(self._go_on(which, count))

    async def _go_on(self, which: int, count: int) -> None:
        for _ in range(count):
            if self.workers:
                self.workers[which % len(self.workers)].turn.set()
                await self._settle()

    @precondition(lambda self: self.workers)
    @rule(which=st.integers(0, 7))
    def a_worker_dies(self, which: int) -> None:
        async def die() -> None:
            self.workers[which % len(self.workers)].task.cancel()
            await self._settle()

        self.run(die())

    @precondition(lambda self: self.workers)
    @rule(which=st.integers(0, 7), trouble=st.sampled_from(TROUBLES))
    def storage_is_in_trouble(self, which: int, trouble: Exception) -> None:
        self.workers[which % len(self.workers)].trouble = trouble
        self.run(self._go_on(which, 1))

    @rule(seconds=st.sampled_from([1, 5, 15, 40]))
    def time_passes(self, seconds: int) -> None:
        async def wait() -> None:
            await asyncio.sleep(seconds)
            await self._settle()

        self.run(wait())

    # --- what holds -----------------------------------------------------------------------------

    @invariant()
    def never_two_starts_at_once(self) -> None:
        assert self.acs.beside == 0

    @invariant()
    def one_answer(self) -> None:
        assert len(self.acs.answers) <= 1

    def teardown(self) -> None:
        try:
            self.run(self._finish())
        finally:
            self.loop.close()

    async def _finish(self) -> None:
        while self.workers:
            for each in self.workers:
                each.turn.set()
            await asyncio.sleep(0.01)
            await self._settle()
        for part in (self.world.calls, self.world.transcripts, self.world.jobs, self.acs):
            part.gate = None
        for _ in range(30):
            await asyncio.sleep(15)
            await self.world.watch.reconcile()
            for job in self.world.jobs.take():
                await self.world.runner.run(job)
        self._check()

    def _check(self) -> None:
        calls = self.world.calls
        if CALL_ID not in calls.saved:
            assert CALL_ID not in calls.rows
            return
        call, up = calls.call(CALL_ID), self.acs.up.get(CONNECTION, Up("gone"))
        if up.state == "connected" and call.connection_id is not None:
            assert call.state is State.CONNECTED, call.state
            assert CALL_ID in calls.rows, "nobody looks after a call that is up"
            assert up.runs == "en-US", "not transcribed as wanted"
        elif CONNECTION not in self.acs.up:
            assert call.terminal, call.state
            assert CALL_ID not in calls.rows, "a call that is over is still listed"


TestInterleavings = Interleavings.TestCase
TestInterleavings.settings = settings(
    max_examples=150,
    stateful_step_count=30,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
