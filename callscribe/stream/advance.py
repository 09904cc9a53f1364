"""What an event of a stream comes to, as a value: the pure step that `receiving` performs.

It knows neither HTTP nor Web PubSub: whoever else brings such events (batches, say) performs the
same steps.
"""

from dataclasses import dataclass
from enum import StrEnum

from callscribe.foundation.columns import Columns, known
from callscribe.foundation.identifiers import connection_key, quarantine_key, segment_key
from callscribe.foundation.json_input import Json
from callscribe.foundation.moments import Ms, iso
from callscribe.stream.frames import Frame, Metadata, Speech, Unreadable, parse_frame
from callscribe.stream.live_messages import spoken_json
from callscribe.stream.segments import fits, new_segment, quarantine_columns, segment_columns
from callscribe.stream.state import (
    StreamState,
    count_frame,
    count_gap,
    mark_written,
    opened_at,
    place,
    start_clock,
)
from callscribe.stream.upstream import Kind, UpstreamEvent, close_reason, connect_headers


class Wish(StrEnum):
    """What a step wants done later."""

    REPORT = "report on the call"


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the call to write: `whole`, or merged into what is there."""

    key: str
    columns: Columns
    whole: bool = True


@dataclass(frozen=True, slots=True)
class Step:
    """What an event comes to: the stream's new state, and what is to be done, in this order.

    `live` is the message for who watches, if any; `rows` are written one after the other; of a
    frame that is put aside, `quarantined` says why.
    """

    state: StreamState
    rows: tuple[Row, ...] = ()
    live: Json | None = None
    quarantined: str | None = None
    wishes: tuple[Wish, ...] = ()


def advance(state: StreamState, event: UpstreamEvent, now: Ms) -> Step:
    """Say what an event comes to, in the state that the events before have left; never raises.

    `now` is when it was received.
    """
    match event.kind:
        case Kind.CONNECT:
            return Step(state, (_connected(state, event, now),))
        case Kind.MESSAGE:
            return _framed(state, event, parse_frame(event.body), now)
        case Kind.DISCONNECTED:
            counted = count_gap(state, event.number)
            return Step(counted, (_closed(counted, event, now),), wishes=(Wish.REPORT,))
        case Kind.CONNECTED:
            return Step(state)  # `connect` has done it all, and no reply to this one counts


def refused(state: StreamState, event: UpstreamEvent, now: Ms) -> Step:
    """Say what a frame comes to whose row storage will never take: it is put aside."""
    return _framed(state, event, Unreadable("refused by storage"), now)


def without_bytes(row: Row) -> Row:
    """Return a quarantined row without the frame's bytes, which storage may refuse as well."""
    columns: Columns = {
        name: value for name, value in row.columns.items() if not isinstance(value, bytes)
    }
    return Row(row.key, columns)


def _framed(state: StreamState, event: UpstreamEvent, frame: Frame, now: Ms) -> Step:
    counted = count_frame(state, frame, event.number)
    match frame:
        case Metadata():
            return _started(start_clock(counted, frame, event.at), event, frame, now)
        case Speech():
            return _with_connection(_spoken(counted, event, frame, now), event, now)
        case Unreadable():
            return _with_connection(_quarantined(counted, event, frame.reason, now), event, now)


def _started(state: StreamState, event: UpstreamEvent, metadata: Metadata, now: Ms) -> Step:
    columns: Columns = {
        "Locale": metadata.locale or "",
        "SubscriptionId": metadata.subscription_id or "",
    }
    row = _connection(state, event, now, columns)
    return Step(mark_written(state), (row,))


def _spoken(state: StreamState, event: UpstreamEvent, speech: Speech, now: Ms) -> Step:
    placed = place(state, speech, event.at)
    key = segment_key(event.at, state.stream_id, event.sequence)
    segment = new_segment(key, speech, placed)
    live = spoken_json(segment, final=speech.final)
    if not speech.final:
        return Step(placed.state, live=live)
    columns = segment_columns(segment, event, speech, placed, now)
    if fits(columns):
        return Step(placed.state, (Row(key, columns),), live)
    return _quarantined(placed.state, event, "too large for an entity", now, live)


def _quarantined(
    state: StreamState, event: UpstreamEvent, reason: str, now: Ms, live: Json | None = None
) -> Step:
    key = quarantine_key(event.at, state.stream_id, event.sequence)
    row = Row(key, quarantine_columns(event, reason, state, now))
    return Step(state, (row,), live, quarantined=reason)


def _with_connection(step: Step, event: UpstreamEvent, now: Ms) -> Step:
    """Add the connection's own row where `connect` could not write it."""
    if step.state.written:
        return step
    row = _connection(step.state, event, now)
    return Step(mark_written(step.state), (*step.rows, row), step.live, step.quarantined)


def _connected(state: StreamState, event: UpstreamEvent, now: Ms) -> Row:
    # Whom ACS says it dials for; the token that comes with it is never kept.
    headers = connect_headers(event.body)
    columns = known(
        CallConnectionId=headers.get("x-ms-call-connection-id") or None,
        CorrelationId=headers.get("x-ms-call-correlation-id") or None,
    )
    return _connection(state, event, now, columns)


def _closed(state: StreamState, event: UpstreamEvent, now: Ms) -> Row:
    # The ce-time has whole seconds; our own clock is finer but may be late.
    closed = Ms(min(now, event.at + 999))
    columns: Columns = {"ClosedAt": iso(closed), "CloseReason": close_reason(event.body) or ""}
    return _connection(state, event, now, columns)


def _connection(
    state: StreamState, event: UpstreamEvent, now: Ms, columns: Columns | None = None
) -> Row:
    row: Columns = {
        "ConnectionId": event.connection_id,
        "ReceivedAt": iso(now),
        "Seen": state.seen,
        "Missing": state.missing,
        "Metadata": state.metadata,
    }
    opening = opened_at(state)
    opened = known(OpenedAt=None if opening is None else iso(opening))
    return Row(connection_key(state.stream_id), row | opened | (columns or {}), whole=False)
