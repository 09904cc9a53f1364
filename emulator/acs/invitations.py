"""Those whom the app adds to a call: they ring, come in or not; and those whom it removes."""

import uuid
from typing import Any

import msgspec

from emulator.acs.bodies_people import AddParticipant, CancelAddParticipant, RemoveParticipant
from emulator.acs.calls import Call, Invitation, Operation
from emulator.acs.connection import Connection
from emulator.acs.dialling import decline_number, has_too_many_calls
from emulator.acs.errors import refusal
from emulator.acs.exchange import Exchange
from emulator.acs.identifiers import identifier, raw_id
from emulator.acs.phones import Ringing
from emulator.acs.resources import Resources
from emulator.acs.results import COMPLETED, PARTICIPANT_NOT_FOUND
from emulator.acs.results_media import ALREADY_THERE, IN_PARALLEL, INVITATION_NOT_FOUND


class Invitations:
    """Adds people to calls and removes them."""

    def __init__(self, exchange: Exchange, resources: Resources) -> None:
        self._exchange = exchange
        self._resources = resources

    def add(
        self, connection: Connection, operation: Operation, wanted: AddParticipant
    ) -> Invitation:
        """Let somebody's phone ring, and report what becomes of it.

        Raises ServiceError where it rings for this call already.
        """
        call = connection.call
        source = wanted.source_caller_id_number
        context = wanted.custom_calling_context
        invitation = Invitation(
            str(uuid.uuid4()),
            self.ring(call, wanted.participant_to_add.raw_id, wanted.invitation_timeout_in_seconds),
            source.value if source else None,
            wanted.source_display_name,
            msgspec.to_builtins(context) if context else None,
        )
        call.invitations[invitation.id] = invitation
        line = invitation.line
        if source and self._has_too_many_calls(source.value):
            decline_number(line)
        connection.run(self._invite(connection, operation, line))
        self._exchange.ring_user(call, line, **_of_the_event(invitation, call))
        return invitation

    def ring(self, call: Call, who: str, limit: float | None = None) -> Ringing:
        """Let a phone ring. Raises ServiceError where it rings for this call already."""
        ringing = call.ringing.get(who)
        if ringing and not ringing.over.is_set():
            raise refusal(IN_PARALLEL)
        usual = call.conversation.roles.phone_of(who, by_order=True) or call.options.phone
        line = self._exchange.phones.ring(who, usual, self._resources.settings, limit)
        call.ringing[who] = line
        return line

    def cancel(
        self, connection: Connection, operation: Operation, wanted: CancelAddParticipant
    ) -> None:
        """Let an invitation ring no more, and report it."""
        connection.run(self._cancel(connection, operation, wanted.invitation_id))

    def remove(
        self, connection: Connection, operation: Operation, wanted: RemoveParticipant
    ) -> None:
        """Take somebody out of the call, and report it."""
        connection.run(self._remove(connection, operation, wanted.participant_to_remove.raw_id))

    def _has_too_many_calls(self, number: str) -> bool:
        exchange = self._exchange
        return has_too_many_calls(exchange.calls.values(), raw_id(number), exchange.outgoing)

    async def _invite(self, connection: Connection, operation: Operation, line: Ringing) -> None:
        conversation = connection.call.conversation
        # Somebody who is there cannot come: what the service makes of it is not documented.
        problem = ALREADY_THERE if line.who in conversation.people else await line.outcome()
        # That the invitation was cancelled is reported by an event of its own, which alone is
        # documented.
        if line.state == "cancelled":
            return
        event, names = "AddParticipantSucceeded", connection.call.names
        problem = problem or await self._resources.faults.failure_of(event, names)
        data = {"participant": identifier(line.who)}
        if problem:
            connection.callbacks.post("AddParticipantFailed", operation, problem, data)
            return
        conversation.pick_up(line)
        connection.callbacks.post(event, operation, COMPLETED, data)
        self._exchange.conversations.post_rosters(conversation)

    async def _cancel(self, connection: Connection, operation: Operation, wanted: str) -> None:
        event = "CancelAddParticipantSucceeded"
        problem = await self._resources.faults.failure_of(event, connection.call.names)
        invitation = connection.call.invitations.get(wanted)
        if not problem and not (invitation and invitation.line.cancel()):
            problem = INVITATION_NOT_FOUND
        event = "CancelAddParticipantFailed" if problem else event
        data = {"invitationId": wanted}
        connection.callbacks.post(event, operation, problem or COMPLETED, data)

    async def _remove(self, connection: Connection, operation: Operation, who: str) -> None:
        event = "RemoveParticipantSucceeded"
        problem = await self._resources.faults.failure_of(event, connection.call.names)
        conversation = connection.call.conversation
        if not problem and who not in conversation.people:
            problem = PARTICIPANT_NOT_FOUND
        event = "RemoveParticipantFailed" if problem else event
        data = {"participant": identifier(who)}
        connection.callbacks.post(event, operation, problem or COMPLETED, data)
        if not problem:
            self._exchange.conversations.leave(conversation, who)


def _of_the_event(invitation: Invitation, call: Call) -> dict[str, Any]:
    """Return what IncomingCall tells a user of the resource who is added."""
    context = invitation.custom_context or {}
    headers = {name: context.get(name) for name in ("sipHeaders", "voipHeaders")}
    return {
        "from_": invitation.source or call.own_end or call.caller,
        "caller_display_name": invitation.display_name or "",
        "custom_context": {name: found for name, found in headers.items() if found} or None,
    }
