"""When streams were open, as rows tell of them; times are seconds of a call."""

from collections.abc import Mapping

import pytest

from callscribe.foundation.columns import Columns, Value
from callscribe.foundation.identifiers import lost_stream_id, new_stream_id
from callscribe.foundation.moments import Ms, Seconds, iso, later
from callscribe.stream.streams import AS_IT_SHOULD, INTERRUPTED, Stream, Streams, left_at

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
    end: Columns = {} if closed is None else {"ClosedAt": iso(at(closed)), "MissingAtEnd": 0}
    return row(opened, **({"OpenedAt": iso(at(opened))} | end | columns))


def heard(until: float) -> dict[str, Value]:
    """Return what a stream's own row tells of up to when it was heard."""
    return {"HeardUntil": iso(at(until))}


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
    stream = only(connection(0, 20, CloseReason="Normal", **heard(12)))
    assert stream == Stream(stream_id(0), at(0), at(12), at(20), "Normal", 0)
    assert (stream.end, stream.orderly) == (at(20), True)


@pytest.mark.parametrize(
    ("columns", "why"),
    [
        ({"CloseReason": "ServiceReload"}, "ServiceReload"),
        ({"CloseReason": "ServiceReload", "MissingAtEnd": 1}, "ServiceReload"),
        ({"MissingAtEnd": 1}, "the stream was closed before all of it had come"),
        ({"MissingAtEnd": ""}, "the stream was closed before all of it had come"),
    ],
)
def test_a_stream_that_was_cut_ends_where_it_was_last_heard(
    columns: Mapping[str, Value], why: str
) -> None:
    """What Web PubSub still held of it is lost."""
    stream = only(connection(0, 20, **heard(12), **columns))
    assert (stream.end, stream.orderly, stream.why) == (at(12), False, why)
    assert stream.closed == at(20)


def test_a_stream_that_closed_before_it_was_opened_covers_nothing() -> None:
    """Its two moments are of two clocks."""
    stream = only(connection(5, 4, CloseReason="Normal"))
    assert stream.left == stream.end == at(5)


def test_a_stream_that_was_cut_before_any_frame_was_never_heard() -> None:
    assert only(connection(5, 20, CloseReason="ServiceReload")).end == at(5)


@pytest.mark.parametrize("columns", [{}, {"CloseReason": ""}])
def test_an_end_without_a_reason_is_a_normal_one(columns: Mapping[str, Value]) -> None:
    stream = only(connection(0, 20, **columns))
    assert stream.reason is None
    assert stream.reason in AS_IT_SHOULD
    assert stream.why == "the stream was closed"


def test_a_stream_without_an_end_ends_at_the_last_frame_that_is_stored() -> None:
    streams = streams_of(connection(0, None, **heard(1)), row(0, ReceivedAt=iso(at(40))))
    streams.add_row(*row(0, EndTime=iso(at(30))), at=at(30))
    streams.add_row(*row(0, EndTime=iso(at(10))), at=at(10))
    (stream,) = streams.streams.values()
    assert (stream.opened, stream.heard, stream.closed) == (at(0), at(30), None)
    assert (stream.end, stream.why) == (at(30), "the stream's end was never reported")
    assert not stream.orderly


def test_a_frame_that_waited_was_heard_when_it_was_said() -> None:
    streams = streams_of(connection(0))
    streams.add_row(*row(0, EndTime=iso(at(12))), at=at(50))
    assert streams.streams[stream_id(0)].end == at(12)
    streams.add_row(*row(0, WireOffset=7, StartTime=iso(at(13))), at=at(50))
    assert streams.streams[stream_id(0)].end == at(13)


def test_a_frame_that_does_not_tell_when_it_was_said_may_have_waited_for_two_minutes() -> None:
    streams = streams_of(connection(0))
    streams.add_row(*row(0, StartTime=iso(at(200)), Repaired="offset"), at=at(200))
    assert streams.streams[stream_id(0)].end == at(80)


def test_a_stream_without_its_own_row_begins_where_its_id_says() -> None:
    streams = Streams()
    streams.add_row(*row(0, ReceivedAt=iso(at(90)), EndTime=iso(at(6))), at=at(7))
    streams.add_row(*row(0, EndTime=iso(at(5))), at=at(5))
    assert streams.streams == {stream_id(0): Stream(stream_id(0), at(0), at(6))}


def test_a_stream_whose_state_was_lost_begins_with_its_first_row() -> None:
    lost = lost_stream_id("one")
    streams = Streams()
    streams.add_row(lost, {"ReceivedAt": iso(at(9)), "ClosedAt": iso(at(30))})
    streams.add_row(lost, {"EndTime": iso(at(6))}, at(7))
    streams.add_row(lost, {"EndTime": iso(at(8))}, at(9))
    assert streams.streams == {lost: Stream(lost, at(6), at(8), at(30))}
    assert not streams.streams[lost].orderly


def test_when_a_row_was_written_tells_only_where_nothing_else_does() -> None:
    lost = lost_stream_id("one")
    assert only((lost, {"ReceivedAt": iso(at(7))})) == Stream(lost, at(7))


def test_a_row_does_not_open_a_stream_before_it_was_accepted() -> None:
    streams = streams_of(connection(0.5), row(0.5, ReceivedAt=iso(at(-3_600))))
    streams.add_row(*row(0.5), at=at(0))
    (stream,) = streams.streams.values()
    assert (stream.opened, stream.end) == (at(0.5), at(0.5))


def test_a_row_after_the_end_does_not_open_the_stream_again() -> None:
    streams = streams_of(connection(0, 20))
    streams.add_row(*row(0), at=at(25))
    assert streams.streams[stream_id(0)].end == at(20)


@pytest.mark.parametrize("columns", [{}, {"ReceivedAt": "soon"}, {"OpenedAt": ""}])
def test_a_row_without_any_time_tells_of_no_stream(columns: Columns) -> None:
    assert streams_of((lost_stream_id("one"), columns)).streams == {}


def test_a_connection_whose_state_was_lost_is_one_stream() -> None:
    streams = streams_of(connection(0, ConnectionId="one"))
    streams.add_row(*row(40, ConnectionId="one", EndTime=iso(at(40))), at=at(40))
    assert streams.streams == {"one": Stream(stream_id(0), at(0), at(40))}


def test_one_of_which_nobody_knows_when_it_was_let_in_begins_when_it_was_opened() -> None:
    (stream,) = streams_of(connection(3, 20)).streams.values()
    assert stream.begun == at(3)


def test_one_that_was_let_in_late_begins_then() -> None:
    streams = streams_of(connection(0, 20, LetInAt=iso(at(6))))
    (stream,) = streams.streams.values()
    assert (stream.opened, stream.begun) == (at(0), at(6))
    assert stream.end == at(20)


@pytest.mark.parametrize(("said", "begun"), [(9, 6), (4, 4), (-3, 0)])
def test_one_begins_with_what_was_said_on_it_before_it_was_let_in(said: int, begun: int) -> None:
    """ACS may keep what is said until its dial is answered: that is not known."""
    streams = streams_of(
        connection(0, 20, ConnectionId="one", LetInAt=iso(at(6))),
        row(12, ConnectionId="one", StartTime=iso(at(said)), EndTime=iso(at(10))),
    )
    (stream,) = streams.streams.values()
    assert stream.begun == at(begun)


def test_connections_are_streams_of_their_own() -> None:
    streams = streams_of(connection(0, 20), connection(30)).streams
    assert [stream.opened for stream in streams.values()] == [at(0), at(30)]


def test_acs_tells_when_it_lost_a_stream() -> None:
    streams = Streams()
    streams.add_event({"Details": INTERRUPTED, "Time": iso(at(20))})
    assert streams.interruptions == [at(20)]


def test_acs_tells_since_when_a_call_is_up_however_often() -> None:
    streams = Streams()
    for second in (3, 2, 9):
        streams.add_event({"Type": "CallConnected", "Time": iso(at(second))})
    assert streams == Streams(connected=at(2))


@pytest.mark.parametrize(
    "columns",
    [
        {"Time": iso(START)},
        {"Type": "CallConnected", "Time": "soon"},
        {"Type": "CallConnected"},
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


def test_of_two_that_end_together_both_must_have_ended_as_they_should() -> None:
    normal, cut = connection(1, 20), connection(0, 20, CloseReason="ServiceReload")
    assert last_closed(normal, cut) is last_closed(cut, normal) is None
    assert last_closed(normal, connection(0, 20, CloseReason="Normal")) == at(20)
    assert last_closed(normal, connection(0, 20, MissingAtEnd=1)) is None


@pytest.mark.parametrize(
    ("columns", "left"),
    [({}, at(20)), ({"CloseReason": "ServiceReload"}, None), ({"MissingAtEnd": 1}, None)],
)
def test_a_closed_connection_tells_when_it_was_left_unless_it_was_cut(
    columns: Columns, left: Ms | None
) -> None:
    _, row = connection(0, 20, **columns)
    assert left_at(row) == left
    assert left_at({}) is None
