"""The telephone exchange: calls ring, are answered, connect, are talked on, and end."""

import asyncio
import uuid
from contextlib import suppress
from dataclasses import replace
from typing import Any

import msgspec

from emulator.acs.bodies import Answer, CreateCall, Setup
from emulator.acs.callbacks import Callbacks
from emulator.acs.calls import Call, CallState, Operation
from emulator.acs.conversation import Conversation, Spoken
from emulator.acs.errors import ServiceError, invalid
from emulator.acs.event_grid import INCOMING_CALL, EventGrid, new_event
from emulator.acs.identifiers import identifier, is_phone, raw_id
from emulator.acs.resources import Resources
from emulator.acs.results import CONNECTED, ENDED_BY_APP, ENDED_BY_PHONE, ENDED_BY_USER, Result
from emulator.acs.ring import Options, Ring, Say
from emulator.acs.transcription import Transcription

# Who calls, when the app gives no number of its own.
_APP = "8:acs:emulator_app"
# The person at the other end hangs up so long after the last word, in the dialogue's time.
_SECONDS_BEFORE_HANGING_UP = 1


class Connection:
    """A call of an app's: who is told about it, its transcription, and what is said."""

    def __init__(self, call: Call, setup: Setup, version: str, resources: Resources) -> None:
        self.call = call
        self.setup = setup
        self.operation = Operation(version, setup.callback_uri, setup.operation_context)
        self.callbacks = Callbacks(call, resources)
        self.transcription = Transcription(call, setup, self.callbacks, resources)
        self.conversation = Conversation(call.ring.speed)
        self.life: asyncio.Task[None] | None = None

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
        self.outgoing = Options()
        self._connections: dict[str, Connection] = {}

    def ring(self, ring: Ring) -> Call:
        """Let a call ring until it is answered or the caller gives up."""
        call = Call(ring)
        self.calls[call.id] = call
        self._event_grid.publish(incoming_call(call), ring.deliveries, call.deliveries.append)
        self._resources.tasks.spawn(self._give_up(call))
        return call

    def answer(self, answer: Answer, version: str) -> Connection:
        """Answer a ringing call, or refuse.

        What the service says to a context that is unknown or no longer rings is not documented;
        here it is 400, 8501.
        """
        call = self.call_with(answer.incoming_call_context)
        if call is None or call.state is not CallState.RINGING:
            raise ServiceError(400, "8501", "Action is invalid: no call rings with this context.")
        call.state = CallState.CONNECTING
        return self._set_up(call, answer, version)

    def create(self, wanted: CreateCall, version: str) -> Connection:
        """Call somebody for the app; the one called answers as the outgoing options say."""
        number = wanted.source_caller_id_number
        ring = Ring(
            **msgspec.structs.asdict(self.outgoing),
            from_=raw_id(number.value) if number else _APP,
            to=wanted.targets[0].raw_id,
            caller_display_name=wanted.source_display_name,
        )
        call = Call(ring, "outbound")
        self.calls[call.id] = call
        return self._set_up(call, wanted, version)

    def call_with(self, context: str) -> Call | None:
        """Return the call that an incoming-call context is of."""
        return next((c for c in self.calls.values() if c.incoming_call_context == context), None)

    def call_id_of(self, call_connection_id: str) -> str | None:
        """Return the control API's id of a call, also of one that has ended."""
        connection = self._connections.get(call_connection_id)
        return connection.call.id if connection else None

    def find(self, call_connection_id: str) -> Connection:
        """Return a call that is up; to the service, one that has ended is not found."""
        connection = self._connections.get(call_connection_id)
        if connection is None or not connection.call.is_up:
            raise ServiceError(404, "8522", "Call not found.")
        return connection

    def connection_of(self, call: Call) -> Connection:
        """Return the connection of a call on which one can talk, or refuse."""
        if call.state is not CallState.CONNECTED or call.call_connection_id is None:
            raise ServiceError(409, "Conflict", f"the call is {call.state}, not connected")
        return self._connections[call.call_connection_id]

    def say(self, call: Call, say: Say) -> None:
        """Have a participant say something now."""
        speaker = say.speaker
        if isinstance(speaker, int):
            if speaker >= len(call.participants):
                raise invalid(f"there is no participant {speaker} - at `$.speaker`")
            speaker = call.participants[speaker]
        self.connection_of(call).conversation.say(Spoken(speaker, say.text))

    def other_end_hangs_up(self, call: Call) -> None:
        """End a call as the person at its other end does; one that still rings is missed."""
        if call.state is CallState.RINGING:
            call.state = CallState.MISSED
        elif call.is_up and call.call_connection_id:
            result = ENDED_BY_PHONE if is_phone(call.other_end) else ENDED_BY_USER
            self._end(self._connections[call.call_connection_id], result)
        else:
            raise ServiceError(409, "Conflict", f"the call is {call.state}")

    def app_hangs_up(self, connection: Connection) -> None:
        """End a call as the app asked."""
        self._end(connection, ENDED_BY_APP)

    def forget(self) -> None:
        """Forget every call; their work must have been cancelled."""
        self.outgoing = Options()
        self.calls.clear()
        self._connections.clear()

    def _set_up(self, call: Call, setup: Setup, version: str) -> Connection:
        call.call_connection_id = str(uuid.uuid4())
        connection = Connection(call, setup, version, self._resources)
        self._connections[call.call_connection_id] = connection
        connection.life = self._resources.tasks.spawn(self._live(connection))
        return connection

    async def _give_up(self, call: Call) -> None:
        await asyncio.sleep(self._resources.settings.ring_seconds)
        if call.state is CallState.RINGING:
            call.state = CallState.MISSED

    async def _live(self, connection: Connection) -> None:
        call, ring = connection.call, connection.call.ring
        await asyncio.sleep(self._resources.settings.connect_seconds)
        if not await self._connect(connection):
            return
        await self._first_stream(connection)
        people = call.participants
        lines = call.dialogue.lines
        connection.conversation.say(*(Spoken(people[x.speaker], x.text, x.at) for x in lines))
        linger = None if ring.stay else _SECONDS_BEFORE_HANGING_UP / ring.speed
        await connection.conversation.play(connection.transcription.speak, linger)
        self.other_end_hangs_up(call)

    async def _connect(self, connection: Connection) -> bool:
        call, operation = connection.call, connection.operation
        if problem := await self._resources.faults.failure_of("CallConnected", call.id):
            call.state = CallState.DISCONNECTED
            failure = "AnswerFailed" if call.direction == "inbound" else "CreateCallFailed"
            connection.callbacks.post(failure, operation, problem)
            return False
        call.state = CallState.CONNECTED
        connection.callbacks.post("CallConnected", operation, CONNECTED)
        people = {"participants": [_participant(raw) for raw in (call.caller, call.callee)]}
        data = people | {"sequenceNumber": 1}
        # Of no request: the SDKs' models of this event have no context.
        nobodys = replace(operation, context=None)
        connection.callbacks.post("ParticipantsUpdated", nobodys, CONNECTED, data)
        return True

    async def _first_stream(self, connection: Connection) -> None:
        """Give the app time to have its stream open, so that the first words are heard."""
        options = connection.setup.transcription_options
        if options is None:
            return
        if options.start_transcription:
            await connection.transcription.start(connection.operation, {}, at_setup=True)
        with suppress(TimeoutError):
            async with asyncio.timeout(connection.call.ring.wait_for_stream):
                await connection.transcription.opened.wait()

    def _end(self, connection: Connection, result: Result) -> None:
        connection.call.state = CallState.DISCONNECTED
        connection.transcription.end()
        connection.callbacks.post("CallDisconnected", connection.operation, result)
        if connection.life and connection.life is not asyncio.current_task():
            connection.life.cancel()


def incoming_call(call: Call) -> dict[str, Any]:
    """Return the event that tells of an incoming call."""
    subject = f"/caller/{call.caller}/recipient/{call.callee}"
    data = {
        "to": identifier(call.callee),
        "from": identifier(call.caller),
        "serverCallId": call.server_call_id,
        "callerDisplayName": call.ring.caller_display_name,
        "incomingCallContext": call.incoming_call_context,
        "correlationId": call.correlation_id,
    }
    if call.ring.custom_context is not None:
        data["customContext"] = call.ring.custom_context
    return new_event(INCOMING_CALL, subject, data, data_version="1.0")


def _participant(raw: str) -> dict[str, Any]:
    return {"identifier": identifier(raw), "isMuted": False, "isOnHold": False}
