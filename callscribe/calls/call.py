"""A call: what is known of it, and the states that it goes through.

    answering ──▶ connecting ──▶ connected ──▶ ended
        │              └──────────────────────▶ failed
        └──▶ missed (a guess: it yields to a callback that shows that the call was up)

`ended`, `missed` and `failed` are terminal: they absorb whatever comes later. What an event does
to a call is decided in `decisions.py`.
"""

from dataclasses import dataclass, replace
from enum import StrEnum

from callscribe.calls.incoming import IncomingCall

_ACS_USERS = ("8:acs:", "8:dod-acs:", "8:gcch-acs:")
"""How the raw ids of ACS's own users begin, in each of its clouds."""


class Direction(StrEnum):
    """Who started the call."""

    INBOUND = "inbound"
    OUTBOUND = "outbound"


class State(StrEnum):
    """Where a call stands."""

    ANSWERING = "answering"
    CONNECTING = "connecting"
    CONNECTED = "connected"
    ENDED = "ended"
    MISSED = "missed"
    FAILED = "failed"


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
    """Why a call or its transcription ended as it did, and what a person can do about it."""

    text: str = ""
    code: int = 0
    sub_code: int = 0
    remedy: str = ""


NO_REASON = Reason()


@dataclass(frozen=True, slots=True)
class Report:
    """The completeness report. Frames = metadata + intermediates + finals + quarantined.

    `duplicates` are those of the finals that were said again; `suspected_missing` counts events
    that seem never to have come.
    """

    frames: int = 0
    metadata: int = 0
    intermediates: int = 0
    finals: int = 0
    quarantined: int = 0
    duplicates: int = 0
    suspected_missing: int = 0
    seconds_without_stream: float = 0.0


@dataclass(frozen=True, slots=True)
class Call:
    """The record of one call. Times are Unix milliseconds (UTC); raw ids are ACS's own."""

    id: str
    direction: Direction
    state: State
    caller: str
    callee: str
    rang_at: int
    transcription: Transcription = Transcription.OFF
    transcription_at: int | None = None
    transcription_attempts: int = 0
    caller_name: str = ""
    locale: str = ""
    connection_id: str = ""
    server_call_id: str = ""
    correlation_id: str = ""
    answered_at: int | None = None
    connected_at: int | None = None
    ended_at: int | None = None
    finished_at: int | None = None
    reason: Reason = NO_REASON
    lease_id: str = ""
    lease_until: int | None = None
    drives: int = 0
    report: Report | None = None

    @property
    def terminal(self) -> bool:
        """Whether the call is over, one way or another."""
        return self.state in TERMINAL


def ring(incoming: IncomingCall, locale: str, *, at_setup: bool, now: int) -> Call:
    """Make the record of a call that rings; with `at_setup` its transcription is on its way.

    The intent to transcribe is part of the claim, so that a worker that dies after the answer
    leaves behind what it had asked for.
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


def claim(call: Call, lease_id: str, until: int) -> Call:
    """Claim the call for one delivery; every claim is one more drive, counted before its effect."""
    return replace(call, lease_id=lease_id, lease_until=until, drives=call.drives + 1)


def renew(call: Call, until: int) -> Call:
    """Hold the claim for longer."""
    return replace(call, lease_until=until)


def held_by_other(call: Call, lease_id: str, now: int) -> bool:
    """Tell whether somebody else's claim on the call is still good."""
    return call.lease_id != lease_id and call.lease_until is not None and now < call.lease_until
