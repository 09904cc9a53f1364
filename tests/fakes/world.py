"""The services over fakes, and what happens to the usual call."""

import asyncio
import json
from collections.abc import Coroutine
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from callscribe.bootstrap import answer_options
from callscribe.calls.answering import Answering
from callscribe.calls.call import Call, Direction, State, Transcription
from callscribe.calls.call_events import Callbacks, CallEvent
from callscribe.calls.callbacks import CallbackReceiver
from callscribe.calls.effects import Effects
from callscribe.foundation.errors import StorageUnavailableError, TelephonyUnavailableError
from callscribe.foundation.identifiers import new_call_id
from callscribe.foundation.moments import Ms
from callscribe.jobs.runner import Runner
from callscribe.jobs.watch import Watch
from callscribe.people.attendance import Attendance
from callscribe.reports.finishing import Finishing
from callscribe.settings.settings import Settings
from callscribe.stream.receiving import StreamReceiver
from callscribe.stream.upstream import Kind, UpstreamEvent, parse_upstream
from callscribe.transcripts.reading import Reading
from tests.fakes.calls import FakeCallStore
from tests.fakes.clock import START, FakeClock
from tests.fakes.hubs import FakeLiveFeed, FakeStreamHub
from tests.fakes.jobs import FakeJobQueue
from tests.fakes.settings import settings
from tests.fakes.telephony import FakeTelephony, Up, connection_of
from tests.fakes.transcripts import FakeTranscriptStore

CALLER, CALLEE = "4:+14255550123", "4:+18005550199"
CALL_ID = new_call_id(START, "event-1")
CONNECTION = connection_of(CALL_ID)
STREAM = "stream-connection"
TAG = f"{START:013d}"
"""That of a stream which is opened at once."""
LOST = StorageUnavailableError("no reply")
BUSY = TelephonyUnavailableError("ACS answered 503", http_status=503)


@dataclass
class World:
    """One app and its neighbours."""

    settings: Settings = field(default_factory=settings)
    clock: FakeClock = field(default_factory=FakeClock)
    calls: FakeCallStore = field(default_factory=FakeCallStore)
    transcripts: FakeTranscriptStore = field(default_factory=FakeTranscriptStore)
    telephony: FakeTelephony = field(default_factory=FakeTelephony)
    stream: FakeStreamHub = field(default_factory=FakeStreamHub)
    feed: FakeLiveFeed = field(default_factory=FakeLiveFeed)

    @cached_property
    def jobs(self) -> FakeJobQueue:
        return FakeJobQueue(self.clock)

    @property
    def answering(self) -> Answering:
        return Answering(
            self.calls,
            self.transcripts,
            self.telephony,
            self.stream,
            self.effects,
            self.clock,
            answer_options(self.settings),
        )

    @property
    def effects(self) -> Effects:
        times = self.settings.times
        return Effects(
            self.calls,
            self.telephony,
            self.jobs,
            self.feed,
            self.clock,
            times.finish_delay,
            times.storage_patience,
        )

    @property
    def callbacks(self) -> CallbackReceiver:
        patience = self.settings.times.storage_patience
        return CallbackReceiver(
            self.calls, self.transcripts, self.people, self.effects, self.clock, patience
        )

    @property
    def people(self) -> Attendance:
        return Attendance(self.calls, self.transcripts)

    @property
    def receiver(self) -> StreamReceiver:
        times = self.settings.times
        return StreamReceiver(
            self.calls,
            self.transcripts,
            self.jobs,
            self.feed,
            self.clock,
            times.storage_patience,
            times.finish_delay,
        )

    @property
    def finishing(self) -> Finishing:
        gap = self.settings.times.gap
        return Finishing(self.calls, self.transcripts, self.people, self.feed, self.clock, gap)

    @property
    def watch(self) -> Watch:
        times = self.settings.times
        return Watch(
            self.calls,
            self.transcripts,
            self.telephony,
            self.effects,
            self.clock,
            times.confirm,
            times.quiet,
            times.answer_until,
        )

    @property
    def runner(self) -> Runner:
        return Runner(
            self.calls, self.telephony, self.jobs, self.effects, self.finishing, self.clock
        )

    @property
    def reading(self) -> Reading:
        return Reading(self.calls, self.transcripts, self.feed, self.clock)

    @property
    def call(self) -> Call:
        """The usual call as it is stored."""
        return self.calls.call(CALL_ID)

    def given(self, **changes: Any) -> Call:
        """Have the usual call stored: connected and transcribed, but for the changes."""
        call = replace(self.usual(), **changes)
        if call.connection_id and not call.terminal:
            transcribing = call.transcription is Transcription.ACTIVE
            self.telephony.up[call.connection_id] = Up(transcribing=transcribing)
        return self.calls.put(call)

    def usual(self) -> Call:
        return Call(
            id=CALL_ID,
            direction=Direction.INBOUND,
            state=State.CONNECTED,
            caller=CALLER,
            callee=CALLEE,
            rang_at=START,
            transcription=Transcription.ACTIVE,
            transcription_at=Ms(START + 1_000),
            transcription_attempts=1,
            locale="en-US",
            connection_id=CONNECTION,
            answered_at=Ms(START + 500),
            connected_at=Ms(START + 1_000),
            lease_id="lease",
            lease_until=Ms(START + 8_000),
            drives=1,
        )

    def event(self, kind: str, **changes: Any) -> CallEvent:
        """Return a callback of the usual call that happens now."""
        usual: dict[str, Any] = {
            "id": f"{kind}-{self.clock.now()}",
            "type": kind,
            "time": self.clock.now(),
            "call_connection_id": CONNECTION,
        }
        return CallEvent(**(usual | changes))

    async def follow(self, *events: CallEvent) -> None:
        """Deliver callbacks of the usual call in one request."""
        await self.callbacks.receive(CALL_ID, Callbacks(events, ()))

    def upstream(
        self, kind: Kind, number: int, body: Any = None, state: str | None = None, **headers: str
    ) -> UpstreamEvent:
        """Return an event of the usual call's stream that happens now."""
        name = f"user.{kind}" if kind is Kind.MESSAGE else f"sys.{kind}"
        usual = {
            "ce-type": f"azure.webpubsub.{name}",
            "ce-userid": CALL_ID,
            "ce-id": str(number),
            "ce-connectionid": STREAM,
            "ce-connectionstate": state or "",
        }
        content = body if isinstance(body, bytes) else json.dumps(body or {}).encode()
        return parse_upstream(usual | headers, content, self.clock.now())

    async def passing(self, seconds: float) -> None:
        """Let time pass."""
        await self.clock.sleep(seconds)


def given_unanswered(world: World, state: State = State.ANSWERING) -> None:
    """Have a call whose answer has not returned, and that ACS has already set up."""
    world.given(transcription=Transcription.OFF, transcription_attempts=0)
    ringing = replace(world.call, state=state, answered_at=None, connected_at=None)
    world.calls.put(replace(ringing, connection_id=None))


async def minutes(world: World, count: int) -> None:
    """Let minutes pass, with everything that is due in them."""
    for _ in range(count):
        for _ in range(4):
            await world.passing(15)
            for job in world.jobs.take():
                await world.runner.run(job)
        await world.watch.reconcile()


async def outcome(work: Coroutine[Any, Any, Any]) -> BaseException | None:
    """Run something; return what it raised."""
    task = asyncio.ensure_future(work)
    await asyncio.wait({task})
    return asyncio.CancelledError() if task.cancelled() else task.exception()
