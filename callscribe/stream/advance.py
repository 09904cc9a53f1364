"""The result of each frame of a stream, as a value: pure steps, which `receiving` performs.

They know neither HTTP nor Web PubSub, so another shell (for batches of events, say) can perform
the same steps.
"""

from dataclasses import dataclass, replace

from callscribe.foundation.identifiers import sequence
from callscribe.foundation.json_input import Json
from callscribe.foundation.moments import Ms
from callscribe.stream.connections import heard
from callscribe.stream.dialects import Part, undocumented
from callscribe.stream.frames import Frame, Metadata, Unreadable, documented
from callscribe.stream.quarantine import quarantine
from callscribe.stream.segments import Row, keep
from callscribe.stream.state import StreamState, hear, mark_written
from callscribe.stream.upstream import UpstreamEvent


@dataclass(frozen=True, slots=True)
class Step:
    """The result of a frame: the stream's new state, and what is to be done.

    `rows` are written one after the other; `live` are the messages for viewers;
    `quarantined` says why a frame is quarantined. `note` is a row about the connection, which
    `connect` could not write: nothing is lost if it cannot be written now either, and the state
    says that it is written only once it is.
    """

    state: StreamState
    rows: tuple[Row, ...] = ()
    live: tuple[Json, ...] = ()
    quarantined: str | None = None
    note: Row | None = None


def advance(state: StreamState, event: UpstreamEvent, now: Ms) -> Step:
    """Return the step for a frame, in the state that the events before it have left; never raises.

    `now` is when it was received.
    """
    speech = documented(event.body)
    if speech is not None:
        return _step(state, event, speech, now)
    parts = undocumented(event.body)
    if len(parts) == 1:
        return _step(state, event, parts[0].frame, now)
    return _steps(state, event, parts, now)


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
    live = () if kept.live is None else (kept.live,)
    return Step(after, rows, live, kept.quarantined, note)


def _steps(state: StreamState, event: UpstreamEvent, parts: tuple[Part, ...], now: Ms) -> Step:
    """Return the step for a message of several frames, each with a key that is made of its own."""
    steps = []
    for place, part in enumerate(parts):
        own = replace(
            event,
            body=part.body,
            sequence=sequence("", b"%d %s" % (place, part.body)),
            number=None if place else event.number,
        )
        steps.append(_step(state, own, part.frame, now))
        state = steps[-1].state
    return Step(
        state,
        tuple(row for step in steps for row in step.rows),
        tuple(message for step in steps for message in step.live),
        next((step.quarantined for step in steps if step.quarantined is not None), None),
        steps[-1].note,
    )
