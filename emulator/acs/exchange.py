"""The telephone exchange: lets calls ring, connects them, has them spoken on, and ends them."""

import asyncio
import uuid
from contextlib import suppress
from dataclasses import replace
from typing import Any

from emulator.acs.bodies import Answer, ConnectCall, CreateCall, Setup
from emulator.acs.call_options import CallOptions, CallRequest, OutgoingOptions, Say
from emulator.acs.callbacks import Callbacks
from emulator.acs.calls import Call, CallState, Operation
from emulator.acs.conversation import Conversation, ScriptedLine
from emulator.acs.errors import ServiceError, invalid
from emulator.acs.event_grid import INCOMING_CALL, EventGrid, new_event
from emulator.acs.identifiers import identifier, is_phone, raw_id
from emulator.acs.phones import Act, Ringing
from emulator.acs.resources import Resources
from emulator.acs.results import (
    CALL_NOT_FOUND,
    CONNECTED,
    ENDED_BY_APP,
    ENDED_BY_PHONE,
    ENDED_BY_USER,
    Result,
)
from emulator.acs.speech import Utterance
from emulator.acs.transcription import Transcription

# The caller of an outgoing call for which the app gives no number of its own.
_APP = "8:acs:emulator_app"
# The people in a room or a group call that the app joins.
_PEOPLE = ("8:acs:emulator_ada", "8:acs:emulator_ben")
_FAILURES = {
    "inbound": "AnswerFailed",
    "outbound": "CreateCallFailed",
    "joined": "ConnectFailed",
}
# With so many others on the call the app can leave them alone.
_A_GROUP = 2
# The other party hangs up so long after the last word, at the speed of the dialogue.
_SECONDS_BEFORE_HANGING_UP = 1


class Connection:
    """A call that the app takes part in, with its callbacks, transcription and conversation."""

    def __init__(self, call: Call, setup: Setup, version: str, resources: Resources) -> None:
        self.call = call
        self.setup = setup
        self.operation = Operation(version, setup.callback_uri, setup.operation_context)
        self.callbacks = Callbacks(call, resources)
        self.transcription = Transcription(call, setup, self.callbacks, resources)
        self.conversation = Conversation(call.options.speed)
        self.task: asyncio.Task[None] | None = None
        self.rings: set[asyncio.Task[None]] = set()
        self._lists = 0
        # Why it will not be connected, where that is known from the beginning.
        self.problem: Result | None = None

    async def speak(self, utterance: Utterance, word_count: int | None) -> None:
        """Let words be heard, of those who are on the call."""
        # Nobody speaks for the app, nor for a phone that still rings.
        if self.call.direction != "outbound" or utterance.speaker in self.call.present:
            await self.transcription.speak(utterance, word_count)

    def participants(self) -> list[dict[str, Any]]:
        """Return who is on the call, as Call Automation lists them."""
        return [_participant(raw) for raw in self.call.present]

    def tell_who_is_there(self) -> None:
        """Post who is on the call by now."""
        self._lists += 1
        data = {"participants": self.participants(), "sequenceNumber": self._lists}
        # No request causes this event, and the SDKs' models of it have no operation context.
        without_context = replace(self.operation, context=None)
        self.callbacks.post("ParticipantsUpdated", without_context, CONNECTED, data)

    def properties(self) -> dict[str, Any]:
        """Return the call as Call Automation shows it."""
        properties = self.call.properties() | {"callbackUri": self.setup.callback_uri}
        if self.setup.transcription_options:
            properties["transcriptionSubscription"] = self.transcription.describe()
        return properties


class Exchange:
    """All calls since the start or the last reset."""

    def __init__(self, resources: Resources, event_grid: EventGrid) -> None:
        self._resources = resources
        self._event_grid = event_grid
        self.calls: dict[str, Call] = {}
        self.outgoing = OutgoingOptions()
        self._connections: dict[str, Connection] = {}

    def ring(self, options: CallRequest) -> Call:
        """Let a call ring until it is answered or the caller gives up."""
        call = Call(options)
        self.calls[call.id] = call
        self._event_grid.publish(incoming_call(call), options.deliveries, call.deliveries.append)
        self._resources.tasks.spawn(self._end_ringing(call))
        return call

    def answer(self, answer: Answer, version: str) -> Connection:
        """Answer a ringing call. Raises ServiceError when no call rings with this context."""
        # The service's answer to a context that is unknown, used or expired is not documented.
        # 400 is what apps must expect of a request that can never succeed; 8501 is the documented
        # code for an action in the wrong state of a call.
        call = self.call_with(answer.incoming_call_context)
        if call is None or call.state is not CallState.RINGING:
            raise ServiceError(400, "8501", "Action is invalid: no call rings with this context.")
        call.state = CallState.CONNECTING
        return self._set_up(call, answer, version)

    def create(self, wanted: CreateCall, version: str) -> Connection:
        """Make a call for the app; the other party behaves as the outgoing options say."""
        callees = tuple(target.raw_id for target in wanted.targets)
        # The words are chosen here: that a number of the resource is needed is documented.
        if wanted.source is None and any(map(is_phone, callees)):
            raise invalid("SourceCallerIdNumber is required to call a phone number.")
        options = CallRequest(
            **self._outgoing(),
            from_=wanted.source or _APP,
            to=callees[0],
            caller_display_name=wanted.source_display_name,
        )
        call = Call(options, "outbound")
        call.callees = callees
        call.ringing = [Ringing(raw, self.outgoing.phone_of(raw)) for raw in callees]
        self.calls[call.id] = call
        return self._set_up(call, wanted, version)

    def reject(self, context: str) -> None:
        """Reject a ringing call. Raises ServiceError when no call rings with this context."""
        call = self.call_with(context)
        if call is None or call.state is not CallState.RINGING:
            raise ServiceError(400, "8501", "Action is invalid: no call rings with this context.")
        call.state = CallState.MISSED

    def act(self, call: Call, act: Act) -> None:
        """Do with a ringing phone what somebody does by hand."""
        wanted = None if act.phone is None else raw_id(act.phone)
        for ringing in call.ringing:
            if wanted in (None, ringing.raw_id):
                ringing.act(act.do)
                return
        raise ServiceError(409, "Conflict", "no such phone rings")

    def join(self, wanted: ConnectCall, version: str) -> Connection:
        """Let the app join a call; that one is not up is reported by ConnectFailed."""
        locator = wanted.call_locator
        joined = self._up_with(locator.server_call_id) if locator.server_call_id else None
        ends = (joined.caller, joined.callee) if joined else _PEOPLE
        call = Call(CallRequest(**self._outgoing(), from_=ends[0], to=ends[1]), "joined")
        if joined:
            call.server_call_id = joined.server_call_id
        self.calls[call.id] = call
        connection = self._set_up(call, wanted, version)
        # Rooms and group calls are there as soon as somebody names them; another call is not.
        if locator.kind == "serverCallLocator" and joined is None:
            connection.problem = CALL_NOT_FOUND
        return connection

    def call_with(self, context: str) -> Call | None:
        """Return the call with this incoming-call context."""
        return next((c for c in self.calls.values() if c.incoming_call_context == context), None)

    def call_id_of(self, call_connection_id: str) -> str | None:
        """Return the control API's id of a call, also of one that has ended."""
        connection = self._connections.get(call_connection_id)
        return connection.call.id if connection else None

    def find(self, call_connection_id: str) -> Connection:
        """Return a call that has not ended. Raises ServiceError for any other."""
        # How the service refuses an operation on a call that is over is not documented; 8522 with
        # 404 is chosen here.
        connection = self.find_ended_too(call_connection_id)
        if not connection.call.is_up:
            raise _call_not_found()
        return connection

    def find_ended_too(self, call_connection_id: str) -> Connection:
        """Return a call that is or was up. Raises ServiceError for any other."""
        connection = self._connections.get(call_connection_id)
        if connection is None:
            raise _call_not_found()
        return connection

    def connection_of(self, call: Call) -> Connection:
        """Return the connection of a connected call. Raises ServiceError for any other."""
        if call.state is not CallState.CONNECTED or call.call_connection_id is None:
            raise ServiceError(409, "Conflict", f"the call is {call.state}, not connected")
        return self._connections[call.call_connection_id]

    def say(self, call: Call, say: Say) -> None:
        """Let a participant say something now."""
        speaker = say.speaker
        if isinstance(speaker, int):
            if speaker >= len(call.participants):
                raise invalid(f"there is no participant {speaker} - at `$.speaker`")
            speaker = call.participants[speaker]
        self.connection_of(call).conversation.say(ScriptedLine(speaker, say.text))

    def hang_up_by_other_party(self, call: Call) -> None:
        """Let the other party hang up; a call that still rings becomes missed."""
        if call.state is CallState.RINGING:
            call.state = CallState.MISSED
        elif call.is_up and call.call_connection_id:
            result = ENDED_BY_PHONE if is_phone(call.other_party) else ENDED_BY_USER
            self._end(self._connections[call.call_connection_id], result)
        else:
            raise ServiceError(409, "Conflict", f"the call is {call.state}")

    def hang_up_by_app(self, connection: Connection, *, everyone: bool) -> None:
        """End the app's part in a call, or the whole call, because the app has asked for it.

        One other person is not left alone on the line.
        """
        call = connection.call
        call.left = "everyone" if everyone or len(call.present) < _A_GROUP else "leave"
        self._end(connection, ENDED_BY_APP)

    def forget(self) -> None:
        """Forget every call; their tasks must have been cancelled before."""
        self.outgoing = OutgoingOptions()
        self.calls.clear()
        self._connections.clear()

    def _outgoing(self) -> dict[str, Any]:
        """Return the options of calls that the app makes or joins, but for the phones."""
        names = CallOptions.__struct_fields__
        return {name: getattr(self.outgoing, name) for name in names}

    def _up_with(self, server_call_id: str) -> Call | None:
        calls = (call for call in self.calls.values() if call.server_call_id == server_call_id)
        return next((call for call in calls if call.is_up), None)

    def _set_up(self, call: Call, setup: Setup, version: str) -> Connection:
        call.call_connection_id = str(uuid.uuid4())
        connection = Connection(call, setup, version, self._resources)
        self._connections[call.call_connection_id] = connection
        connection.task = self._resources.tasks.spawn(self._run(connection))
        return connection

    async def _end_ringing(self, call: Call) -> None:
        await asyncio.sleep(self._resources.settings.ring_seconds)
        if call.state is CallState.RINGING:
            call.state = CallState.MISSED

    async def _run(self, connection: Connection) -> None:
        call, options = connection.call, connection.call.options
        # The call is `connecting` for a moment, so that the app usually has the answer to its
        # request before CallConnected. The fault `lateReply` turns the order round, which the
        # service's documents call rare but possible.
        await asyncio.sleep(self._resources.settings.connect_seconds)
        if not await self._connect(connection):
            return
        await self._await_first_stream(connection)
        speakers = call.participants
        lines = call.dialogue.lines
        connection.conversation.say(
            *(ScriptedLine(speakers[line.speaker], line.text, line.at) for line in lines)
        )
        idle_seconds = None if options.stay else _SECONDS_BEFORE_HANGING_UP / options.speed
        await connection.conversation.play(connection.speak, idle_seconds)
        self.hang_up_by_other_party(call)

    async def _connect(self, connection: Connection) -> bool:
        call, operation = connection.call, connection.operation
        fault = await self._resources.faults.failure_of("CallConnected", call.id)
        problem = fault or connection.problem or await self._answered(connection)
        if problem:
            call.state = CallState.DISCONNECTED
            call.ringing.clear()
            connection.callbacks.post(_FAILURES[call.direction], operation, problem)
            return False
        call.state = CallState.CONNECTED
        if call.direction != "outbound":
            call.present = list(dict.fromkeys((call.caller, call.callee, *call.participants)))
        connection.callbacks.post("CallConnected", operation, CONNECTED)
        connection.tell_who_is_there()
        return True

    async def _answered(self, connection: Connection) -> Result | None:
        """Ring all who are called until one answers; return why nobody has, where nobody does.

        Those who answer later join the call.
        """
        call, spawn = connection.call, self._resources.tasks.spawn
        last = call.ringing[-1] if call.ringing else None
        rings = {spawn(self._ring_phone(connection, each)) for each in list(call.ringing)}
        connection.rings = set(rings)
        while rings and not call.present:
            _, rings = await asyncio.wait(rings, return_when=asyncio.FIRST_COMPLETED)
        return None if call.present or last is None else last.refusal

    async def _ring_phone(self, connection: Connection, ringing: Ringing) -> None:
        call = connection.call
        answered = await ringing.until_answered(self._resources.settings.ring_seconds)
        if ringing in call.ringing:
            call.ringing.remove(ringing)
        if answered and call.is_up:
            call.present.append(ringing.raw_id)
            if call.state is CallState.CONNECTED:
                connection.tell_who_is_there()

    async def _await_first_stream(self, connection: Connection) -> None:
        """Wait a limited time for the first stream, so that the first words are transcribed."""
        options = connection.setup.transcription_options
        if options is None:
            return
        if options.start_transcription:
            await connection.transcription.start(connection.operation, {}, at_setup=True)
        with suppress(TimeoutError):
            async with asyncio.timeout(connection.call.options.wait_for_stream):
                await connection.transcription.opened.wait()

    def _end(self, connection: Connection, result: Result) -> None:
        connection.call.state = CallState.DISCONNECTED
        connection.call.ringing.clear()
        for ring in connection.rings:
            ring.cancel()
        # Whether the end of a call is reported as TranscriptionStopped as well is not documented.
        # Here it is not: no app may wait for that event.
        connection.transcription.end()
        connection.callbacks.post("CallDisconnected", connection.operation, result)
        # A conversation that is over ends the call from within this task.
        if connection.task and connection.task is not asyncio.current_task():
            connection.task.cancel()


def incoming_call(call: Call) -> dict[str, Any]:
    """Return the event of an incoming call."""
    subject = f"/caller/{call.caller}/recipient/{call.callee}"
    data = {
        "to": identifier(call.callee),
        "from": identifier(call.caller),
        "serverCallId": call.server_call_id,
        "callerDisplayName": call.options.caller_display_name,
        "incomingCallContext": call.incoming_call_context,
        "correlationId": call.correlation_id,
    }
    # Recorded events without custom headers lack the field.
    if call.options.custom_context is not None:
        data["customContext"] = call.options.custom_context
    return new_event(INCOMING_CALL, subject, data, data_version="1.0")


def _call_not_found() -> ServiceError:
    result = CALL_NOT_FOUND
    return ServiceError(result.code, str(result.sub_code), result.message)


def _participant(raw: str) -> dict[str, Any]:
    return {"identifier": identifier(raw), "isMuted": False, "isOnHold": False}
