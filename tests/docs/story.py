"""Rows to show: a few calls of one day, written by the app's own services and adapters.

Only time, ACS and Web PubSub are stand-ins, so that docs/querying.md can print what it finds.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import NoReturn

from azure.data.tables.aio import TableClient

from callscribe.calls.actions import Actions
from callscribe.calls.answering import Answering
from callscribe.calls.call_events import parse_callbacks
from callscribe.calls.callbacks import CallbackReceiver
from callscribe.calls.decide import LONGEST_CALL
from callscribe.calls.effects import Effects
from callscribe.calls.incoming import IncomingCall
from callscribe.calls.labelling import Labelling
from callscribe.calls.participants import parse_roster
from callscribe.foundation.deadline import Deadline
from callscribe.foundation.errors import TelephonyRefusedError
from callscribe.foundation.identifiers import new_call_id
from callscribe.foundation.moments import Ms, Seconds, iso, later, parse_iso, ticks_of
from callscribe.options import answer_options, marks
from callscribe.people.attendance import Attendance
from callscribe.people.routes import Routes
from callscribe.reports.finishing import Finishing
from callscribe.storage.active import ActiveTable
from callscribe.storage.calls import TableCallStore
from callscribe.storage.tables import Table, TableTranscriptStore
from callscribe.stream.connecting import Connecting
from callscribe.stream.door import Door
from callscribe.stream.doors import TokenDoor
from callscribe.stream.receiving import StreamReceiver
from callscribe.stream.upstream import UpstreamEvent, parse_upstream
from tests.fakes.clock import START
from tests.fakes.hubs import FakeLiveFeed, FakeStreamHub
from tests.fakes.jobs import FakeJobQueue
from tests.fakes.rows import FakeRows
from tests.fakes.settings import settings
from tests.fakes.telephony import FakeTelephony, connection_of

CALLER, CALLEE, COLLEAGUE = "4:+14255550123", "4:+18005550199", "8:acs:resource_colleague"
LISTENER = "8:acs:resource_listener"
LONG = "And so on. " * 3_000
UNREADABLE = b"\xff" * 100_000
# Words of an utterance that share its second; those of a longer one take no time.
LONGEST_SHOWN = 100
PATIENCE = Seconds(45)
FINISH_DELAY = Seconds(60)
SHORTEST_GAP = Seconds(2)


def _no_token() -> NoReturn:
    raise AssertionError("Web PubSub passes no token of ACS on")


class SetClock:
    """A clock that stands where it is set."""

    def __init__(self) -> None:
        self.moment = START

    def now(self) -> Ms:
        return self.moment

    def go_on(self, seconds: float) -> None:
        """Let time pass."""
        self.moment = later(self.moment, Seconds(seconds))


@dataclass
class Stream:
    """One stream connection, as Web PubSub tells of it."""

    story: "Story"
    call_id: str
    name: str
    number: int = 0
    state: str | None = None
    began: Ms = START

    async def connect(self) -> None:
        self.began = self.story.clock.now()
        named = {
            "x-ms-call-connection-id": [connection_of(self.call_id)],
            "x-ms-call-correlation-id": ["correlation"],
        }
        event = self._event("sys.connect", json.dumps({"headers": named}).encode())
        self.state = await self.story.receive(event)
        self.number += 1  # `connected`, which nobody waits for
        metadata = {"subscriptionId": "subscription", "locale": "en-US"}
        await self.frame({"kind": "TranscriptionMetadata", "transcriptionMetadata": metadata})

    async def say(self, speaker: str, text: str, at: int | None = None, **changes: object) -> None:
        """Have something said in the last second, or `at` a place on the stream's own scale."""
        start = self.story.clock.now() - self.began - 1_000 if at is None else at
        words = text.split()
        each = 1_000 // len(words) if len(words) < LONGEST_SHOWN else 0
        data: dict[str, object] = {
            "text": text,
            "format": "display",
            "confidence": 0.9,
            "offset": ticks_of(Ms(start)),
            "duration": ticks_of(Ms(1_000)),
            "words": [
                {
                    "text": word,
                    "offset": ticks_of(Ms(start + place * each)),
                    "duration": ticks_of(Ms(each)),
                }
                for place, word in enumerate(words)
            ],
            "participantRawID": speaker,
            "resultStatus": "Final",
        }
        known = {name: value for name, value in (data | changes).items() if value is not None}
        await self.frame({"kind": "TranscriptionData", "transcriptionData": known})

    async def frame(self, frame: Mapping[str, object] | bytes) -> None:
        body = frame if isinstance(frame, bytes) else json.dumps(frame).encode()
        self.state = await self.story.receive(self._event("user.message", body))

    async def end(self, reason: str = "") -> None:
        event = self._event("sys.disconnected", json.dumps({"reason": reason}).encode())
        await self.story.receive(event)

    def _event(self, kind: str, body: bytes) -> UpstreamEvent:
        headers = {
            "ce-type": f"azure.webpubsub.{kind}",
            "ce-userid": self.call_id,
            "ce-connectionid": self.name,
            "ce-id": str(self.number),
            "ce-time": iso(self.story.clock.now()),
            "ce-connectionstate": self.state or "",
        }
        self.number += 1
        return parse_upstream(headers, body, self.story.clock.now())


class Story:
    """The services over real tables."""

    def __init__(self, clients: Mapping[str, TableClient]) -> None:
        self.clock = SetClock()
        active = ActiveTable(clients["ActiveCalls"])
        people = Table(clients["Participants"])
        self.calls = TableCallStore(Table(clients["Calls"]), active, people)
        transcripts = TableTranscriptStore(clients["Transcripts"])
        self.telephony, feed = FakeTelephony(), FakeLiveFeed()
        jobs, now = FakeJobQueue(self.clock), self.clock
        self.attendance = Attendance(self.calls, transcripts)
        effects = Effects(
            self.calls,
            transcripts,
            self.telephony,
            FakeStreamHub(),
            jobs,
            feed,
            now,
            FINISH_DELAY,
            LONGEST_CALL,
        )
        labelling = Labelling(self.calls, FakeRows(), Actions(transcripts, now))
        serve = partial(Answering, self.calls, transcripts, self.telephony, FakeStreamHub())
        routes = Routes(FakeRows(), now)
        self.answering = serve(effects, routes, labelling, now, answer_options(settings()))
        self.callbacks = CallbackReceiver(self.calls, transcripts, self.attendance, effects, now)
        door = Door(self.calls, now, marks(settings()))
        connecting = Connecting(door, TokenDoor(door), _no_token, transcripts, effects, now)
        self.receiver = StreamReceiver(door, connecting, transcripts, feed, now)
        self.finishing = Finishing(
            self.calls, transcripts, self.attendance, labelling, feed, now, SHORTEST_GAP
        )

    async def receive(self, event: UpstreamEvent) -> str | None:
        return await self.receiver.receive(event, Deadline.after(PATIENCE))

    async def tell(self) -> None:
        await self.a_dictation()
        await self.an_order_with_a_cut()
        await self.one_that_was_refused()
        await self.one_that_goes_on()

    async def a_dictation(self) -> None:
        call_id = await self.ring("2026-03-14T08:05:00.000Z", "dictation", COLLEAGUE)
        await self.callback(call_id, "CallConnected")
        stream = Stream(self, call_id, "stream-3")
        await stream.connect()
        await self.at("2026-03-14T08:05:30.000Z")
        await stream.say(COLLEAGUE, LONG)
        await stream.frame(UNREADABLE)
        await stream.end()
        await self.hang_up(call_id)

    async def an_order_with_a_cut(self) -> None:
        call_id = await self.ring("2026-03-14T09:26:53.589Z", "order", CALLER, "Front desk")
        await self.callback(call_id, "CallConnected")
        await self.there(call_id, 1, CALLER, CALLEE)
        await self.callback(call_id, "TranscriptionStarted", details="subscriptionStarted")
        await self.at("2026-03-14T09:26:55.000Z")
        stream = Stream(self, call_id, "stream-1")
        await stream.connect()
        await self.at("2026-03-14T09:26:57.000Z")
        await stream.say(CALLEE, "Harbour Books, good", resultStatus="Intermediate")
        await stream.say(CALLEE, "Harbour Books, good morning.")
        await self.at("2026-03-14T09:27:00.000Z")
        await stream.say(CALLER, "Only one of my two books arrived.")
        await stream.frame(b"no JSON")
        await stream.end("the connection was lost")
        await self.at("2026-03-14T09:27:03.000Z")
        await self.there(call_id, 2, CALLER, CALLEE, LISTENER)
        await self.at("2026-03-14T09:27:06.000Z")
        again = Stream(self, call_id, "stream-2")
        await again.connect()
        await again.say(CALLER, "Only one of my two books arrived.", at=4_000)
        again.number += 1
        await self.at("2026-03-14T09:27:09.000Z")
        await again.say(CALLEE, "The other one comes tomorrow.", duration=None)
        await again.end()
        await self.there(call_id, 3, CALLER, CALLEE)
        await self.hang_up(call_id)

    async def one_that_was_refused(self) -> None:
        refusal = TelephonyRefusedError("Access denied.", http_status=401)
        self.telephony.fail("answer", refusal)
        call_id = await self.ring("2026-03-14T12:00:00.000Z", "refused", CALLER)
        await self.finishing.finish(call_id)

    async def one_that_goes_on(self) -> None:
        await self.ring("2026-03-15T08:00:00.000Z", "active", CALLER)

    async def at(self, moment: str) -> None:
        self.clock.moment = parse_iso(moment)

    async def ring(self, moment: str, event_id: str, caller: str, name: str | None = None) -> str:
        await self.at(moment)
        rang_at = self.clock.now()
        incoming = IncomingCall(
            call_id=new_call_id(rang_at, event_id),
            event_id=event_id,
            rang_at=rang_at,
            caller=caller,
            caller_name=name,
            callee=CALLEE,
            server_call_id="server",
            correlation_id="correlation",
            context="context",
        )
        self.clock.go_on(1)
        await self.answering.deliver(incoming, Deadline.after(PATIENCE))
        return incoming.call_id

    async def callback(self, call_id: str, kind: str, details: str = "", **result: object) -> None:
        event = {
            "id": f"{kind}-of-{call_id}",
            "type": f"Microsoft.Communication.{kind}",
            "time": iso(self.clock.now()),
            "data": {
                "callConnectionId": connection_of(call_id),
                "resultInformation": {"code": 200, "subCode": 0, "message": ""} | result,
                "transcriptionUpdate": {"transcriptionStatusDetails": details},
            },
        }
        callbacks = parse_callbacks(json.dumps([event]).encode())
        await self.callbacks.receive(call_id, callbacks, Deadline.after(PATIENCE))

    async def there(self, call_id: str, number: int, *people: str) -> None:
        """Have ACS list who is on the call."""
        listed = [{"identifier": {"rawId": each}, "isMuted": False} for each in people]
        roster = parse_roster(listed, number)
        stored = await self.calls.read(call_id)
        assert stored is not None
        assert roster is not None
        await self.attendance.note(stored.call, roster, self.clock.now())

    async def hang_up(self, call_id: str) -> None:
        message = "The conversation has ended. DiagCode: 0#560000.@"
        await self.callback(call_id, "CallDisconnected", subCode=560000, message=message)
        self.clock.go_on(60)
        await self.finishing.finish(call_id)
