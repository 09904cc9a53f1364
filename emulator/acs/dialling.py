"""Outgoing calls: the phones of those who are called ring, are picked up or not, and connect."""

import asyncio
from collections.abc import Callable

from emulator.acs.calls import Call, CallState
from emulator.acs.connection import Connection
from emulator.acs.phones import Phones
from emulator.acs.resources import Resources
from emulator.acs.results import Result

type Talk = Callable[[Connection], None]


def start_ringing(call: Call, phones: Phones, resources: Resources) -> None:
    """Let the phone of each target ring."""
    conversation = call.conversation
    for who in call.targets:
        usual = conversation.phone_of(who) or call.options.phone
        call.ringing[who] = phones.ring(who, usual, resources.settings)
    conversation.absent.update(call.targets)


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
    speakers = (one for one in call.conversation.speakers if one not in call.targets)
    call.conversation.arrive((call.caller, who, *speakers))
    call.conversation.pick_up(call.ringing[who])
    return await connection.connect()
