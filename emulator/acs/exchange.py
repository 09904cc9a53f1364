"""The telephone exchange: lets calls ring, connects them, has them spoken on, and ends them."""

import asyncio
import uuid
from contextlib import suppress
from typing import Any

import msgspec

from emulator.acs.bodies import Answer, ConnectCall, CreateCall, Reject, Setup
from emulator.acs.call_options import (
    Answers,
    CallOptions,
    CallRequest,
    OutgoingOptions,
    Press,
    Say,
)
from emulator.acs.calls import Call, CallState
from emulator.acs.connection import Connection
from emulator.acs.conversation import Conversation
from emulator.acs.conversations import Conversations
from emulator.acs.dialling import decline_number, dial, has_too_many_calls, start_ringing
from emulator.acs.errors import ServiceError, refusal
from emulator.acs.event_grid import EventGrid, incoming_call
from emulator.acs.identifiers import is_user_of, raw_id
from emulator.acs.phones import Phones, Ringing
from emulator.acs.resources import Resources
from emulator.acs.results import (
    CALL_NOT_FOUND,
    ENDED_BY_APP,
)
from emulator.acs.schedule import ScriptedLine

# The caller of an outgoing call for which the app gives no number of its own.
_APP = "8:acs:emulator_app"
_TEAMS_APP = "28:orgid:"


class Exchange:
    """All calls since the start or the last reset."""

    def __init__(self, resources: Resources, event_grid: EventGrid) -> None:
        self._resources = resources
        self._event_grid = event_grid
        self.calls: dict[str, Call] = {}
        self.conversations = Conversations(resources.tasks)
        self.phones = Phones()
        self.outgoing = OutgoingOptions()
        # The phones that an incoming call rings for: those of users whom the app has called.
        self._rings_for: dict[str, Ringing] = {}

    def ring(self, options: CallRequest) -> Call:
        """Let a call ring until it is answered or the caller gives up."""
        return self._ring(Call(options, own_end_speaks=options.answered_by == "callee"))

    def answer(self, answer: Answer, version: str) -> Connection:
        """Answer a ringing call. Raises ServiceError when no call rings with this context."""
        call = self._ringing_with(answer.incoming_call_context)
        call.state = CallState.CONNECTING
        if line := self._rings_for.get(call.id):
            line.tell("answers")
        connection = self._set_up(call, answer, version)
        connection.run(self._answer(connection))
        return connection

    def reject(self, reject: Reject) -> None:
        """Refuse a ringing call. Raises ServiceError when no call rings with this context."""
        call = self._ringing_with(reject.incoming_call_context)
        call.state = CallState.REJECTED
        call.reject_reason = reject.call_reject_reason or "none"
        if line := self._rings_for.get(call.id):
            line.tell("busy" if reject.call_reject_reason == "busy" else "declines")

    def create(self, wanted: CreateCall, version: str) -> Connection:
        """Call others for the app; they behave as their phones were told."""
        targets = tuple(target.raw_id for target in wanted.targets)
        options = CallRequest(
            **_call_options(self.outgoing),
            from_=_caller(wanted),
            to=targets[0],
            caller_display_name=wanted.source_display_name,
        )
        speaks = self.outgoing.called_by == "caller"
        call = Call(options, "outbound", targets=targets, own_end_speaks=speaks)
        self._keep(call)
        start_ringing(call, self.phones, self._resources)
        if has_too_many_calls(self.calls.values(), call.caller, self.outgoing):
            for line in call.ringing.values():
                decline_number(line)
        connection = self._set_up(call, wanted, version)
        disconnected = self.outgoing.disconnected_after_failure
        connection.run(dial(connection, self._talk, disconnected=disconnected))
        for line in call.ringing.values():
            self.ring_user(call, line)
        return connection

    def join(self, wanted: ConnectCall, version: str) -> Connection:
        """Let the app join a conversation; that there is none is reported by ConnectFailed."""
        nobody = Conversation(CallOptions(), (_APP, _APP))
        conversation = self.conversations.at(wanted.call_locator) or nobody
        ends = (*conversation.people, _APP, _APP)
        options = _call_options(conversation.options)
        request = CallRequest(**options, from_=ends[0], to=ends[1])
        call = Call(request, "joined", conversation=conversation)
        self.calls[call.id] = call
        connection = self._set_up(call, wanted, version)
        connection.run(self._join(connection))
        return connection

    def call_with(self, context: str) -> Call | None:
        """Return the call with this incoming-call context."""
        return next((c for c in self.calls.values() if c.incoming_call_context == context), None)

    def call_id_of(self, call_connection_id: str) -> str | None:
        """Return the control API's id of a call, also of one that has ended."""
        connection = self.conversations.connections.get(call_connection_id)
        return connection.call.id if connection else None

    def find(self, call_connection_id: str) -> Connection:
        """Return a call that has not ended. Raises ServiceError for any other."""
        # How the service refuses an operation on a call that is over is not documented; 8522 with
        # 404 is chosen here.
        connection = self.find_ended_too(call_connection_id)
        if not connection.call.is_up:
            raise refusal(CALL_NOT_FOUND)
        return connection

    def find_ended_too(self, call_connection_id: str) -> Connection:
        """Return a call that is or was up. Raises ServiceError for any other."""
        connection = self.conversations.connections.get(call_connection_id)
        if connection is None:
            raise refusal(CALL_NOT_FOUND)
        return connection

    def connection_of(self, call: Call) -> Connection:
        """Return the connection of a connected call. Raises ServiceError for any other."""
        if call.state is not CallState.CONNECTED or call.call_connection_id is None:
            raise ServiceError(409, "Conflict", f"the call is {call.state}, not connected")
        return self.conversations.connections[call.call_connection_id]

    def say(self, conversation: Conversation, say: Say) -> None:
        """Let a participant say something now. Raises ServiceError where they are not there."""
        conversation.schedule.say(ScriptedLine(conversation.named(say.speaker), say.text))

    def press(self, conversation: Conversation, press: Press) -> None:
        """Let a participant press keys now. Raises ServiceError where they are not there."""
        conversation.press(conversation.named(press.speaker), press.keys)

    def answer_phone(self, call: Call, answers: Answers) -> None:
        """Let a phone that rings do something now. Raises ServiceError where none rings."""
        ringing = [line for line in call.ringing.values() if line.state == "ringing"]
        if answers.who is not None:
            ringing = [line for line in ringing if line.who == raw_id(answers.who)]
        if len(ringing) != 1:
            found = "several phones ring: say `who`" if ringing else "no such phone rings"
            raise ServiceError(409, "Conflict", found)
        ringing[0].tell(answers.does)

    def hang_up_by_other_party(self, call: Call, who: str | None = None) -> None:
        """Let the other party hang up; a call that still rings is missed or declined.

        Where it is said who hangs up, the others go on.
        """
        if who is not None:
            self.connection_of(call)
            self.conversations.leave(call.conversation, raw_id(who))
        elif call.state is CallState.RINGING:
            call.state = CallState.MISSED
        elif not call.is_up:
            raise ServiceError(409, "Conflict", f"the call is {call.state}")
        elif call.state is CallState.CONNECTING and call.direction == "outbound":
            for line in call.ringing.values():
                line.tell("declines")
        else:
            self.conversations.end(call.conversation)

    def hang_up_by_app(self, connection: Connection, *, everyone: bool) -> None:
        """End a call because the app has asked for it, or let the app leave the others."""
        call = connection.call
        # Where the app has one other party, leaving ends the call:
        # https://learn.microsoft.com/azure/communication-services/how-tos/call-automation/actions-for-call-control
        goes_on = call.direction == "joined" or len(call.others) > 1
        if goes_on and not everyone:
            connection.end(ENDED_BY_APP)
        else:
            self.conversations.end(call.conversation, ENDED_BY_APP)

    def ring_user(
        self,
        call: Call,
        line: Ringing,
        conversation: Conversation | None = None,
        **changes: Any,  # noqa: ANN401 (options of a call)
    ) -> None:
        """Raise IncomingCall for somebody who is called, if they are a user of this resource."""
        ours = is_user_of(line.who, self._resources.settings.resource_id)
        if ours and self.outgoing.incoming_for_users:
            options = msgspec.structs.replace(call.options, **(changes | {"to": line.who}))
            rung = Call(options, conversation=conversation or call.conversation)
            self._rings_for[rung.id] = line
            self._ring(rung, line)

    def forget(self) -> None:
        """Forget every call; their tasks must have been cancelled before."""
        self.outgoing = OutgoingOptions()
        self.phones.forget()
        self.calls.clear()
        self.conversations.forget()
        self._rings_for.clear()

    def _keep(self, call: Call) -> None:
        self.calls[call.id] = call
        self.conversations.all[call.conversation.id] = call.conversation

    def _ring(self, call: Call, line: Ringing | None = None) -> Call:
        self._keep(call)
        deliveries = call.options.deliveries
        self._event_grid.publish(incoming_call(call), deliveries, call.deliveries.append)
        self._resources.tasks.spawn(self._end_ringing(call, line))
        return call

    def _ringing_with(self, context: str) -> Call:
        # The service's answer to a context that is unknown, used or expired is not documented.
        # 400 is what apps must expect of a request that can never succeed; 8501 is the documented
        # code for an action in the wrong state of a call.
        call = self.call_with(context)
        if call is None or call.state is not CallState.RINGING:
            raise ServiceError(400, "8501", "Action is invalid: no call rings with this context.")
        return call

    def _set_up(self, call: Call, setup: Setup, version: str) -> Connection:
        call.call_connection_id = str(uuid.uuid4())
        connection = Connection(call, setup, version, self._resources)
        self.conversations.connections[call.call_connection_id] = connection
        return connection

    async def _end_ringing(self, call: Call, line: Ringing | None) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(self._resources.settings.ring_seconds):
                await (line.over if line else asyncio.Event()).wait()
        if call.state is CallState.RINGING:
            call.state = CallState.MISSED

    async def _answer(self, connection: Connection) -> None:
        call = connection.call
        # The call is `connecting` for a moment, so that the app usually has the answer to its
        # request before CallConnected. The fault `lateReply` turns the order round, which the
        # service's documents call rare but possible.
        await asyncio.sleep(self._resources.settings.connect_seconds)
        # Who comes into a call that the app has made itself is seen where their phones ring.
        if call.id not in self._rings_for:
            conversation = call.conversation
            conversation.arrive((*conversation.ends, *conversation.roles.present))
        if await connection.connect():
            await connection.await_first_stream()
            self._talk(connection)

    async def _join(self, connection: Connection) -> None:
        await asyncio.sleep(self._resources.settings.connect_seconds)
        is_there = connection.call.conversation.is_there
        if await connection.connect(None if is_there else CALL_NOT_FOUND):
            await connection.await_first_stream()
            self._talk(connection)

    def _talk(self, connection: Connection) -> None:
        self.conversations.talk(connection.call.conversation)


def _call_options(options: CallOptions) -> dict[str, Any]:
    return {name: getattr(options, name) for name in CallOptions.__struct_fields__}


def _caller(wanted: CreateCall) -> str:
    if wanted.source_caller_id_number:
        return raw_id(wanted.source_caller_id_number.value)
    return _TEAMS_APP + wanted.teams_app_source.app_id if wanted.teams_app_source else _APP
