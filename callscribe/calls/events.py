"""What can happen to a call besides ACS's own callbacks, and what a decision asks to be done."""

from dataclasses import dataclass
from enum import StrEnum

from callscribe.calls.call import Call
from callscribe.calls.call_events import CallEvent
from callscribe.foundation.moments import Ms, Seconds

AT_ONCE = Seconds(0)


@dataclass(frozen=True, slots=True)
class Answered:
    """ACS accepted our answer: now, or at `at` where that is known from elsewhere."""

    connection_id: str
    server_call_id: str | None
    correlation_id: str | None
    at: Ms | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """ACS refused to answer the call, with this HTTP status; believed on the first drive only."""

    code: int
    message: str


@dataclass(frozen=True, slots=True)
class RingOver:
    """The phone has stopped ringing, and the call was not answered."""


@dataclass(frozen=True, slots=True)
class Polled:
    """What a poll of ACS found out about a call; `found` is False where ACS does not know it.

    `overdue` says that a confirmation is late; `over_at` when the call was last known to be up, if
    that is known. A call that is older than any can be is not `found` either where ACS would not
    tell: `error_status` is the HTTP status it answered with; with `no_answer` there was none.
    """

    found: bool
    connected: bool = False
    transcribing: bool = False
    overdue: bool = False
    over_at: Ms | None = None
    error_status: int | None = None
    no_answer: bool = False


@dataclass(frozen=True, slots=True)
class StartFailed:
    """ACS did not take the request to transcribe; `code` is the HTTP status, if it answered."""

    code: int | None
    sub_code: int | None
    message: str


Event = CallEvent | Answered | Refused | RingOver | Polled | StartFailed


class EffectKind(StrEnum):
    """What is to be done in the world."""

    START = "start transcription"
    START_LATER = "start transcription after a delay"
    FINISH = "finish the call, and forget it as active"
    REOPEN = "remember the call as active again"


@dataclass(frozen=True, slots=True)
class Effect:
    """One thing to do, after the delay."""

    kind: EffectKind
    delay: Seconds = AT_ONCE


@dataclass(frozen=True, slots=True)
class Decision:
    """The call as it should be saved, and what to do once it is."""

    call: Call
    effects: tuple[Effect, ...] = ()
