"""Rows of a call as its transcript holds them; times are seconds of the call."""

from collections.abc import Mapping
from dataclasses import replace

from hypothesis import strategies as st

from callscribe.calls.call import Call, Direction, State
from callscribe.foundation.columns import Value
from callscribe.foundation.identifiers import (
    connection_key,
    lost_stream_id,
    new_stream_id,
    quarantine_key,
    segment_key,
    timeline_key,
)
from callscribe.foundation.moments import Ms, Seconds, iso, later
from callscribe.reports.completeness import Findings, examine
from tests.fakes.wishes import OFF

START = Ms(1_795_373_600_000)
Row = tuple[str, Mapping[str, Value]]
CALL = Call(
    "id",
    Direction.INBOUND,
    State.ENDED,
    "4:+14255550111",
    "8:acs:a_b",
    Ms(START - 5_000),
    OFF,
    answered_at=START,
    ended_at=Ms(START + 60_000),
)


CALLS = [CALL, *(replace(CALL, direction=each) for each in (Direction.JOINED, Direction.OWN))]


def at(second: float) -> Ms:
    """Return the moment at a second of the call."""
    return later(START, Seconds(second))


def stream_id(second: float) -> str:
    """Return the id of the stream that was opened at that second."""
    return new_stream_id(at(second), f"connection {second:g}")


def connection(
    opened: float | None, closed: float | None = None, *, key: str | None = None, **columns: Value
) -> Row:
    """Return a connection's row; times are seconds of the call.

    One that was closed was heard until then, and nothing is missing before that, if the columns do
    not say otherwise.
    """
    row: dict[str, Value] = dict(columns)
    if closed is not None:
        end: dict[str, Value] = {"HeardUntil": iso(at(closed)), "MissingAtEnd": 0}
        row = end | row
    if opened is not None:
        row["OpenedAt"] = iso(at(opened))
    if closed is not None:
        row["ClosedAt"] = iso(at(closed))
    return connection_key(key or stream_id(opened or 0)), row


def segment(second: float, of: str, number: int = 2, **columns: Value) -> Row:
    """Return something said at that second of the call on the stream with that id."""
    row: dict[str, Value] = {"ReceivedAt": iso(at(second)), "Text": "Hello.", "Seen": number}
    row |= {"EndTime": iso(at(second))}
    return segment_key(at(second), of, f"{number:010d}"), row | columns


def changed(row: Row, columns: Mapping[str, Value]) -> Row:
    """Return a row with other columns besides."""
    return row[0], {**row[1], **columns}


def quarantined(second: float, of: str, number: int = 2, **columns: Value) -> Row:
    """Return a frame that could not be read at that second of the call."""
    row: dict[str, Value] = {"ReceivedAt": iso(at(second)), "Seen": number}
    return quarantine_key(at(second), of, f"{number:010d}"), row | columns


def interrupted(second: float) -> Row:
    """Return the timeline's entry of ACS losing the stream at that second of the call."""
    row = {"Details": "streamConnectionInterrupted", "Time": iso(at(second))}
    return timeline_key(at(second), f"event {second}"), row


def told_connected(second: float) -> Row:
    """Return the timeline's entry of ACS's word that the call is up since that second."""
    row = {"Type": "CallConnected", "Time": iso(at(second))}
    return timeline_key(at(second), f"event {second}"), row


def wish(number: int, second: float, *, on: bool, **columns: Value) -> Row:
    """Return a revision of what is wanted, from that second of the call on."""
    row: dict[str, Value] = {"Revision": number, "On": on, "Why": "asked", "Locale": "en-US"}
    return f"w-{number:06d}", row | {"From": iso(at(second))} | columns


COLUMNS = st.fixed_dictionaries(
    {},
    optional={
        "Seen": st.integers(0, 40),
        "Missing": st.integers(0, 5),
        "Metadata": st.integers(0, 2),
        "Kept": st.integers(0, 5),
        "WireOffset": st.integers(0, 2),
        "SpeakerId": st.sampled_from("ab"),
        "ConnectionId": st.sampled_from(["one", "two"]),
    },
)
SECONDS = st.integers(-5, 70)
STREAM_IDS = st.sampled_from([stream_id(0), stream_id(30), lost_stream_id("one")])
ROWS = st.lists(
    st.builds(lambda second, of, more: segment(second, of, **more), SECONDS, STREAM_IDS, COLUMNS)
    | st.builds(
        lambda second, of, more: quarantined(second, of, **more), SECONDS, STREAM_IDS, COLUMNS
    )
    | st.builds(
        lambda opened, closed, key, more: connection(opened, closed, key=key, **more),
        st.none() | SECONDS,
        st.none() | SECONDS,
        STREAM_IDS,
        COLUMNS,
    )
    | st.builds(
        lambda number, second, on, locale: wish(number, second, on=on, Locale=locale),
        st.integers(1, 4),
        SECONDS,
        st.booleans(),
        st.sampled_from(["en-US", "el-GR"]),
    ),
    max_size=12,
    unique_by=lambda row: row[0],
)


def found(*rows: Row, call: Call = CALL, shortest: float = 2) -> Findings:
    """Examine the rows of a call a minute after its answer."""
    return examine(call, rows, at(60), Seconds(shortest))
