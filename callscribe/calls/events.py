"""What can happen to a call besides ACS's own callbacks, and what a decision asks to be done."""

from dataclasses import dataclass
from enum import StrEnum

from callscribe.calls.call import Call, HangUp
from callscribe.calls.call_events import CallEvent
from callscribe.calls.transcription import Failure, Operation
from callscribe.calls.transcription_steps import Look
from callscribe.calls.wish import Change
from callscribe.foundation.moments import Ms


@dataclass(frozen=True, slots=True)
class Answered:
    """ACS accepted our answer; `at` is when, if something else than its reply tells us so."""

    connection_id: str
    server_call_id: str | None
    correlation_id: str | None
    at: Ms | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """ACS refuses to have the call answered, dialled or joined.

    It is believed only where no try before it may have had its effect.
    """

    code: int
    message: str
    sub_code: int | None = None


@dataclass(frozen=True, slots=True)
class Rejected:
    """ACS accepted that the call is rejected, as its route says."""


@dataclass(frozen=True, slots=True)
class RingOver:
    """The phone has stopped ringing, and nobody has had the call answered."""


@dataclass(frozen=True, slots=True)
class Replied:
    """What ACS replied to an operation on the transcription; without a failure nobody knows."""

    number: int
    failure: Failure | None


@dataclass(frozen=True, slots=True)
class Polled:
    """What ACS says of a call that it knows; `state` is its word for it, of an open set.

    `asked_after` is the number of the last operation when the poll was sent, `connection_id` the
    connection that it was about: the call may not know it, if its worker died before it saved it.
    """

    state: str
    transcribing: bool
    locale: str | None
    asked_after: int
    connection_id: str | None = None


@dataclass(frozen=True, slots=True)
class NotKnown:
    """ACS does not know the call; `last_up` is when its streams say that it was still up."""

    last_up: Ms | None = None


@dataclass(frozen=True, slots=True)
class NotTold:
    """ACS would not tell about the call: its status, where it answered.

    `streams` is what Web PubSub said instead: whether a stream of the call is open; None where
    nobody asked it, or it did not tell.
    """

    status: int | None = None
    last_up: Ms | None = None
    streams: bool | None = None


@dataclass(frozen=True, slots=True)
class StreamOpened:
    """ACS opened a stream: it answered the call, and transcribes it."""

    connection_id: str | None = None
    correlation_id: str | None = None


@dataclass(frozen=True, slots=True)
class StreamClosed:
    """A stream was closed; `at` is when, None where it was cut and the call may have gone on."""

    at: Ms | None = None


@dataclass(frozen=True, slots=True)
class Want:
    """Somebody wants something changed; `by` is who, where that is known."""

    change: Change
    by: str | None = None


@dataclass(frozen=True, slots=True)
class Leave:
    """Somebody wants us off the line: us alone, or the call ended for everyone."""

    how: HangUp


@dataclass(frozen=True, slots=True)
class End:
    """The application that keeps a call says that it is over."""


@dataclass(frozen=True, slots=True)
class HungUp:
    """ACS refused to hang up, or nobody knows whether it took the request: it is asked again."""


@dataclass(frozen=True, slots=True)
class Woken:
    """It is time to see what is due."""


Event = (
    CallEvent
    | Answered
    | Refused
    | Rejected
    | RingOver
    | Replied
    | Polled
    | NotKnown
    | NotTold
    | StreamOpened
    | StreamClosed
    | Want
    | Leave
    | End
    | HungUp
    | Woken
)


class Ask(StrEnum):
    """What else is to be done once the call is saved."""

    HANG_UP = "hang up"
    FINISH = "report on the call, and list it as active no more"


@dataclass(frozen=True, slots=True)
class Decision:
    """A call to save, what to do once it is saved, and when something is due again at the latest.

    `soon` is a moment for which the queue wakes, `next_at` that by which the watch does.
    `reopened` says that the call was over and is up again: it is listed as active first.
    """

    call: Call
    steps: tuple[Operation | Look | Ask, ...] = ()
    next_at: Ms | None = None
    soon: Ms | None = None
    reopened: bool = False
