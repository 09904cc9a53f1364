"""What a connection's row tells of its opening, its frames and its end."""

import json
from copy import replace

import pytest

from callscribe.foundation.bounds import LONGEST_MESSAGE, LONGEST_NAME
from callscribe.foundation.columns import Columns
from callscribe.foundation.identifiers import new_call_id
from callscribe.foundation.moments import Ms, iso
from callscribe.stream.connections import (
    close_reason,
    closed,
    connected,
    connection,
    heard,
    let_in_late,
)
from callscribe.stream.dialled import Dial
from callscribe.stream.frames import Metadata, Speech, Unreadable
from callscribe.stream.segments import Row
from callscribe.stream.state import StreamState, count_frame, opened, restore
from callscribe.stream.upstream import Kind, UpstreamEvent
from tests.stream.streaming import METADATA, NOW, STREAM_ID, at, said

STATE = StreamState(
    stream_id=STREAM_ID,
    written=True,
    last=4,
    heard=at(7),
    seen=9,
    missing=1,
    metadata=2,
    intermediates=3,
    finals=3,
    quarantined=1,
    media=5,
)
USUAL: Columns = {
    "ConnectionId": "connection",
    "ReceivedAt": "2026-11-22T18:54:03.123Z",
    "Seen": 9,
    "Missing": 1,
    "Metadata": 2,
    "Intermediates": 3,
    "Finals": 3,
    "Quarantined": 1,
    "Media": 5,
    "HeardUntil": "2026-11-22T18:54:10.000Z",
    "OpenedAt": "2026-11-22T18:54:03.123Z",
}


NOBODY = Dial("", "", None, None, ())


def event(kind: Kind, body: object = None) -> UpstreamEvent:
    return UpstreamEvent(
        kind=kind,
        call_id=new_call_id(NOW, "call"),
        connection_id="connection",
        number=7,
        sequence="0000000007",
        at=at(0),
        state=STATE,
        body=json.dumps(body or {}).encode(),
    )


class TestAnyRow:
    def test_it_is_merged_and_tells_what_is_counted_so_far(self) -> None:
        found = connection(STATE, event(Kind.MESSAGE), NOW)
        assert found == Row(f"c-{STREAM_ID}", USUAL, whole=False)

    def test_when_it_was_opened_is_left_out_where_the_state_was_lost(self) -> None:
        lost = restore("", "connection")
        found = connection(lost, event(Kind.MESSAGE), NOW)
        assert found.key == f"c-{lost.stream_id}"
        assert "OpenedAt" not in found.columns

    def test_up_to_when_it_was_heard_is_left_out_where_no_frame_came(self) -> None:
        fresh = opened(NOW, "connection", written=True)
        assert "HeardUntil" not in connection(fresh, event(Kind.CONNECT), NOW).columns


class TestOpening:
    def test_whom_acs_dials_for_is_kept_and_what_proves_it_and_no_secret(self) -> None:
        dial = Dial("call", "secret", "call connection", "correlation", ("Bearer secret",))
        row = connected(STATE, event(Kind.CONNECT), dial, "ticket+acs", NOW)
        told = {
            "Proof": "ticket+acs",
            "CallConnectionId": "call connection",
            "CorrelationId": "correlation",
        }
        assert row == Row(f"c-{STREAM_ID}", USUAL | told, whole=False)

    def test_what_acs_does_not_say_is_left_out(self) -> None:
        row = connected(STATE, event(Kind.CONNECT), NOBODY, "token", NOW)
        assert row.columns == USUAL | {"Proof": "token"}

    def test_ids_that_are_too_long_are_left_out(self) -> None:
        long = replace(NOBODY, connection_id="a" * 70_000, correlation_id="a" * 70_000)
        row = connected(STATE, event(Kind.CONNECT), long, "token", NOW)
        assert row.columns == USUAL | {"Proof": "token"}


class TestBeingLetIn:
    @pytest.mark.parametrize("second", [2, 6])
    def test_a_stream_that_waited_to_be_let_in_says_until_when(self, second: int) -> None:
        opening = replace(event(Kind.CONNECTED), at=at(second))
        row = let_in_late(STATE, opening, at(second))
        told: Columns = {"ConnectionId": "connection", "LetInAt": iso(at(second))}
        assert row == Row(f"c-{STREAM_ID}", told, whole=False)

    @pytest.mark.parametrize("second", [-1, 0, 1])
    def test_one_that_was_let_in_at_once_says_nothing(self, second: int) -> None:
        assert let_in_late(STATE, replace(event(Kind.CONNECTED), at=at(second)), NOW) is None

    def test_one_whose_state_was_lost_says_nothing(self) -> None:
        lost = restore("", "connection")
        assert let_in_late(lost, replace(event(Kind.CONNECTED), at=at(9)), NOW) is None


class TestFrames:
    def test_metadata_tells_the_language_and_whose_it_is(self) -> None:
        row = heard(STATE, event(Kind.MESSAGE), METADATA, NOW)
        told = {"Locale": "en-US", "SubscriptionId": "subscription"}
        assert row == Row(f"c-{STREAM_ID}", USUAL | told, whole=False)

    def test_what_metadata_does_not_tell_is_empty(self) -> None:
        row = heard(STATE, event(Kind.MESSAGE), Metadata(None, None), NOW)
        assert row.columns == USUAL | {"Locale": "", "SubscriptionId": ""}

    def test_what_metadata_tells_has_a_length_that_can_be_stored(self) -> None:
        long = Metadata("a" * 70_000, "a" * 70_000)
        row = heard(STATE, event(Kind.MESSAGE), long, NOW)
        told = {"Locale": "a" * LONGEST_NAME, "SubscriptionId": ""}
        assert row.columns == USUAL | told

    def test_any_other_frame_tells_nothing_more(self) -> None:
        frames: tuple[Speech | Unreadable, ...] = said(), Unreadable("not JSON")
        for frame in frames:
            assert heard(STATE, event(Kind.MESSAGE), frame, NOW).columns == USUAL


class TestClosing:
    def test_when_and_why_it_was_closed(self) -> None:
        row = closed(STATE, event(Kind.DISCONNECTED, {"reason": "bye"}), NOW)
        told: Columns = {
            "Missing": 3,
            "ClosedAt": "2026-11-22T18:54:03.123Z",
            "CloseReason": "bye",
            "MissingAtEnd": 2,
        }
        assert row == Row(f"c-{STREAM_ID}", USUAL | told, whole=False)

    def test_after_all_frames_none_is_missing(self) -> None:
        row = closed(replace(STATE, last=6), event(Kind.DISCONNECTED), NOW)
        assert (row.columns["Missing"], row.columns["MissingAtEnd"]) == (1, 0)

    def test_after_a_lost_state_nobody_knows_what_is_missing(self) -> None:
        lost = restore("", "connection")
        assert "MissingAtEnd" not in closed(lost, event(Kind.DISCONNECTED), NOW).columns
        known = count_frame(lost, said(), 6)
        assert closed(known, event(Kind.DISCONNECTED), NOW).columns["MissingAtEnd"] == 0

    def test_a_reason_that_is_not_told_is_empty(self) -> None:
        assert closed(STATE, event(Kind.DISCONNECTED), NOW).columns["CloseReason"] == ""

    def test_a_reason_has_a_length_that_can_be_stored(self) -> None:
        row = closed(STATE, event(Kind.DISCONNECTED, {"reason": "a" * 70_000}), NOW)
        assert row.columns["CloseReason"] == "a" * LONGEST_MESSAGE

    def test_an_event_that_came_late_closed_it_at_the_end_of_its_own_second(self) -> None:
        row = closed(STATE, event(Kind.DISCONNECTED), at(60))
        assert row.columns["ClosedAt"] == "2026-11-22T18:54:03.999Z"

    def test_our_clock_tells_more_exactly_when_the_event_came_in_time(self) -> None:
        row = closed(STATE, event(Kind.DISCONNECTED), Ms(at(0) + 700))
        assert row.columns["ClosedAt"] == "2026-11-22T18:54:03.700Z"

    def test_our_clock_is_not_believed_where_it_is_behind_the_events_time(self) -> None:
        row = closed(STATE, event(Kind.DISCONNECTED), at(-3_600))
        assert row.columns["ClosedAt"] == "2026-11-22T18:54:03.000Z"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b'{"reason": "Normal"}', "Normal"),
        (b'{"reason": null}', None),
        (b'{"reason": ""}', None),
        (b'{"reason": "' + b"a" * 70_000 + b'"}', "a" * LONGEST_MESSAGE),
        (b"{}", None),
        (b"[]", None),
        (b"", None),
    ],
    ids=lambda value: str(value)[:24],
)
def test_why_a_connection_was_closed_as_far_as_it_is_said(body: bytes, reason: str | None) -> None:
    assert close_reason(body) == reason
