"""Transfers: somebody on the call is connected with somebody else, without the app.

https://learn.microsoft.com/azure/communication-services/how-tos/call-automation/actions-for-call-control
"""

from emulator.acs.bodies_people import Transfer
from emulator.acs.calls import Call, Operation
from emulator.acs.connection import Connection
from emulator.acs.conversation import Conversation
from emulator.acs.errors import refusal
from emulator.acs.exchange import Exchange
from emulator.acs.identifiers import identifier
from emulator.acs.invitations import Invitations
from emulator.acs.phones import Ringing
from emulator.acs.resources import Resources
from emulator.acs.results import COMPLETED, ENDED_BY_APP, PARTICIPANT_NOT_FOUND, Result
from emulator.acs.results_media import TRANSFER_CONFLICT


class Transfers:
    """Transfers people."""

    def __init__(self, exchange: Exchange, invitations: Invitations, resources: Resources) -> None:
        self._exchange = exchange
        self._invitations = invitations
        self._resources = resources

    def transfer(self, connection: Connection, operation: Operation, wanted: Transfer) -> None:
        """Let the target ring, and connect it with the transferee if it is picked up.

        Raises ServiceError where another transfer is under way, or it is not said of several who is
        transferred.
        """
        call = connection.call
        if call.transferring:
            raise refusal(TRANSFER_CONFLICT)
        if wanted.transferee:
            transferee = wanted.transferee.raw_id
        elif len(call.others) == 1:
            [transferee] = call.others
        else:
            message = "The field Transferee is invalid: needed in a call with several."
            raise refusal(Result(400, 8523, message))
        line = self._invitations.ring(call, wanted.target_participant.raw_id)
        call.transferring = True
        apart = None if len(call.others) == 1 else _apart(call, transferee, line)
        connection.run(self._transfer(connection, operation, line, transferee, apart))
        # The caller's number that the target sees is that of the one who is transferred.
        self._exchange.ring_user(call, line, apart, from_=transferee)

    async def _transfer(
        self,
        connection: Connection,
        operation: Operation,
        line: Ringing,
        transferee: str,
        apart: Conversation | None,
    ) -> None:
        call = connection.call
        problem = await line.outcome()
        if not problem and transferee not in call.others:
            problem = PARTICIPANT_NOT_FOUND
        event = "CallTransferAccepted"
        problem = problem or await self._resources.faults.failure_of(event, call.names)
        call.transferring = False
        if problem:
            connection.callbacks.post("CallTransferFailed", operation, problem)
            return
        data = {"transferTarget": identifier(line.who), "transferee": identifier(transferee)}
        connection.callbacks.post(event, operation, COMPLETED, data)
        if apart is None:
            self._leave(connection, line)
        else:
            apart.arrive((transferee, line.who))
            conversations = self._exchange.conversations
            conversations.all[apart.id] = apart
            conversations.leave(call.conversation, transferee)

    def _leave(self, connection: Connection, line: Ringing) -> None:
        """Take the app and its own end out of a call that goes on between the two others."""
        call = connection.call
        conversation = call.conversation
        conversation.pick_up(line)
        if call.own_end:
            conversation.leave(call.own_end)
        # The code is not documented; this one stands for what the app has asked for.
        connection.end(ENDED_BY_APP)
        self._exchange.conversations.post_rosters(conversation)


def _apart(call: Call, transferee: str, line: Ringing) -> Conversation:
    """Return the conversation of two who are taken out of a call of several."""
    return Conversation(call.options, (transferee, line.who))
