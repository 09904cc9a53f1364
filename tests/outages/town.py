"""A call in virtual time: ACS, Web PubSub, storage, queue and app as they are, each can be out.

ACS answers the app's requests, calls back, dials the stream and has somebody say a sentence every
three seconds. Web PubSub hands each event to the app, one of a connection at a time, and tries it
four times within 100 s. The app's timer and queue run as the platform's do.
"""

import asyncio
import json
from collections.abc import Callable, Coroutine
from contextlib import suppress
from contextvars import Context
from typing import Any

from callscribe.calls.call import Call
from callscribe.calls.call_events import Callbacks, CallEvent
from callscribe.calls.events import Answered
from callscribe.calls.ports import CallStatus
from callscribe.calls.transcription import Operation, OperationKind
from callscribe.foundation.deadline import Deadline
from callscribe.foundation.errors import (
    CallscribeError,
    StorageUnavailableError,
    TelephonyRefusedError,
    TelephonyUnavailableError,
)
from callscribe.foundation.identifiers import new_call_id
from callscribe.foundation.moments import Ms, Seconds
from callscribe.stream.upstream import Kind, parse_upstream
from tests.fakes.clock import START
from tests.fakes.wire import incoming, metadata, speech
from tests.fakes.world import World
from tests.outages.lines import Connection, Line, Sentence

PARTS = ("webpubsub", "acs", "storage", "queue", "app")
REQUEST, CALLBACK, STREAM = Seconds(28), Seconds(10), Seconds(21)
OUT = StorageUnavailableError("out")
RETRIES = (1, 3, 5)
SENTENCE = 3.0
TIMER = 15.0


class AppGoneError(Exception):
    """The app does not answer: its process is gone."""


class Town:
    """Everything around the app."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.out: set[str] = set()
        self.lines: dict[str, Line] = {}
        self.by_connection: dict[str, Line] = {}
        self.sentences: dict[str, list[Sentence]] = {}
        self.starts: list[tuple[str, float]] = []
        self.beside: list[float] = []
        self._serving: set[asyncio.Task[Any]] = set()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._connections = 0
        self._acs_answers = asyncio.Event()
        self._acs_answers.set()
        world.telephony = self  # type: ignore[assignment] # it is one: the same port

    def start_takes(self) -> float:
        """Return how long ACS takes to begin a transcription, in seconds."""
        return 0.5

    def callback_takes(self) -> float:
        """Return how long a callback is on its way, in seconds."""
        return 0.1

    # --- the parts, in and out ------------------------------------------------------------------

    def break_(self, part: str) -> None:
        """Take a part out."""
        self.out.add(part)
        if part == "storage":
            self.world.calls.out = self.world.transcripts.out = self.world.jobs.out = OUT
        if part == "queue":
            self.world.jobs.out = OUT
        if part == "acs":
            self._acs_answers.clear()
        if part == "webpubsub":
            for line in self.lines.values():
                self._cut(line)
        if part == "app":
            for task in list(self._serving):
                task.cancel()

    def mend(self, part: str) -> None:
        """Bring a part back."""
        self.out.discard(part)
        if part == "acs":
            self._acs_answers.set()
        if not self.out & {"storage"}:
            self.world.calls.out = self.world.transcripts.out = None
        if not self.out & {"storage", "queue"}:
            self.world.jobs.out = None

    # --- the platform ---------------------------------------------------------------------------

    async def serve[T](self, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Have the app do something. Raises AppGoneError where it is, or goes meanwhile."""
        if "app" in self.out:
            raise AppGoneError
        task = asyncio.ensure_future(work())
        self._serving.add(task)
        try:
            return await task
        except asyncio.CancelledError:
            if task.cancelled() and "app" in self.out:
                raise AppGoneError from None
            raise
        finally:
            self._serving.discard(task)

    async def run_timer(self) -> None:
        while True:
            await asyncio.sleep(TIMER - self.now % TIMER)
            await self._quietly(self.world.watch.reconcile)

    async def run_queue(self) -> None:
        while True:
            await asyncio.sleep(1)
            if "queue" in self.out or "storage" in self.out or "app" in self.out:
                continue
            for job in self.world.jobs.take():
                await self._quietly(lambda job=job: self.world.runner.run(job))  # type: ignore[misc]

    async def _quietly(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        with suppress(CallscribeError, AppGoneError):
            await self.serve(work)

    def spawn(self, work: Coroutine[Any, Any, Any]) -> None:
        # What the app has set for its own request is no matter of ACS.
        task = asyncio.create_task(work, context=Context())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    # --- ACS, as the app asks it ----------------------------------------------------------------

    async def answer(
        self, call: Call, context: str, stream_url: str, *, intermediate: bool | None = None
    ) -> Answered:
        _ = context, stream_url, intermediate
        await self._asked()
        if call.id not in self.lines:
            self.spawn(self._connect(self._begun(call.id), call.transcribing.out))
        return Answered(self.lines[call.id].connection_id, "server", "correlation")

    async def poll(self, connection_id: str) -> CallStatus | None:
        await self._asked()
        line = self._line(connection_id)
        if line is None or not line.up:
            return None
        state = "connecting" if line.ringing else "connected"
        return CallStatus(state, line.locale is not None, line.locale)

    async def transcribe(self, connection_id: str, operation: Operation) -> None:
        await self._asked()
        line = self._line(connection_id)
        if line is None or not line.up:
            raise TelephonyRefusedError("Call not found.", http_status=404, sub_code=8522)
        self.spawn(self._operate(line, operation))

    async def hang_up(self, connection_id: str, *, everyone: bool) -> None:
        _ = everyone
        await self._asked()
        line = self._line(connection_id)
        if line is not None:
            self.end(line.call_id)

    async def _asked(self) -> None:
        await asyncio.sleep(0.05)
        if "acs" in self.out:
            await asyncio.sleep(5)
            raise TelephonyUnavailableError("no answer")

    def _line(self, connection_id: str) -> Line | None:
        return self.by_connection.get(connection_id)

    def _begun(self, call_id: str, *, ringing: bool = False) -> Line:
        line = self.lines[call_id] = Line(call_id, ringing=ringing)
        self.by_connection[line.connection_id] = line
        self.sentences[call_id] = []
        return line

    # --- ACS, by itself -------------------------------------------------------------------------

    async def ring(self, number: int = 0) -> str:
        """Ring, be answered, and return the call's id."""
        call_id = new_call_id(Ms(START + number), f"event-{number}")
        event = incoming(
            call_id=call_id, event_id=f"event-{number}", rang_at=self.world.clock.now()
        )
        await self.serve(lambda: self.world.answering.deliver(event, Deadline.after(REQUEST)))
        return call_id

    def end(self, call_id: str) -> None:
        """End a call: its people hang up."""
        line = self.lines[call_id]
        if line.up:
            line.up = False
            self._cut(line, "Normal")
            self.spawn(self._call_back(line, "CallDisconnected"))

    def cut(self, call_id: str) -> None:
        """Have ACS lose the stream; it says so."""
        line = self.lines[call_id]
        number = line.operation
        if self._cut(line):
            self.spawn(self._call_back(line, "TranscriptionFailed", number, 500, 8579))

    async def _connect(self, line: Line, setup: Operation | None) -> None:
        await asyncio.sleep(0.5)
        if not line.up:
            return
        line.ringing, line.connected = False, self.now
        self.spawn(self._call_back(line, "CallConnected"))
        self.spawn(self._talk(line))
        if setup is not None:
            await self._operate(line, setup)

    async def _operate(self, line: Line, operation: Operation) -> None:
        match operation.kind:
            case OperationKind.START:
                await self._start(line, operation)
            case OperationKind.UPDATE:
                line.locale = line.locale and operation.language.locale
                self.spawn(self._call_back(line, "TranscriptionUpdated", operation.number))
            case OperationKind.STOP:
                self._cut(line, "Normal")
                self.spawn(self._call_back(line, "TranscriptionStopped", operation.number))

    async def _start(self, line: Line, operation: Operation) -> None:
        number = operation.number
        self.starts.append((line.call_id, self.now))
        if line.starting or line.locale is not None:
            self.beside.append(self.now)
            self.spawn(self._call_back(line, "TranscriptionFailed", number, 400, 8500))
            return
        line.starting = True
        await asyncio.sleep(self.start_takes())
        line.starting = False
        if not line.up:
            return
        if "webpubsub" in self.out or not await self._dial(line):
            self.spawn(self._call_back(line, "TranscriptionFailed", number, 400, 8581))
            return
        line.locale, line.operation = operation.language.locale, number
        self.spawn(self._call_back(line, "TranscriptionStarted", number))

    async def _talk(self, line: Line) -> None:
        """Say a sentence every few seconds, while the call is up."""
        while line.up:
            await asyncio.sleep(SENTENCE)
            if not line.up:
                return
            line.said += 1
            sentence = Sentence(f"sentence {line.said}", self.now)
            self.sentences[line.call_id].append(sentence)
            stream = line.stream
            if stream is not None and stream.open:
                sentence.heard = True
                offset = int(self.now * 10_000_000)
                await stream.unsent.put(speech(sentence.text, offset=offset))

    async def _call_back(
        self, line: Line, kind: str, number: int | None = None, code: int = 200, sub: int = 0
    ) -> None:
        event = CallEvent(
            id=f"{kind}-{line.call_id}-{self.now}",
            type=kind,
            time=self.world.clock.now(),
            call_connection_id=line.connection_id,
            code=code,
            sub_code=sub,
            message="",
            context=None if number is None else f"t{number}",
        )
        await self._acs_answers.wait()
        await asyncio.sleep(self.callback_takes())
        # Nobody promises that ACS calls back twice: what is not taken is lost.
        await self._quietly(
            lambda: self.world.callbacks.receive(
                line.call_id, Callbacks((event,), ()), Deadline.after(CALLBACK)
            )
        )

    # --- Web PubSub -----------------------------------------------------------------------------

    async def _dial(self, line: Line) -> bool:
        self._connections += 1
        connection = Connection(f"connection-{self._connections}", opened=self.now)
        headers = {"x-ms-call-connection-id": [line.connection_id]}
        try:
            connection.state = await self._event(
                line, connection, Kind.CONNECT, {"headers": headers}
            )
        except (CallscribeError, AppGoneError):
            return False
        connection.number = 2
        line.stream = connection
        line.streams.append(connection)
        await connection.unsent.put(metadata())
        self.spawn(self._deliver(line, connection))
        return True

    async def _deliver(self, line: Line, connection: Connection) -> None:
        """Hand the frames of a connection to the app, one after the other."""
        while connection.open:
            frame = await connection.unsent.get()
            if not await self._sent(line, connection, frame):
                self._cut(line, "UpstreamError", connection)
                return
            self._acknowledge(line, frame)

    async def _sent(self, line: Line, connection: Connection, frame: dict[str, Any]) -> bool:
        for pause in (*RETRIES, None):
            try:
                connection.state = await self._event(line, connection, Kind.MESSAGE, frame)
            except (CallscribeError, AppGoneError):
                if pause is None or not connection.open:
                    return False
                await asyncio.sleep(pause)
            else:
                connection.number += 1
                return True
        return False

    async def _event(
        self, line: Line, connection: Connection, kind: Kind, body: dict[str, Any]
    ) -> str | None:
        name = f"user.{kind}" if kind is Kind.MESSAGE else f"sys.{kind}"
        headers = {
            "ce-type": f"azure.webpubsub.{name}",
            "ce-userid": line.call_id,
            "ce-id": str(connection.number),
            "ce-connectionid": connection.name,
            "ce-connectionstate": connection.state or "",
        }
        world = self.world
        event = parse_upstream(headers, json.dumps(body).encode(), world.clock.now())
        return await self.serve(lambda: world.receiver.receive(event, Deadline.after(STREAM)))

    def _acknowledge(self, line: Line, frame: dict[str, Any]) -> None:
        text = frame.get("transcriptionData", {}).get("text")
        for sentence in self.sentences[line.call_id]:
            if sentence.text == text:
                sentence.acknowledged = True

    def _cut(self, line: Line, reason: str = "lost", connection: Connection | None = None) -> bool:
        stream = connection or line.stream
        if stream is None or not stream.open:
            return False
        stream.open, stream.closed = False, self.now
        if line.stream is stream:
            line.stream, line.locale = None, None
        if "webpubsub" not in self.out:
            self.spawn(self._closed(line, stream, reason))
        if reason == "UpstreamError":
            self.spawn(self._call_back(line, "TranscriptionFailed", line.operation, 500, 8579))
        return True

    async def _closed(self, line: Line, connection: Connection, reason: str) -> None:
        with suppress(CallscribeError, AppGoneError):
            await self._event(line, connection, Kind.DISCONNECTED, {"reason": reason})

    # --- what came of it ------------------------------------------------------------------------

    @property
    def now(self) -> float:
        """Seconds since the beginning, of the time that everybody shares."""
        return asyncio.get_running_loop().time()

    def stored(self, call_id: str) -> set[str]:
        """Return the sentences that are rows."""
        return {str(row["Text"]) for row in self.world.transcripts.of_kind(call_id, "s")}

    async def until_running(self, call_ids: list[str], within: float) -> float:
        """Wait until all are transcribed; return how long that took. Raises AssertionError."""
        begun = self.now
        while not all(self.lines[call_id].locale for call_id in call_ids):
            silent = [each for each in call_ids if not self.lines[each].locale]
            assert self.now - begun <= within, f"{len(silent)} not transcribed after {within} s"
            await asyncio.sleep(0.25)
        return self.now - begun
