"""Fault injection: the next matching request, event or callback fails as the fault says."""

import asyncio
from typing import Annotated, Any, Literal

import msgspec

from emulator.acs.errors import invalid
from emulator.acs.results import Result

# The names under which `GET /emulator/calls/{id}` counts requests.
OPERATIONS = frozenset(
    {
        "answer",
        "createCall",
        "getCall",
        "hangUp",
        "startTranscription",
        "stopTranscription",
        "updateTranscription",
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
    }
)
ANY_CALLBACK = "callback"
# Only what the app has asked for can fail. The other events report facts: they can be lost or late.
_CAN_FAIL = OPERATIONS | {
    "CallConnected",
    "TranscriptionStarted",
    "TranscriptionUpdated",
    "TranscriptionStopped",
}
_FOR_OPERATIONS = frozenset({"loseReply", "lateReply"})
_REFUSALS = range(400, 600)


class Fault(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """What fails, where, and how often; `times` null means until the fault is deleted.

    On an operation: with `status` (or the code of `result`) it is refused and nothing is done;
    `loseReply` performs it and closes the connection; `lateReply` performs it and answers after
    `delay` seconds.
    On an event: with `result` the attempt fails with that result; `drop`, `twice` (one after the
    other) and `together` (twice at the same moment) concern the delivery.
    `delay` alone delays an operation as a whole, or one callback, which later ones then overtake.
    """

    on: str
    status: Annotated[int, msgspec.Meta(ge=400, le=599)] | None = None
    retry_after: Annotated[int, msgspec.Meta(ge=0)] | None = None
    result: Result | None = None
    do: Literal["loseReply", "lateReply", "drop", "twice", "together"] | None = None
    times: Annotated[int, msgspec.Meta(ge=1)] | None = 1
    delay: Annotated[float, msgspec.Meta(ge=0)] = 0
    call: str | None = None

    @property
    def is_result(self) -> bool:
        """Tell whether the attempt itself fails, rather than the delivery of its event."""
        return self.result is not None

    def check(self) -> None:
        """Raise ServiceError for a fault that could never apply or would have no effect."""
        if self.on not in OPERATIONS | EVENTS | {ANY_CALLBACK}:
            known = ", ".join(sorted(OPERATIONS | EVENTS | {ANY_CALLBACK}))
            raise invalid(f"`on` must be one of {known}")
        # A test with such a fault would pass although nothing was ever injected.
        given = [one for one in (self.status, self.result, self.do) if one is not None]
        if not given and not self.delay:
            raise invalid("a fault needs `status`, `result`, `do` or `delay`")
        if len(given) > 1:
            raise invalid("a fault takes one of `status`, `result` and `do`")
        if self.on in OPERATIONS:
            self._check_operation()
        else:
            self._check_event()

    def _check_operation(self) -> None:
        if self.do is not None and self.do not in _FOR_OPERATIONS:
            raise invalid("`do` of an operation is loseReply or lateReply")
        if self.do == "lateReply" and not self.delay:
            raise invalid("`delay` says how many seconds a lateReply is late")
        if self.result is not None and self.result.code not in _REFUSALS:
            raise invalid("`result.code` of an operation is its HTTP status, from 400 to 599")
        if self.retry_after is not None and self.status is None and self.result is None:
            raise invalid("`retryAfter` goes with `status` or `result`")

    def _check_event(self) -> None:
        if self.status is not None or self.retry_after is not None:
            raise invalid("`status` and `retryAfter` go with an operation; an event takes `result`")
        if self.do is not None and self.do in _FOR_OPERATIONS:
            raise invalid("`do` of an event is drop, twice or together")
        if self.do == "drop" and self.delay:
            raise invalid("`delay`: an event that is dropped is never late")
        if self.result is not None and self.on not in _CAN_FAIL:
            raise invalid(f"`result` goes with one of {', '.join(sorted(_CAN_FAIL))}")


class Faults:
    """The pending faults, oldest first."""

    def __init__(self) -> None:
        self._faults: list[tuple[Fault, int | None]] = []

    def add(self, fault: Fault) -> None:
        """Add a fault."""
        fault.check()
        self._faults.append((fault, fault.times))

    def clear(self) -> None:
        """Delete all faults."""
        self._faults.clear()

    def describe(self) -> list[dict[str, Any]]:
        """Return the faults, and how many more times each applies."""
        return [{**msgspec.to_builtins(fault), "left": left} for fault, left in self._faults]

    def of_operation(self, name: str, call_id: str | None) -> Fault | None:
        """Return the first fault on an operation, which is thereby used once."""
        return self._take({name}, call_id, results=None)

    async def failure_of(self, event: str, call_id: str) -> Result | None:
        """Use the first fault that lets the attempt behind `event` fail; wait for its delay."""
        fault = self._take({event}, call_id, results=True)
        if fault is None:
            return None
        await asyncio.sleep(fault.delay)
        return fault.result

    def of_delivery(self, event: str, call_id: str) -> Fault | None:
        """Return the first fault on the delivery of `event`, which is thereby used once."""
        return self._take({event, ANY_CALLBACK}, call_id, results=False)

    def _take(self, on: set[str], call_id: str | None, *, results: bool | None) -> Fault | None:
        for number, (fault, left) in enumerate(self._faults):
            if fault.on not in on or fault.call not in (None, call_id):
                continue
            if results is not None and fault.is_result != results:
                continue
            if left == 1:
                del self._faults[number]
            else:
                self._faults[number] = (fault, left and left - 1)
            return fault
        return None
