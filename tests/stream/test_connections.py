import json

from callscribe.foundation.columns import Columns
from callscribe.foundation.identifiers import new_call_id
from callscribe.foundation.moments import Ms
from callscribe.stream.connections import closed, connected, connection, heard
from callscribe.stream.frames import Metadata, Speech, Unreadable
from callscribe.stream.segments import Row
from callscribe.stream.state import StreamState, opened, restore
from callscribe.stream.upstream import Kind, UpstreamEvent
from tests.stream.streaming import METADATA, NOW, STREAM_ID, at, said

STATE = StreamState(stream_id=STREAM_ID, written=True, seen=5, missing=1, metadata=2)
USUAL: Columns = {
    "ConnectionId": "connection",
    "ReceivedAt": "2026-11-22T18:54:03.123Z",
    "Seen": 5,
    "Missing": 1,
    "Metadata": 2,
    "OpenedAt": "2026-11-22T18:54:03.123Z",
}


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


class TestOpening:
    def test_whom_acs_dials_for_is_kept_and_no_token(self) -> None:
        headers = {
            "X-Ms-Call-Connection-Id": ["call connection"],
            "x-ms-call-correlation-id": ["correlation"],
            "Authorization": ["Bearer secret"],
        }
        row = connected(STATE, event(Kind.CONNECT, {"headers": headers}), NOW)
        told = {"CallConnectionId": "call connection", "CorrelationId": "correlation"}
        assert row == Row(f"c-{STREAM_ID}", USUAL | told, whole=False)

    def test_what_acs_does_not_say_is_left_out(self) -> None:
        empty = {"headers": {"x-ms-call-connection-id": [""]}}
        assert connected(STATE, event(Kind.CONNECT, empty), NOW).columns == USUAL
        assert connected(STATE, event(Kind.CONNECT), NOW).columns == USUAL


class TestFrames:
    def test_metadata_tells_the_language_and_whose_it_is(self) -> None:
        row = heard(STATE, event(Kind.MESSAGE), METADATA, NOW)
        told = {"Locale": "en-US", "SubscriptionId": "subscription"}
        assert row == Row(f"c-{STREAM_ID}", USUAL | told, whole=False)

    def test_what_metadata_does_not_tell_is_empty(self) -> None:
        row = heard(STATE, event(Kind.MESSAGE), Metadata(None, None), NOW)
        assert row.columns == USUAL | {"Locale": "", "SubscriptionId": ""}

    def test_any_other_frame_tells_nothing_more(self) -> None:
        frames: tuple[Speech | Unreadable, ...] = said(), Unreadable("not JSON")
        for frame in frames:
            assert heard(STATE, event(Kind.MESSAGE), frame, NOW).columns == USUAL


class TestClosing:
    def test_when_and_why_it_was_closed(self) -> None:
        row = closed(STATE, event(Kind.DISCONNECTED, {"reason": "bye"}), NOW)
        told = {"ClosedAt": "2026-11-22T18:54:03.123Z", "CloseReason": "bye"}
        assert row == Row(f"c-{STREAM_ID}", USUAL | told, whole=False)

    def test_a_reason_that_is_not_told_is_empty(self) -> None:
        assert closed(STATE, event(Kind.DISCONNECTED), NOW).columns["CloseReason"] == ""

    def test_an_event_that_came_late_closed_it_at_the_end_of_its_own_second(self) -> None:
        row = closed(STATE, event(Kind.DISCONNECTED), at(60))
        assert row.columns["ClosedAt"] == "2026-11-22T18:54:03.999Z"

    def test_our_clock_tells_more_exactly_when_the_event_came_in_time(self) -> None:
        row = closed(
            opened(at(0), "connection", written=True), event(Kind.DISCONNECTED), Ms(at(0) + 700)
        )
        assert row.columns["ClosedAt"] == "2026-11-22T18:54:03.700Z"
