"""A call: what is known of it, and the states that it goes through.

    answering ──▶ connecting ──▶ connected ──▶ ended
        │              └──────────────────────▶ failed
        └──▶ missed (a guess: it yields to a callback that shows that the call was up)

`ended`, `missed` and `failed` are terminal: they absorb whatever comes later. What an event does
to a call is decided in `line.py`.
"""

from dataclasses import dataclass, replace
from enum import StrEnum

from callscribe.calls.incoming import IncomingCall
from callscribe.foundation.moments import Ms, Seconds

# How the raw ids of ACS's own users begin, in each of its clouds:
# https://learn.microsoft.com/azure/communication-services/concepts/identifiers
_ACS_USERS = ("8:acs:", "8:dod-acs:", "8:gcch-acs:")


class Direction(StrEnum):
    """Who started the call."""

    INBOUND = "inbound"
    OUTBOUND = "outbound"
    JOINED = "joined"
    OWN = "own"


class State(StrEnum):
    """Where a call stands."""

    ANSWERING = "answering"
    CONNECTING = "connecting"
    CONNECTED = "connected"
    ENDED = "ended"
    MISSED = "missed"
    FAILED = "failed"


_NO_TIME = Seconds(0.0)
TERMINAL = frozenset({State.ENDED, State.MISSED, State.FAILED})


class Transcription(StrEnum):
    """Where a call's transcription stands."""

    OFF = "off"
    STARTING = "starting"
    ACTIVE = "active"
    STOPPING = "stopping"
    STOPPED = "stopped"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a call or its transcription ended as it did, and what a person can do about it.

    `text` is empty where ACS gave only codes.
    """

    text: str
    code: int | None = None
    sub_code: int | None = None
    remedy: str | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """The completeness report. Frames = metadata + intermediates + finals + quarantined.

    `duplicates` counts the finals that repeat another one; `suspected_missing` the events that
    seem to have been lost on the way, and the rows that are gone. Words were lost in the seconds
    without a stream, but in those in which none was wanted.
    """

    frames: int = 0
    metadata: int = 0
    intermediates: int = 0
    finals: int = 0
    quarantined: int = 0
    duplicates: int = 0
    suspected_missing: int = 0
    seconds_without_stream: Seconds = _NO_TIME
    seconds_not_wanted: Seconds = _NO_TIME


@dataclass(frozen=True, slots=True)
class Call:
    """The record of one call; what is not known yet is None. Raw ids are ACS's own.

    `caller` and `callee` are raw ids, or `UNKNOWN`. `lease_id` names the delivery that answers the
    call, or answered it, `lease_until` when others may take over, `drives` how many have tried.
    """

    id: str
    direction: Direction
    state: State
    caller: str
    callee: str
    rang_at: Ms
    transcription: Transcription = Transcription.OFF
    transcription_at: Ms | None = None
    transcription_attempts: int = 0
    caller_name: str | None = None
    locale: str | None = None
    connection_id: str | None = None
    server_call_id: str | None = None
    correlation_id: str | None = None
    answered_at: Ms | None = None
    connected_at: Ms | None = None
    ended_at: Ms | None = None
    finished_at: Ms | None = None
    reason: Reason | None = None
    lease_id: str | None = None
    lease_until: Ms | None = None
    drives: int = 0
    report: Report | None = None

    @property
    def terminal(self) -> bool:
        """Whether the call is over, one way or another."""
        return self.state in TERMINAL


def reason_of(
    text: str | None = None,
    code: int | None = None,
    sub_code: int | None = None,
    remedy: str | None = None,
) -> Reason | None:
    """Return why something ended, as far as that was said; None where nothing was.

    ACS's code 0 says nothing either.
    """
    if not (text or code or sub_code or remedy):
        return None
    return Reason(text or "", code or None, sub_code or None, remedy)


def ring(incoming: IncomingCall, locale: str, *, at_setup: bool, now: Ms) -> Call:
    """Make the record of a call that rings; with `at_setup` its transcription is starting.

    That is saved together with the lease, before ACS is asked: when the worker dies after the
    answer, the next one reads what was asked for.
    """
    return Call(
        id=incoming.call_id,
        direction=Direction.INBOUND,
        state=State.ANSWERING,
        caller=incoming.caller,
        caller_name=incoming.caller_name,
        callee=incoming.callee,
        rang_at=incoming.rang_at,
        server_call_id=incoming.server_call_id,
        correlation_id=incoming.correlation_id,
        locale=locale,
        transcription=Transcription.STARTING if at_setup else Transcription.OFF,
        transcription_at=now if at_setup else None,
        transcription_attempts=int(at_setup),
    )


def can_start_at_setup(caller: str) -> bool:
    """Tell whether ACS can transcribe from the answer on: not for 1:1 calls with its own users.

    https://learn.microsoft.com/azure/communication-services/how-tos/call-automation/real-time-transcription-tutorial#known-issues
    """
    return not caller.startswith(_ACS_USERS)


def acquire(call: Call, lease_id: str, until: Ms) -> Call:
    """Give one delivery the lease on the call; every time counts as one more drive."""
    return replace(call, lease_id=lease_id, lease_until=until, drives=call.drives + 1)


def renew(call: Call, until: Ms) -> Call:
    """Make the lease last longer."""
    return replace(call, lease_until=until)


def held_by_other(call: Call, lease_id: str, now: Ms) -> bool:
    """Tell whether another delivery holds the lease, and it has not expired."""
    return call.lease_id != lease_id and call.lease_until is not None and now < call.lease_until
