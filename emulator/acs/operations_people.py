"""Call Automation's operations on the people of a call: add, cancel, remove, transfer.

https://learn.microsoft.com/rest/api/communication/callautomation/call-connection
"""

from collections.abc import Callable
from typing import Any

from aiohttp import web

from emulator.acs.bodies_people import (
    AddParticipant,
    CancelAddParticipant,
    MidCall,
    RemoveParticipant,
    Transfer,
)
from emulator.acs.calls import Operation
from emulator.acs.connection import Connection, participant
from emulator.acs.errors import decode
from emulator.acs.mid_call_checks import check_add, check_people, check_transfer
from emulator.acs.operations import CALL, Perform, connection_of, json_reply, operation_of
from emulator.acs.repeatability import Reply
from emulator.acs.state import Emulator

# Does it, and returns what is answered besides the operation's context.
type Act[Body] = Callable[[Emulator, Connection, Operation, Body], dict[str, Any]]


def _repeatable[Body: MidCall](shape: type[Body], act: Act[Body]) -> Perform:
    """Return the operation that does this; an event tells what has become of it."""

    async def perform(emulator: Emulator, request: web.Request, body: bytes) -> Reply:
        def once() -> Reply:
            connection, wanted = connection_of(emulator, request), decode(body, shape)
            operation = operation_of(connection, request, wanted)
            answer = act(emulator, connection, operation, wanted)
            context = {} if operation.context is None else {"operationContext": operation.context}
            return json_reply(answer | context, 202)

        return emulator.repeatability.once(request, body, once)

    return perform


def _add(
    emulator: Emulator, connection: Connection, operation: Operation, wanted: AddParticipant
) -> dict[str, Any]:
    check_add(connection.call, wanted, emulator.resources.settings)
    invitation = emulator.invitations.add(connection, operation, wanted)
    return {
        "participant": participant(invitation.line.who),
        "invitationId": invitation.id,
    }


def _cancel(
    emulator: Emulator, connection: Connection, operation: Operation, wanted: CancelAddParticipant
) -> dict[str, Any]:
    check_people(connection.call)
    emulator.invitations.cancel(connection, operation, wanted)
    return {"invitationId": wanted.invitation_id}


def _remove(
    emulator: Emulator, connection: Connection, operation: Operation, wanted: RemoveParticipant
) -> dict[str, Any]:
    check_people(connection.call)
    emulator.invitations.remove(connection, operation, wanted)
    return {}


def _transfer(
    emulator: Emulator, connection: Connection, operation: Operation, wanted: Transfer
) -> dict[str, Any]:
    check_transfer(connection.call, wanted)
    emulator.transfers.transfer(connection, operation, wanted)
    return {}


_PEOPLE = f"{CALL}/participants"
OPERATIONS: tuple[tuple[str, str, str, Perform], ...] = (
    ("POST", f"{_PEOPLE}:add", "addParticipant", _repeatable(AddParticipant, _add)),
    (
        "POST",
        f"{_PEOPLE}:cancelAddParticipant",
        "cancelAddParticipant",
        _repeatable(CancelAddParticipant, _cancel),
    ),
    ("POST", f"{_PEOPLE}:remove", "removeParticipant", _repeatable(RemoveParticipant, _remove)),
    (
        "POST",
        f"{CALL}:transferToParticipant",
        "transferToParticipant",
        _repeatable(Transfer, _transfer),
    ),
)
