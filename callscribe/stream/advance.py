"""The result of each frame of a stream, as a value: pure steps, which `receiving` performs.

They know neither HTTP nor Web PubSub, so another shell (for batches of events, say) can perform
the same steps.
"""

from dataclasses import dataclass, replace

from callscribe.foundation.identifiers import sequence
from callscribe.foundation.json_input import Json
from callscribe.foundation.moments import Ms
from callscribe.stream.connections import heard
from callscribe.stream.frames import Frame, Metadata, Unreadable, parse_frame
from callscribe.stream.quarantine import quarantine
from callscribe.stream.segments import Row, keep
from callscribe.stream.state import StreamState, hear, mark_written
from callscribe.stream.upstream import UpstreamEvent


@dataclass(frozen=True, slots=True)
class Step:
    """The result of a frame: the stream's new state, and what is to be done.

    `rows` are written one after the other; `live` is the message for viewers, if any;
    `quarantined` says why a frame is quarantined. `note` is a row about the connection, which
    `connect` could not write: nothing is lost if it cannot be written now either, and the state
    says that it is written only once it is.
    """

    state: StreamState
    rows: tuple[Row, ...] = ()
    live: Json | None = None
    quarantined: str | None = None
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


def _step(state: StreamState, event: UpstreamEvent, frame: Frame, now: Ms) -> Step:
    placed = hear(state, frame, event.number, event.at)
    kept = keep(event, frame, placed, now)
    after = placed.state
    rows = () if kept.row is None else (kept.row,)
    if isinstance(frame, Metadata):
        return Step(mark_written(after), (heard(after, event, frame, now),))
    if kept.quarantined is not None:
        rows = (quarantine(event, kept.quarantined, after, now),)
    note = None if after.written else heard(after, event, frame, now)
    return Step(after, rows, kept.live, kept.quarantined, note)
