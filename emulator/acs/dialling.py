"""Outgoing calls: the phones of those who are called ring, are picked up or not, and connect."""

import asyncio
from collections.abc import Callable, Iterable

from emulator.acs.call_options import OutgoingOptions
from emulator.acs.calls import Call, CallState
from emulator.acs.connection import Connection
from emulator.acs.identifiers import is_phone, raw_id
from emulator.acs.phones import Phones, Ringing
from emulator.acs.resources import Resources
from emulator.acs.results import Result

type Talk = Callable[[Connection], None]


def start_ringing(call: Call, phones: Phones, resources: Resources) -> None:
    """Let the phone of each target ring."""
    conversation = call.conversation
    for who in call.targets:
        usual = conversation.roles.phone_of(who, by_order=False) or call.options.phone
        call.ringing[who] = phones.ring(who, usual, resources.settings)
    conversation.roles.call(call.targets)


def has_too_many_calls(calls: Iterable[Call], number: str, options: OutgoingOptions) -> bool:
    """Tell whether one of the app's numbers has more calls than it may."""
    # https://learn.microsoft.com/azure/communication-services/concepts/service-limits
    up = [call for call in calls if call.is_up]
    placed = sum(call.direction == "outbound" and call.caller == number for call in up)
    invited = (each for call in up for each in call.invitations.values())
    added = sum(
        raw_id(each.source or "") == number and each.line.state in ("ringing", "answered")
        for each in invited
    )
    limit = options.calls_per_number
    return limit is not None and placed + added > limit


def decline_number(line: Ringing) -> None:
    """Have a number decline."""
    # The documented sign of too many calls from one number is that of a declined one:
    # https://learn.microsoft.com/azure/communication-services/resources/troubleshooting/voice-video-calling/troubleshooting-codes
    if is_phone(line.who):
        line.tell("declines")


async def dial(connection: Connection, talk: Talk, *, disconnected: bool) -> None:
    """Connect the call with those who pick up, the first of whom brings it about.

    Where nobody does, CreateCallFailed says so, and with `disconnected` CallDisconnected as well.
    """
    call = connection.call
    refusals: list[Result] = []
    # Two may pick up in the same moment, and only the first connects the call.
    one_by_one = asyncio.Lock()

    async def ring(who: str) -> None:
        if problem := await call.ringing[who].outcome():
            refusals.append(problem)
            return
        async with one_by_one:
            is_first = _is_connecting(call) and await _connect_with(connection, who)
            if not is_first and call.state is CallState.CONNECTED:
                call.conversation.pick_up(call.ringing[who])
                connection.post_roster()
        if is_first:
            await connection.await_first_stream()
            talk(connection)

    async with asyncio.TaskGroup() as ringing:
        for who in call.ringing:
            ringing.create_task(ring(who))
    # Which of several refusals is reported is not documented; here it is the last.
    if _is_connecting(call):
        connection.fail(refusals[-1], disconnected=disconnected)


def _is_connecting(call: Call) -> bool:
    return call.state is CallState.CONNECTING


async def _connect_with(connection: Connection, who: str) -> bool:
    call = connection.call
    conversation = call.conversation
    own = [end for end in conversation.ends if end == call.own_end]
    present = [one for one in conversation.roles.present if one not in call.targets]
    conversation.arrive((*own, who, *present))
    conversation.pick_up(call.ringing[who])
    return await connection.connect()
