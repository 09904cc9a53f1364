"""Fault injection: which request or event fails next, how, and how often."""

from collections.abc import Sequence
from typing import Literal

import msgspec

_POSSIBLE = {
    "upstream": {"deliverTwice", "delay", "loseReply", "skipId", "status"},
    "connect": {"delay", "status"},
    "send": {"deliverTwice", "delay", "loseReply", "status"},
}
_STATUSES = range(200, 600)

FaultPoint = Literal["upstream", "connect", "send"]
FaultEffect = Literal["deliverTwice", "delay", "loseReply", "skipId", "status"]


class Fault(msgspec.Struct, forbid_unknown_fields=True):
    """One fault: where, how, and how many more times it applies (None: until it is deleted)."""

    on: FaultPoint
    do: FaultEffect
    event: str | None = None
    value: float | int | str | None = None
    times: int | None = 1

    def __post_init__(self) -> None:
        if self.do not in _POSSIBLE[self.on]:
            raise ValueError(f"`do`: {self.do} is not possible on {self.on}")
        if self.event is not None and self.on != "upstream":
            raise ValueError("`event` filters only faults on upstream")
        if self.times is not None and self.times < 1:
            raise ValueError("`times` must be at least 1, or null for no limit")
        self._check_value()

    def _check_value(self) -> None:
        value = self.value
        if self.do == "delay" and not (isinstance(value, int | float) and value >= 0):
            raise ValueError("`value` of delay must be a number of seconds")
        if self.do == "status" and value not in _STATUSES:
            raise ValueError("`value` of status must be an HTTP status from 200 to 599")
        if self.do == "deliverTwice" and value not in {None, "together"}:
            raise ValueError('`value` of deliverTwice must be "together" or left out')
        if self.do in {"loseReply", "skipId"} and value is not None:
            raise ValueError(f"`value` means nothing for {self.do}")

    @property
    def number(self) -> float:
        """The value as a number; 0 for a fault that has none."""
        return float(self.value or 0)

    def matches(self, event_type: str) -> bool:
        """Tell whether the event's `ce-type` is, or ends in, the type that the fault names."""
        # Whole names between dots: `connect` must not match `connected`.
        return self.event is None or f".{event_type}".endswith(f".{self.event}")


class Faults:
    """The pending faults, oldest first."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []

    def add(self, fault: Fault) -> None:
        """Add a fault."""
        self._faults.append(fault)

    def clear(self) -> None:
        """Delete all faults."""
        self._faults.clear()

    def pending(self) -> Sequence[Fault]:
        """Return the pending faults."""
        return tuple(self._faults)

    def take(self, on: FaultPoint, do: FaultEffect, event_type: str = "") -> Fault | None:
        """Return the first fault that applies, which is thereby used once, or None."""
        for fault in self._faults:
            if fault.on == on and fault.do == do and fault.matches(event_type):
                self._use(fault)
                return fault
        return None

    def _use(self, fault: Fault) -> None:
        if fault.times is None:
            return
        fault.times -= 1
        if fault.times == 0:
            self._faults = [other for other in self._faults if other is not fault]
