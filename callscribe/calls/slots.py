"""Who has a place among the calls that may be placed at the same time; pure.

An entry is a call's id, how many people it dials, and when it was taken.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from callscribe.foundation.columns import Columns, Value
from callscribe.foundation.moments import Ms, Seconds, elapsed

# The row of places lies beside those of requests, whose partitions have two digits.
PARTITION = "dialling"
# A call takes its place before its record is written: so long it need not be known.
YOUNG = Seconds(60)
_COLUMN = "Slots"


@dataclass(frozen=True, slots=True)
class Slot:
    """The places of one call."""

    call_id: str
    people: int
    at: Ms


@dataclass(frozen=True, slots=True)
class Slots:
    """All places that are taken."""

    slots: tuple[Slot, ...] = ()

    def fits(self, people: int, at_once: int, call_id: str) -> bool:
        """Tell whether so many more people have places, of so many that there are."""
        others = (each.people for each in self.slots if each.call_id != call_id)
        return sum(others) + people <= at_once

    def without_ended(self, active: set[str], now: Ms) -> "Slots":
        """Return the places of calls that are not over, or that have just begun."""
        kept = (
            each
            for each in self.slots
            if each.call_id in active or 0 <= elapsed(each.at, now) < YOUNG
        )
        return Slots(tuple(kept))

    def taken(self, call_id: str, people: int, now: Ms) -> "Slots":
        """Return the places once a call has taken its own."""
        others = (each for each in self.slots if each.call_id != call_id)
        return Slots((*others, Slot(call_id, people, now)))

    def columns(self) -> Columns:
        """Return the row of all places, as bytes: they take half the room of text."""
        lines = (f"{each.call_id} {each.people} {each.at}" for each in self.slots)
        return {_COLUMN: "\n".join(lines).encode()}


def slots_of(columns: Mapping[str, Value]) -> Slots:
    """Read the row of all places; what another hand spoilt takes none."""
    written = columns.get(_COLUMN, b"")
    lines = written.split(b"\n") if isinstance(written, bytes) else []
    found = (_slot(line.split(b" ")) for line in lines)
    return Slots(tuple(each for each in found if each is not None))


def _slot(fields: list[bytes]) -> Slot | None:
    try:
        call_id, people, at = fields
        return Slot(call_id.decode(), int(people), Ms(int(at)))
    except ValueError:
        return None
