"""The services over fakes, and what happens to the usual call."""

import asyncio
import json
from collections.abc import Coroutine
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from typing import Any

from callscribe.calls.actions import Actions
from callscribe.calls.answering import Answering
from callscribe.calls.call import Call, Direction, Machine, State
from callscribe.calls.call_events import Callbacks, CallEvent
from callscribe.calls.callbacks import CallbackReceiver
from callscribe.calls.controlling import Controlling
from callscribe.calls.decide import LONGEST_CALL
from callscribe.calls.effects import Effects
from callscribe.calls.incoming import IncomingCall
from callscribe.calls.known import is_known
from callscribe.calls.labelling import Labelling
from callscribe.calls.placing import Placing
from callscribe.calls.repeating import Dialling, Joins, Repeating
from callscribe.calls.transcription import Running, Transcribing
from callscribe.calls.wish import Wish
from callscribe.foundation.deadline import Deadline
from callscribe.foundation.errors import StorageUnavailableError, TelephonyUnavailableError
from callscribe.foundation.identifiers import new_call_id
from callscribe.foundation.moments import Ms, Seconds
from callscribe.jobs.runner import Runner
from callscribe.jobs.watch import Watch
from callscribe.options import answer_options, deployment_of, marks, place_options
from callscribe.people.attendance import Attendance
from callscribe.people.routes import Routes
from callscribe.reports.finishing import Finishing
from callscribe.settings.settings import Settings
from callscribe.stream.connecting import Connecting
from callscribe.stream.door import Door
from callscribe.stream.doors import StreamDoor, TicketDoor, TokenDoor
from callscribe.stream.receiving import StreamReceiver
from callscribe.stream.upstream import Kind, UpstreamEvent, parse_upstream
from callscribe.transcripts.reading import Reading
from callscribe.trust.dialling import DialVerifier
from callscribe.trust.tokens import TokenPolicy
from callscribe.trust.verifying import MOST_WAITING, TokenVerifier
from tests.fakes.calls import FakeCallStore
from tests.fakes.clock import START, FakeClock
from tests.fakes.hubs import FakeLiveFeed, FakeStreamHub
from tests.fakes.jobs import FakeJobQueue
from tests.fakes.keys import FakeSigningKeys
from tests.fakes.rows import FakeRows
from tests.fakes.settings import settings
from tests.fakes.telephony import FakeTelephony, Up, connection_of
from tests.fakes.transcripts import FakeTranscriptStore
from tests.fakes.wishes import ENGLISH

CALLER, CALLEE = "4:+14255550123", "4:+18005550199"
CALL_ID = new_call_id(START, "event-1")
CONNECTION = connection_of(CALL_ID)
STREAM = "stream-connection"
TAG = f"{START:013d}"
"""That of a stream which is opened at once."""
RUNNING = Transcribing(runs=Running(ENGLISH, Ms(START + 1_000), by=1), number=1, good=ENGLISH)
AT_ONCE = Seconds(30)
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
    keys: FakeSigningKeys = field(default_factory=FakeSigningKeys)
    requests: FakeRows = field(default_factory=FakeRows)
    labels: FakeRows = field(default_factory=FakeRows)
    routing: FakeRows = field(default_factory=FakeRows)

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
            self.routes,
            self.labelling,
            self.clock,
            answer_options(self.settings),
        )

    @property
    def effects(self) -> Effects:
        return Effects(
            self.calls,
            self.transcripts,
            self.telephony,
            self.stream,
            self.jobs,
            self.feed,
            self.clock,
            self.settings.times.finish_delay,
            LONGEST_CALL,
        )

    @property
    def placing(self) -> Placing:
        options = place_options(self.settings)
        return Placing(
            self.calls,
            self.transcripts,
            self.people,
            self.telephony,
            self.stream,
            self.effects,
            self.repeating,
            Joins(self.requests, self.clock, options.deployment),
            Dialling(self.requests, options.deployment, self.settings.dial_at_once),
            self.actions,
            self.labelling,
            self.clock,
            options,
        )

    @property
    def controlling(self) -> Controlling:
        return Controlling(self.calls, self.effects, self.actions, self.placing)

    @property
    def routes(self) -> Routes:
        return Routes(self.routing, self.clock)

    @property
    def labelling(self) -> Labelling:
        return Labelling(self.calls, self.labels, self.actions)

    @property
    def repeating(self) -> Repeating:
        return Repeating(self.requests, self.clock, deployment_of(self.settings))

    @property
    def actions(self) -> Actions:
        return Actions(self.transcripts, self.clock)

    @property
    def callbacks(self) -> CallbackReceiver:
        return CallbackReceiver(self.calls, self.transcripts, self.people, self.effects, self.clock)

    @property
    def people(self) -> Attendance:
        return Attendance(self.calls, self.transcripts)

    @property
    def receiver(self) -> StreamReceiver:
        services = self.transcripts, self.effects, self.clock
        connecting = Connecting(self.door, self.entrance, self.dials, *services)
        return StreamReceiver(self.door, connecting, self.transcripts, self.feed, self.clock)

    @property
    def door(self) -> Door:
        return Door(self.calls, self.clock, marks(self.settings))

    @cached_property
    def entrance(self) -> StreamDoor:
        if not self.settings.by_ticket:
            return TokenDoor(self.door)
        return TicketDoor(self.calls, self.clock, self.settings.times.address)

    def dials(self) -> DialVerifier:
        issuer, audience = self.settings.acs_issuer, self.settings.acs_resource_id
        policy = TokenPolicy(frozenset({issuer}), frozenset({audience}))
        places, known = asyncio.Semaphore(MOST_WAITING), partial(is_known, self.calls)
        tokens = TokenVerifier(self.keys, policy, places, known)
        return DialVerifier(tokens, issuer)

    @property
    def finishing(self) -> Finishing:
        gap = self.settings.times.gap
        ports = self.calls, self.transcripts, self.people, self.labelling
        return Finishing(*ports, self.feed, self.clock, gap)

    @property
    def watch(self) -> Watch:
        return Watch(
            self.calls,
            self.transcripts,
            self.telephony,
            self.effects,
            self.clock,
            self.settings.times.answer_until,
        )

    @property
    def runner(self) -> Runner:
        return Runner(self.jobs, self.effects, self.finishing)

    @property
    def reading(self) -> Reading:
        return Reading(self.calls, self.transcripts, self.labelling, self.feed, self.clock)

    @property
    def call(self) -> Call:
        """The usual call as it is stored."""
        return self.calls.call(CALL_ID)

    def given(self, **changes: Any) -> Call:
        """Have the usual call stored: connected and transcribed, but for the changes."""
        call = replace(self.usual(), **changes)
        if call.connection_id and not call.terminal:
            runs = call.transcribing.runs
            self.telephony.up[call.connection_id] = Up(runs=runs.language.locale if runs else None)
        return self.calls.put(call)

    def usual(self) -> Call:
        return Call(
            id=CALL_ID,
            direction=Direction.INBOUND,
            state=State.CONNECTED,
            caller=CALLER,
            callee=CALLEE,
            begun_at=START,
            wish=Wish(on=True, language=ENGLISH, at=START),
            machine=Machine(transcribing=RUNNING),
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
        await self.call_back(Callbacks(events, ()))

    async def receive(self, event: UpstreamEvent, seconds: float = 21) -> str | None:
        """Deliver an event of the usual call's stream."""
        return await self.receiver.receive(event, Deadline.after(Seconds(seconds)))

    async def message(self, event: UpstreamEvent) -> str:
        """Deliver a frame of the usual call's stream."""
        return await self.receiver.message(event, Deadline.after(Seconds(21)))

    async def call_back(self, callbacks: Callbacks) -> None:
        """Deliver one request with callbacks of the usual call."""
        await self.callbacks.receive(CALL_ID, callbacks, Deadline.after(AT_ONCE))

    async def deliver(self, incoming: IncomingCall) -> None:
        """Deliver the event of an incoming call."""
        await self.answering.deliver(incoming, Deadline.after(AT_ONCE))

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
    world.given(machine=Machine())
    ringing = replace(world.call, state=state, answered_at=None, connected_at=None)
    world.calls.put(replace(ringing, connection_id=None))


async def minutes(world: World, count: int) -> None:
    """Let minutes pass, with everything that is due in them."""
    await seconds(world, 60 * count)


async def seconds(world: World, count: int) -> None:
    """Let seconds pass: the queue's jobs are run, and every 15 seconds the watch."""
    for second in range(1, count + 1):
        await world.passing(1)
        for job in world.jobs.take():
            await world.runner.run(job)
        if second % 15 == 0:
            await world.watch.reconcile()


async def outcome(work: Coroutine[Any, Any, Any]) -> BaseException | None:
    """Run something; return what it raised."""
    task = asyncio.ensure_future(work)
    await asyncio.wait({task})
    return asyncio.CancelledError() if task.cancelled() else task.exception()
