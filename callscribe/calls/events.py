"""What can happen to a call besides ACS's own callbacks, and what a decision asks to be done."""

from dataclasses import dataclass
from enum import StrEnum

from callscribe.calls.call import Call
from callscribe.calls.call_events import CallEvent


@dataclass(frozen=True, slots=True)
class Answered:
    """ACS accepted our answer: now, or at `at` (Unix ms) where its reply is not what tells."""

    connection_id: str
    server_call_id: str
    correlation_id: str
    at: int | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """ACS will not have the call answered; believed on the first drive only."""

    code: int
    message: str


@dataclass(frozen=True, slots=True)
class RingOver:
    """The phone has stopped ringing and nobody had the call answered."""


@dataclass(frozen=True, slots=True)
class Polled:
    """What ACS says of the call when asked. `found` is False where it does not know it.

    `overdue` says that a confirmation has been waited for long enough; `over_at` when the call
    was last known to be up, where that can be told (Unix ms). Of a call that is older than any
    can be it is not `found` either where ACS would not tell: `error_status` is its status (0: none).
    """

    found: bool
    connected: bool = False
    transcribing: bool = False
    overdue: bool = False
    over_at: int | None = None
    error_status: int | None = None


@dataclass(frozen=True, slots=True)
class StartFailed:
    """ACS did not take the request to transcribe."""

    code: int
    sub_code: int
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
    """One thing to do; `delay` is in seconds."""

    kind: EffectKind
    delay: float = 0


@dataclass(frozen=True, slots=True)
class Decision:
    """The call as it should be saved, and what to do once it is."""

    call: Call
    effects: tuple[Effect, ...] = ()
