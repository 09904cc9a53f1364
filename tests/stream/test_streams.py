"""When streams were open, as rows tell of them; times are seconds of a call."""

from collections.abc import Mapping

import pytest

from callscribe.foundation.columns import Columns, Value
from callscribe.foundation.identifiers import new_stream_id
from callscribe.foundation.moments import Ms, Seconds, iso, later
from callscribe.stream.streams import AS_IT_SHOULD, INTERRUPTED, Stream, Streams

START = Ms(1_795_373_600_000)
# A stream's id, and what one of its rows tells.
type Row = tuple[str, Columns]


def at(second: float) -> Ms:
    return later(START, Seconds(second))


def row(of: float, **columns: Value) -> Row:
    """Return a row of the stream that was opened at that second."""
    return stream_id(of), columns


def connection(opened: float, closed: float | None = None, **columns: Value) -> Row:
    """Return a stream's own row."""
    end = {} if closed is None else {"ClosedAt": iso(at(closed))}
    return row(opened, OpenedAt=iso(at(opened)), **end, **columns)


def stream_id(of: float) -> str:
    return new_stream_id(at(of), f"connection {of:g}")


def streams_of(*rows: Row) -> Streams:
    streams = Streams()
    for stream_id, columns in rows:
        streams.add_row(stream_id, columns)
    return streams


def only(*rows: Row) -> Stream:
    """Return the one stream that the rows are of."""
    (stream,) = streams_of(*rows).streams.values()
    return stream


def test_a_stream_is_open_from_its_opening_to_its_closing() -> None:
    stream = only(connection(0, 20, CloseReason="ServiceReload"))
    assert stream == Stream(stream_id(0), at(0), at(20), at(20), "ServiceReload")
    assert (stream.end, stream.why) == (at(20), "ServiceReload")


@pytest.mark.parametrize("columns", [{}, {"CloseReason": ""}])
def test_an_end_without_a_reason_is_a_normal_one(columns: Mapping[str, Value]) -> None:
    stream = only(connection(0, 20, **columns))
    assert stream.reason is None
    assert stream.reason in AS_IT_SHOULD
    assert stream.why == "the stream was closed"


def test_a_stream_without_an_end_ends_at_its_last_row() -> None:
    stream = only(
        connection(0), row(0, ReceivedAt=iso(at(30))), row(0, ReceivedAt=iso(at(10)), Seen=2)
    )
    assert (stream.opened, stream.last, stream.closed) == (at(0), at(30), None)
    assert (stream.end, stream.why) == (at(30), "the stream's end was never reported")


def test_a_stream_without_its_own_row_begins_with_its_first() -> None:
    stream = only(row(0, ReceivedAt=iso(at(7))), row(0, ReceivedAt=iso(at(5))))
    assert (stream.opened, stream.last) == (at(5), at(7))


def test_a_row_after_the_end_does_not_open_the_stream_again() -> None:
    stream = only(connection(0, 20), row(0, ReceivedAt=iso(at(25))))
    assert (stream.last, stream.end) == (at(25), at(20))


@pytest.mark.parametrize("columns", [{}, {"ReceivedAt": "soon"}, {"OpenedAt": ""}])
def test_a_row_without_any_time_tells_of_no_stream(columns: Columns) -> None:
    assert streams_of(row(0, **columns)).streams == {}


def test_a_connection_whose_state_was_lost_is_one_stream() -> None:
    stream = only(
        connection(0, ConnectionId="one"),
        row(40, ReceivedAt=iso(at(40)), ConnectionId="one"),
    )
    assert stream == Stream(stream_id(0), at(0), at(40))


def test_connections_are_streams_of_their_own() -> None:
    streams = streams_of(connection(0, 20), connection(30)).streams
    assert [stream.opened for stream in streams.values()] == [at(0), at(30)]


def test_acs_tells_when_it_lost_a_stream() -> None:
    streams = Streams()
    streams.add_event({"Details": INTERRUPTED, "Time": iso(at(20))})
    assert streams.interruptions == [at(20)]


@pytest.mark.parametrize(
    "columns",
    [
        {"Time": iso(START)},
        {"Time": iso(START), "Details": "other"},
        {"Time": "soon", "Details": INTERRUPTED},
        {"Details": INTERRUPTED},
    ],
)
def test_other_events_of_the_timeline_tell_of_no_stream(columns: Columns) -> None:
    streams = Streams()
    streams.add_event(columns)
    assert streams == Streams()


def last_closed(*rows: Row) -> Ms | None:
    return streams_of(*rows).last_closed()


def test_the_last_stream_to_be_closed_is_known_where_all_were() -> None:
    cut = connection(0, 20, CloseReason="ServiceReload")
    assert last_closed(cut, connection(30, 50, CloseReason="Normal")) == at(50)
    assert last_closed(connection(30, 50), cut) == at(50)
    assert last_closed(connection(0), connection(30, 50)) is None
    assert last_closed() is None


def test_a_stream_that_was_cut_does_not_tell_the_end() -> None:
    assert last_closed(connection(0, 20, CloseReason="ServiceReload")) is None


def test_of_two_that_end_together_the_reasons_order_decides() -> None:
    normal, cut = connection(1, 20), connection(0, 20, CloseReason="ServiceReload")
    assert last_closed(normal, cut) is last_closed(cut, normal) is None
    assert last_closed(normal, connection(0, 20, CloseReason="Normal")) == at(20)
