"""The result of each event of a stream, as a value: pure steps, which `receiving` performs.

They know neither HTTP nor Web PubSub, so another shell (for batches of events, say) can perform
the same steps.
"""

from dataclasses import dataclass, replace
from enum import StrEnum

from callscribe.foundation.columns import Columns
from callscribe.foundation.identifiers import sequence
from callscribe.foundation.json_input import Json
from callscribe.foundation.moments import Ms
from callscribe.stream.connections import closed, connected, heard
from callscribe.stream.frames import Frame, Metadata, Unreadable, parse_frame
from callscribe.stream.segments import Row, keep
from callscribe.stream.state import (
    StreamState,
    count_gap,
    hear,
    jump_to,
    knows_no_event,
    mark_written,
)
from callscribe.stream.upstream import UpstreamEvent


class Wish(StrEnum):
    """What a step wants done later."""

    REPORT = "report on the call"


@dataclass(frozen=True, slots=True)
class Step:
    """The result of an event: the stream's new state, and what is to be done.

    `rows` are written one after the other; `live` is the message for viewers, if any;
    `quarantined` says why a frame is quarantined; `wishes` are fulfilled once all rows are written.
    `note` is a row about the connection, which `connect` could not write: nothing is lost if it
    cannot be written now either, and the state says that it is written only once it is.
    """

    state: StreamState
    rows: tuple[Row, ...] = ()
    live: Json | None = None
    quarantined: str | None = None
    wishes: tuple[Wish, ...] = ()
    note: Row | None = None


def advance(state: StreamState, event: UpstreamEvent, now: Ms) -> Step:
    """Return the step for a frame, in the state that the events before it have left; never raises.

    `now` is when it was received.
    """
    return _step(state, event, parse_frame(event.body), now)


def refused(state: StreamState, event: UpstreamEvent, now: Ms) -> Step:
    """Return the step for a frame whose row storage will never take: it is quarantined."""
    return _step(state, event, Unreadable("refused by storage"), now)


def displaced(state: StreamState, event: UpstreamEvent, now: Ms) -> Step:
    """Return the step for a frame whose key another row has: it is quarantined under a new one."""
    own = replace(event, sequence=sequence("", event.body))
    return _step(state, own, Unreadable("another row has its key"), now)


def without_bytes(row: Row) -> Row:
    """Return a quarantined row without the frame's bytes, which storage may refuse as well."""
    columns: Columns = {
        name: value for name, value in row.columns.items() if not isinstance(value, bytes)
    }
    return Row(row.key, columns, row.whole)


def opening(state: StreamState, event: UpstreamEvent, now: Ms) -> Step:
    """Return the step for a connection that opens."""
    return Step(state, (connected(state, event, now),))


def closing(state: StreamState, event: UpstreamEvent, now: Ms) -> Step:
    """Return the step for a connection that has closed: its row, and a report on the call."""
    counted = count_gap(state, event.number)
    missing = None if knows_no_event(state) else jump_to(state, event.number)
    row = closed(counted, event, now, missing)
    return Step(counted, (row,), wishes=(Wish.REPORT,))


def _step(state: StreamState, event: UpstreamEvent, frame: Frame, now: Ms) -> Step:
    placed = hear(state, frame, event.number, event.at)
    kept = keep(event, frame, placed, now)
    after = placed.state
    rows = () if kept.row is None else (kept.row,)
    if isinstance(frame, Metadata):
        return Step(mark_written(after), (heard(after, event, frame, now),))
    note = None if after.written else heard(after, event, frame, now)
    return Step(after, rows, kept.live, kept.quarantined, note=note)
