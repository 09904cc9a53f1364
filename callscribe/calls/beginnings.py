"""How calls begin: somebody rings, we dial or join, or another application will stream to us; pure.

With `setup` transcription is asked for together with the answer or the dial. That is saved first,
before ACS is asked: when the worker dies then, the next one reads what was asked for.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from callscribe.calls.call import Call, Direction, Machine, Own, State
from callscribe.calls.incoming import UNKNOWN, IncomingCall
from callscribe.calls.transcription import Transcribing, at_setup
from callscribe.calls.wish import Language, Wish
from callscribe.foundation.moments import Ms

# How the raw ids of ACS's own users begin, in each of its clouds:
# https://learn.microsoft.com/azure/communication-services/concepts/identifiers
_ACS_USERS = ("8:acs:", "8:dod-acs:", "8:gcch-acs:")


class Start(StrEnum):
    """When transcription begins: with the answer, once the call is connected, or when asked."""

    SETUP = "setup"
    CONNECTED = "connected"
    MANUAL = "manual"


@dataclass(frozen=True, slots=True)
class Beginning:
    """How a call's transcription begins: in which language, when, and by whose wish."""

    language: Language
    start: Start
    by: str = "setting"


def ring(incoming: IncomingCall, beginning: Beginning, now: Ms) -> Call:
    """Make the record of a call that rings."""
    setup = can_start_at_setup([incoming.caller])
    return Call(
        id=incoming.call_id,
        direction=Direction.INBOUND,
        state=State.ANSWERING,
        caller=incoming.caller,
        caller_name=incoming.caller_name,
        callee=incoming.callee,
        begun_at=incoming.rang_at,
        wish=_wish(beginning, now),
        machine=Machine(transcribing=_transcribing(beginning, setup=setup)),
        server_call_id=incoming.server_call_id,
        correlation_id=incoming.correlation_id,
    )


def dial(call_id: str, caller: str, callees: list[str], beginning: Beginning, now: Ms) -> Call:
    """Make the record of a call that is dialled: a first drive is counted with it."""
    setup = can_start_at_setup(callees)
    return Call(
        id=call_id,
        direction=Direction.OUTBOUND,
        state=State.DIALING,
        caller=caller,
        callee=callees[0],
        begun_at=now,
        wish=_wish(beginning, now),
        machine=Machine(transcribing=_transcribing(beginning, setup=setup)),
        drives=1,
    )


def join(call_id: str, locator: str, beginning: Beginning, now: Ms) -> Call:
    """Make the record of a call that is joined; who is on it is told later."""
    return Call(
        id=call_id,
        direction=Direction.JOINED,
        state=State.CONNECTING,
        caller=UNKNOWN,
        callee=UNKNOWN,
        begun_at=now,
        wish=_wish(beginning, now),
        machine=Machine(transcribing=_transcribing(beginning, setup=True)),
        locator=locator,
        drives=1,
    )


def expect(call_id: str, people: tuple[str | None, str | None], own: Own, wish: Wish) -> Call:
    """Make the record of a call that another application keeps; `people` are caller and callee.

    What is transcribed there is that application's matter: we want nothing.
    """
    caller, callee = people
    return Call(
        id=call_id,
        direction=Direction.OWN,
        state=State.CONNECTING,
        caller=caller or UNKNOWN,
        callee=callee or UNKNOWN,
        begun_at=wish.at,
        wish=wish,
        machine=Machine(own=own),
    )


def can_start_at_setup(others: Iterable[str]) -> bool:
    """Tell whether ACS can transcribe from the answer on: not for 1:1 calls with its own users.

    https://learn.microsoft.com/azure/communication-services/how-tos/call-automation/real-time-transcription-tutorial#known-issues
    """
    found = list(others)
    return len(found) > 1 or not any(each.startswith(_ACS_USERS) for each in found)


def _wish(beginning: Beginning, now: Ms) -> Wish:
    on = beginning.start is not Start.MANUAL
    return Wish(on=on, language=beginning.language, at=now, by=beginning.by)


def _transcribing(beginning: Beginning, *, setup: bool) -> Transcribing:
    at_once = setup and beginning.start is Start.SETUP
    return at_setup(beginning.language) if at_once else Transcribing()
