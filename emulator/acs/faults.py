"""A fault as it is ordered: which request, event, dial or frame fails, how, and how often."""

from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, UnsetType

from emulator.acs.errors import invalid
from emulator.acs.results import Result

# The names under which `GET /emulator/calls/{id}` counts requests.
OPERATIONS = frozenset(
    {
        "answer",
        "reject",
        "createCall",
        "connectCall",
        "getCall",
        "listParticipants",
        "getParticipant",
        "hangUp",
        "startTranscription",
        "stopTranscription",
        "updateTranscription",
        "addParticipant",
        "cancelAddParticipant",
        "removeParticipant",
        "transferToParticipant",
        "play",
        "recognize",
        "startContinuousDtmfRecognition",
        "stopContinuousDtmfRecognition",
        "cancelAllMediaOperations",
    }
)
EVENTS = frozenset(
    {
        "CallConnected",
        "ParticipantsUpdated",
        "TranscriptionStarted",
        "TranscriptionUpdated",
        "TranscriptionStopped",
        "TranscriptionFailed",
        "CallDisconnected",
        "AnswerFailed",
        "CreateCallFailed",
        "ConnectFailed",
        "AddParticipantSucceeded",
        "AddParticipantFailed",
        "CancelAddParticipantSucceeded",
        "CancelAddParticipantFailed",
        "RemoveParticipantSucceeded",
        "RemoveParticipantFailed",
        "CallTransferAccepted",
        "CallTransferFailed",
        "PlayStarted",
        "PlayCompleted",
        "PlayFailed",
        "PlayCanceled",
        "RecognizeCompleted",
        "RecognizeFailed",
        "RecognizeCanceled",
        "ContinuousDtmfRecognitionToneReceived",
        "ContinuousDtmfRecognitionToneFailed",
        "ContinuousDtmfRecognitionStopped",
    }
)
ANY_REQUEST = "request"
ANY_CALLBACK = "callback"
# The service dials the stream's address; a frame of speech is about to be sent.
DIAL = "dial"
FRAME = "frame"
_NO_OPERATION = frozenset({ANY_CALLBACK, DIAL, FRAME})
POINTS = OPERATIONS | EVENTS | {ANY_REQUEST} | _NO_OPERATION
# Only what the app has asked for can fail. The other events report facts: they can be lost or late.
_CAN_FAIL = frozenset(
    {
        "CallConnected",
        "TranscriptionStarted",
        "TranscriptionUpdated",
        "TranscriptionStopped",
        "AddParticipantSucceeded",
        "CancelAddParticipantSucceeded",
        "RemoveParticipantSucceeded",
        "CallTransferAccepted",
        "PlayStarted",
        "PlayCompleted",
        "RecognizeCompleted",
        "ContinuousDtmfRecognitionToneReceived",
        DIAL,
    }
)
_REFUSALS = range(400, 600)

Do = Literal[
    "loseReply",
    "lateReply",
    "freeze",
    "swallow",
    "reset",
    "drop",
    "twice",
    "together",
    "cut",
    "silent",
    "unnoticed",
]
_FOR_OPERATIONS = ("loseReply", "lateReply", "freeze", "swallow", "reset")
_FOR_EVENTS = ("drop", "twice", "together", "freeze")
_FOR_FRAMES = ("drop", "cut", "silent", "unnoticed")
_UNTIL_OVER = ("freeze", "swallow")


class Fault(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """What fails, where, and how often.

    It applies `times` times (null: without limit), spares the first `skip` matching ones, and ends
    after `seconds`, or when it is deleted. Without `times` it applies once, or, where `seconds` is
    given, to all that comes until then.

    `call` is the id of one call; for one that is yet to come about it is somebody who is called, or
    the id by which it is joined.

    On an operation: with `status` (or the code of `result`) it is refused and nothing is done, or,
    with `done`, it is done and answered so all the same;
    `loseReply` performs it and closes the connection; `lateReply` performs it and answers after
    `delay` seconds; `freeze` leaves it waiting until the fault is over, and performs it then;
    `swallow` leaves it waiting as long, and never performs it; `reset` closes the connection at
    once, and never performs it. `state`, for `getCall` alone: it is answered with this state of the
    call.
    On an event: with `result` the attempt fails with that result; `drop`, `twice` (one after the
    other), `together` (twice at the same moment) and `freeze` (posted when the fault is over, and
    those behind it wait) concern the delivery.
    On `dial`: with `result` the stream cannot be opened.
    On `frame`: it is lost (`drop`), or the stream with it (`cut`, `silent`, `unnoticed`; see
    `Aftermath`).
    `delay` alone delays an operation as a whole, or one callback, which later ones then overtake.
    """

    on: str
    status: Annotated[int, msgspec.Meta(ge=400, le=599)] | None = None
    retry_after: Annotated[int, msgspec.Meta(ge=0)] | None = None
    result: Result | None = None
    done: bool = False
    state: Annotated[str, msgspec.Meta(min_length=1, max_length=100)] | None = None
    do: Do | None = None
    times: Annotated[int, msgspec.Meta(ge=1)] | UnsetType | None = UNSET
    skip: Annotated[int, msgspec.Meta(ge=0)] = 0
    seconds: Annotated[float, msgspec.Meta(gt=0, le=86_400)] | None = None
    delay: Annotated[float, msgspec.Meta(ge=0)] = 0
    call: str | None = None

    @property
    def limit(self) -> int | None:
        """How often it applies at most."""
        if self.times is not UNSET:
            return self.times
        return 1 if self.seconds is None else None

    @property
    def is_result(self) -> bool:
        """Tell whether the attempt itself fails, rather than the delivery of its event."""
        return self.result is not None

    @property
    def refuses(self) -> bool:
        """Tell whether it has a request answered with an error."""
        return self.status is not None or self.result is not None

    def check(self) -> None:
        """Raise ServiceError for a fault that could never apply or would have no effect."""
        if self.on not in POINTS:
            raise invalid(f"`on` must be one of {', '.join(sorted(POINTS))}")
        # A test with such a fault would pass although nothing was ever injected.
        effects = (self.status, self.result, self.state, self.do)
        given = [one for one in effects if one is not None]
        if not given and not self.delay:
            raise invalid("a fault needs `status`, `result`, `state`, `do` or `delay`")
        if len(given) > 1:
            raise invalid("a fault takes one of `status`, `result`, `state` and `do`")
        if self.state is not None and self.on != "getCall":
            raise invalid("`state` goes with getCall")
        if self.done and (self.on in EVENTS or self.on in _NO_OPERATION or not self.refuses):
            raise invalid("`done` goes with `status` or `result` of an operation")
        if self.do in _UNTIL_OVER and self.seconds is None and self.limit is not None:
            raise invalid(f"`seconds` says how long a {self.do} lasts; `times` null: until deleted")
        if self.on in OPERATIONS or self.on == ANY_REQUEST:
            self._check_operation()
        elif self.on == FRAME:
            self._check_frame()
        else:
            self._check_event()

    def _check_operation(self) -> None:
        if self.do is not None and self.do not in _FOR_OPERATIONS:
            raise invalid(f"`do` of an operation is one of {', '.join(_FOR_OPERATIONS)}")
        if self.do == "lateReply" and not self.delay:
            raise invalid("`delay` says how many seconds a lateReply is late")
        if self.result is not None and self.result.code not in _REFUSALS:
            raise invalid("`result.code` of an operation is its HTTP status, from 400 to 599")
        if self.retry_after is not None and not self.refuses:
            raise invalid("`retryAfter` goes with `status` or `result`")

    def _check_event(self) -> None:
        if self.status is not None or self.retry_after is not None:
            raise invalid("`status` and `retryAfter` go with an operation; an event takes `result`")
        if self.on == DIAL and self.result is None:
            raise invalid("a dial takes `result`")
        if self.do is not None and self.do not in _FOR_EVENTS:
            raise invalid(f"`do` of an event is one of {', '.join(_FOR_EVENTS)}")
        if self.do in ("drop", "freeze") and self.delay:
            raise invalid("`delay`: an event that is dropped or frozen has none")
        if self.result is not None and self.on not in _CAN_FAIL:
            raise invalid(f"`result` goes with one of {', '.join(sorted(_CAN_FAIL))}")

    def _check_frame(self) -> None:
        if self.do not in _FOR_FRAMES:
            raise invalid(f"a frame takes `do`, one of {', '.join(_FOR_FRAMES)}")
        if self.delay or self.retry_after is not None:
            raise invalid("`delay` and `retryAfter` do not go with a frame")
