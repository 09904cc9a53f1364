from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callscribe.calls.call import Call, Direction, HangUp, State
from callscribe.foundation.columns import Value
from callscribe.foundation.identifiers import NO_STREAM, lost_stream_id
from callscribe.foundation.moments import Seconds, elapsed, iso
from callscribe.reports.gaps import Gap, GapKind
from tests.reports.rows import (
    CALL,
    CALLS,
    ROWS,
    START,
    Row,
    at,
    changed,
    connection,
    found,
    interrupted,
    quarantined,
    segment,
    stream_id,
    told_connected,
    wish,
)


def gaps(*rows: Row, call: Call = CALL, shortest: float = 2) -> list[tuple[float, float]]:
    """Return the gaps as seconds of the call."""
    seen = found(*rows, call=call, shortest=shortest).gaps
    return [(elapsed(START, gap.start), elapsed(START, gap.end)) for gap in seen]


def test_a_stream_from_answer_to_end_leaves_none() -> None:
    findings = found(connection(0, 60))
    assert findings.gaps == ()
    assert findings.report.seconds_without_stream == Seconds(0)


def test_a_stream_that_opens_late_leaves_one_at_the_start() -> None:
    findings = found(connection(5, 60))
    assert findings.gaps == (Gap(at(0), at(5), NO_STREAM, "no stream was opened yet"),)
    assert findings.report.seconds_without_stream == Seconds(5)


def test_a_stream_that_waited_to_be_let_in_covers_nothing_before() -> None:
    assert gaps(connection(1, 60, LetInAt=iso(at(7)))) == [(0, 7)]
    assert gaps(connection(0, 20), connection(20, 60, LetInAt=iso(at(27)))) == [(20, 27)]


def test_a_stream_that_ended_before_it_was_let_in_covers_nothing() -> None:
    assert gaps(connection(0, 5, LetInAt=iso(at(7))), connection(9, 60)) == [(0, 5), (5, 9)]


def test_a_cut_leaves_one_in_the_middle_that_says_why() -> None:
    rows = connection(0, 20, CloseReason="ServiceReload"), connection(30, 60)
    assert found(*rows).gaps == (Gap(at(20), at(30), stream_id(0), "ServiceReload"),)


@pytest.mark.parametrize(("told", "begin"), [(-3, -3), (3, 0), (-60, -5)])
def test_what_acs_says_late_of_the_beginning_counts(told: float, begin: float) -> None:
    """The answer's reply was lost, or a poll told first; before it rang nothing was said."""
    rows = connection(5, 60), told_connected(told)
    assert gaps(*rows) == [(begin, 5)]


@pytest.mark.parametrize("direction", [Direction.OUTBOUND, Direction.JOINED])
def test_a_call_of_which_only_acs_told_that_it_was_up_is_one(direction: Direction) -> None:
    call = replace(CALL, direction=direction, answered_at=None, hang_up=HangUp.LEAVE)
    assert gaps(told_connected(20), call=call) == [(20, 60)]


def test_a_stream_that_ends_early_leaves_one_at_the_end() -> None:
    assert found(connection(0, 45)).gaps == (
        Gap(at(45), at(60), stream_id(0), "the stream was closed"),
    )


def test_a_call_without_any_stream_is_one_gap_however_short() -> None:
    assert gaps() == [(0, 60)]
    assert gaps(call=replace(CALL, ended_at=at(1))) == [(0, 1)]


def test_a_call_that_ended_before_its_answer_was_known_has_one_of_no_length() -> None:
    assert gaps(call=replace(CALL, ended_at=at(-1))) == [(-1, -1)]


@pytest.mark.parametrize("state", [State.ANSWERING, State.MISSED, State.FAILED])
def test_a_call_that_was_never_answered_has_none(state: State) -> None:
    assert gaps(call=replace(CALL, state=state, answered_at=None)) == []


@pytest.mark.parametrize("state", [State.MISSED, State.UNANSWERED, State.FAILED])
def test_a_call_whose_answer_was_accepted_and_came_to_nothing_has_none(state: State) -> None:
    assert gaps(call=replace(CALL, state=state, connected_at=None)) == []


@pytest.mark.parametrize("state", [State.ENDED, State.MISSED])
def test_a_call_whose_answer_nobody_saw_is_looked_at_from_the_ring_on(state: State) -> None:
    """Its stream tells that it was up, but not that it was the first."""
    unseen = replace(CALL, state=state, answered_at=None)
    assert gaps(connection(5, 20), connection(30, 60), call=unseen) == [(-5, 5), (20, 30)]


def test_a_call_that_ended_without_a_stream_is_one_from_the_ring_on() -> None:
    assert gaps(call=replace(CALL, answered_at=None)) == [(-5, 60)]


@pytest.mark.parametrize("direction", [Direction.OUTBOUND, Direction.JOINED])
def test_a_call_that_was_given_up_before_it_came_about_has_none(direction: Direction) -> None:
    call = replace(CALL, direction=direction, answered_at=None, hang_up=HangUp.LEAVE)
    assert gaps(call=call) == []


def test_several_are_added_up() -> None:
    rows = connection(3, 20), connection(24.5, 50)
    assert gaps(*rows) == [(0, 3), (20, 24.5), (50, 60)]
    assert found(*rows).report.seconds_without_stream == Seconds(17.5)


def test_shorter_ones_are_none_at_either_end_of_the_call() -> None:
    rows = connection(1.9, 58.1)
    assert gaps(rows) == []
    assert gaps(rows, shortest=1.9) == [(0, 1.9), (58.1, 60)]
    assert found(rows).report.seconds_without_stream == Seconds(0)


def test_a_cut_is_one_however_short() -> None:
    assert gaps(connection(0, 20), connection(20.3, 60)) == [(20, 20.3)]
    assert gaps(connection(0, 20), connection(20, 60)) == [(20, 20)]


@pytest.mark.parametrize("closed", [20.999, 45, 61])
def test_where_the_next_stream_opens_the_one_before_had_been_cut(closed: float) -> None:
    """Its end may be reported later, behind frames that had to wait."""
    assert gaps(connection(0, closed), connection(20.1, 60)) == [(20.1, 20.1)]


def test_a_stream_whose_end_comes_late_covers_nothing_behind_the_next() -> None:
    assert gaps(connection(0, 40), connection(10, 20)) == [(10, 10), (20, 60)]


def test_a_stream_that_was_still_dialled_when_the_call_ended_tells_of_a_cut() -> None:
    assert gaps(connection(0, 62), connection(60.5, 61)) == [(60, 60)]
    assert gaps(connection(0, 58), connection(60.5, 61)) == [(58, 60)]


def test_acs_tells_when_it_lost_a_stream() -> None:
    rows = connection(0, 25), connection(30, 60)
    assert gaps(*rows, interrupted(19)) == [(19, 30)]
    assert gaps(connection(0, 62), interrupted(59.5)) == [(59.5, 60)]


def test_what_acs_lost_before_this_stream_or_after_the_call_does_not_cut_it() -> None:
    assert gaps(connection(10, 60), interrupted(5), interrupted(60.2)) == [(0, 10)]


@pytest.mark.parametrize("columns", [{"Details": "other"}, {"Time": "soon"}])
def test_other_events_of_the_timeline_cut_nothing(columns: Mapping[str, Value]) -> None:
    assert gaps(connection(0, 60), changed(interrupted(20), columns)) == []


@pytest.mark.parametrize("reason", ["ServiceReload", "PingTimeout", "whatever else"])
def test_a_stream_that_acs_did_not_close_was_cut(reason: str) -> None:
    assert gaps(connection(0, 59.5, CloseReason=reason)) == [(59.5, 60)]
    assert gaps(connection(0, 60.5, CloseReason=reason)) == [(60, 60)]
    assert gaps(connection(0, 59.5, CloseReason="Normal")) == []


def test_a_stream_that_opened_before_the_answer_or_closed_after_the_end_counts() -> None:
    assert gaps(connection(-3, 70)) == []


def test_a_stream_after_the_end_covers_nothing() -> None:
    assert gaps(connection(65, 70), connection(72, 75), shortest=0) == [(0, 60)]


def test_a_stream_that_opens_after_the_end_and_is_not_closed_leaves_none() -> None:
    """It may still be open when the call is reported on."""
    assert gaps(connection(0, 60), connection(65)) == []


def test_a_stream_that_closed_before_the_answer_covers_nothing() -> None:
    assert gaps(connection(-9, -5)) == [(0, 60)]


class TestWhatWebPubSubStillHeld:
    """A stream that was cut ends with what was acknowledged last: what came behind it is lost."""

    @pytest.mark.parametrize("reason", ["the event handler answered 503", "ServiceReload"])
    def test_a_gap_after_a_cut_begins_where_the_stream_was_last_heard(self, reason: str) -> None:
        cut = connection(0, 45, CloseReason=reason, HeardUntil=iso(at(12)))
        assert gaps(cut) == [(12, 60)]
        assert gaps(cut, connection(50, 60)) == [(12, 50)]

    def test_an_end_without_a_reason_is_a_cut_where_frames_before_it_never_came(self) -> None:
        """Nobody has written down which reason Web PubSub gives when we answer 503."""
        cut = connection(0, 45, MissingAtEnd=1, HeardUntil=iso(at(12)))
        assert gaps(cut, connection(50, 60)) == [(12, 50)]
        assert gaps(connection(0, 45, HeardUntil=iso(at(12))), connection(50, 60)) == [(45, 50)]

    def test_rows_tell_as_well_what_was_heard(self) -> None:
        cut = connection(0, 45, CloseReason="ServiceReload", HeardUntil=iso(at(12)))
        assert gaps(cut, segment(20, stream_id(0))) == [(20, 60)]
        waited = segment(40, stream_id(0), EndTime=iso(at(14)))
        assert gaps(cut, waited) == [(14, 60)]

    def test_where_acs_lost_the_stream_the_gap_begins_before_that(self) -> None:
        cut = connection(0, 45, HeardUntil=iso(at(12)))
        assert gaps(cut, interrupted(19)) == [(12, 60)]
        assert gaps(cut, connection(20, 60)) == [(12, 20)]

    def test_a_stream_that_never_had_a_frame_covers_nothing(self) -> None:
        cut = connection(0, 45, CloseReason="503", HeardUntil="")
        assert gaps(cut, connection(50, 60)) == [(0, 50)]

    def test_an_end_that_nobody_told_is_a_gap_however_short(self) -> None:
        assert gaps(connection(0), segment(59, stream_id(0))) == [(59, 60)]


class TestKinds:
    def test_while_no_transcription_was_wanted_nothing_is_lost(self) -> None:
        rows = wish(1, 0, on=True), wish(2, 20, on=False, Why="paused"), wish(3, 30, on=True)
        findings = found(connection(0, 21), connection(31, 60), *rows)
        why = "transcription was not wanted: paused"
        assert findings.gaps == (Gap(at(21), at(30), stream_id(0), why, GapKind.NOT_WANTED),)
        assert findings.report.seconds_without_stream == Seconds(0)
        assert findings.report.seconds_not_wanted == Seconds(9)

    def test_where_the_wish_changes_one_gap_ends_and_another_begins(self) -> None:
        rows = wish(1, 0, on=False), wish(2, 10, on=True), wish(3, 40, on=False)
        findings = found(connection(15, 30), *rows)
        assert [(gap.start, gap.kind) for gap in findings.gaps] == [
            (at(0), GapKind.NOT_WANTED),
            (at(10), GapKind.LOST),
            (at(30), GapKind.LOST),
            (at(40), GapKind.NOT_WANTED),
        ]
        assert findings.report.seconds_without_stream == Seconds(15)
        assert findings.report.seconds_not_wanted == Seconds(30)

    def test_after_a_start_a_stream_has_a_moment_to_open(self) -> None:
        rows = wish(1, 0, on=False), wish(2, 10, on=True)
        assert gaps(connection(11.9, 60), *rows) == [(0, 10)]
        assert gaps(connection(12, 60), *rows) == [(0, 10), (10, 12)]

    def test_a_cut_while_it_was_wanted_counts_however_short(self) -> None:
        rows = wish(1, 0, on=True), wish(2, 20.5, on=False)
        cut = connection(0, 20, CloseReason="ServiceReload")
        assert [gap.kind for gap in found(cut, *rows).gaps] == [GapKind.LOST, GapKind.NOT_WANTED]

    def test_before_the_first_revision_and_without_any_everything_is_lost(self) -> None:
        assert [gap.kind for gap in found().gaps] == [GapKind.LOST]
        assert [gap.kind for gap in found(wish(1, 30, on=False)).gaps] == [
            GapKind.LOST,
            GapKind.NOT_WANTED,
        ]

    def test_a_stop_for_another_language_is_a_switch_on_a_joined_call(self) -> None:
        joined = replace(CALL, direction=Direction.JOINED)
        rows = (
            connection(0, 21),
            connection(25, 60),
            wish(1, 0, on=True),
            wish(2, 20, on=True, Locale="el-GR"),
        )
        (gap,) = found(*rows, call=joined).gaps
        assert (gap.start, gap.end, gap.kind) == (at(21), at(25), GapKind.SWITCHING)
        assert gap.why == "another language was wanted"
        assert found(*rows, call=joined).report.seconds_without_stream == Seconds(4)
        assert [gap.kind for gap in found(*rows).gaps] == [GapKind.LOST]

    @pytest.mark.parametrize(
        "wanted",
        [
            [wish(1, 0, on=True), wish(2, 20, on=True, Why="asked again")],
            [wish(1, 0, on=True), wish(2, 30, on=True, Locale="el-GR")],
            [wish(2, 20, on=True, Locale="el-GR")],
        ],
        ids=["the same language", "asked for after the cut", "nothing is known before"],
    )
    def test_any_other_gap_of_a_joined_call_is_lost(self, wanted: list[Row]) -> None:
        joined = replace(CALL, direction=Direction.JOINED)
        rows = connection(0, 21, CloseReason="ServiceReload"), connection(35, 60)
        assert {gap.kind for gap in found(*rows, *wanted, call=joined).gaps} == {GapKind.LOST}

    def test_an_own_calls_gaps_are_its_applications_unless_a_stream_was_cut(self) -> None:
        own = replace(CALL, direction=Direction.OWN)
        cut = connection(30, 40, CloseReason="ServiceReload")
        findings = found(connection(10, 20), cut, connection(50, 60), call=own)
        assert [(gap.start, gap.kind) for gap in findings.gaps] == [
            (at(0), GapKind.OWN_APP),
            (at(20), GapKind.OWN_APP),
            (at(40), GapKind.LOST),
        ]
        assert findings.report.seconds_without_stream == Seconds(10)
        assert findings.report.seconds_not_wanted == Seconds(20)


def test_without_an_end_a_stream_ends_at_its_last_row() -> None:
    rows = connection(0), segment(10, stream_id(0)), segment(30, stream_id(0), 3)
    assert found(*rows).gaps == (
        Gap(at(30), at(60), stream_id(0), "the stream's end was never reported"),
    )


def test_a_quarantined_frame_does_not_tell_when_it_was_said() -> None:
    """It may have waited behind others, while what came behind it was said."""
    rows = connection(0), segment(10, stream_id(0)), quarantined(30, stream_id(0), 3)
    assert gaps(*rows) == [(10, 60)]


def test_without_its_own_row_a_stream_begins_with_its_first() -> None:
    lost = lost_stream_id("one")
    assert gaps(segment(10, lost), segment(50, lost, 3)) == [(0, 10), (50, 60)]
    assert gaps(segment(10, stream_id(0)), segment(50, stream_id(0), 3)) == [(50, 60)]


def test_a_stream_of_which_only_the_end_is_known_covers_nothing() -> None:
    assert gaps(connection(None, 40, key=lost_stream_id("one"))) == [(0, 40), (40, 60)]


def test_a_stream_without_any_time_covers_nothing() -> None:
    assert gaps(connection(None)) == [(0, 60)]


def test_a_call_whose_end_is_unknown_is_looked_at_until_now() -> None:
    assert gaps(connection(0, 30), call=replace(CALL, ended_at=None)) == [(30, 60)]


def test_a_state_that_is_lost_on_the_way_does_not_cut_the_stream() -> None:
    lost = lost_stream_id("one")
    rows = (
        connection(0, ConnectionId="one"),
        segment(10, stream_id(0), ConnectionId="one"),
        segment(40, lost, 9, ConnectionId="one"),
        connection(None, 60, key=lost, ConnectionId="one"),
    )
    assert gaps(*rows) == []


def test_a_gap_is_a_row() -> None:
    gap = Gap(at(5), at(7.5), stream_id(0), "ServiceReload")
    assert gap.row_key == f"g-{at(5)}-{stream_id(0)}"
    assert gap.columns == {
        "From": iso(at(5)),
        "Seconds": 2.5,
        "Why": "ServiceReload",
        "Kind": "lost",
    }


@given(ROWS, st.sampled_from(CALLS))
def test_gaps_lie_within_the_call_one_after_the_other(rows: list[Row], call: Call) -> None:
    findings = found(*rows, call=call, shortest=0)
    edges = [edge for gap in findings.gaps for edge in (gap.start, gap.end)]
    assert edges == sorted(edges)
    assert all(at(0) <= edge <= at(60) for edge in edges)
    report, seconds = findings.report, sum(gap.seconds for gap in findings.gaps)
    assert report.seconds_without_stream + report.seconds_not_wanted == pytest.approx(seconds)


@given(ROWS, st.sampled_from(CALLS))
def test_what_is_wanted_changes_the_kinds_of_gaps_and_not_the_time_that_is_covered(
    rows: list[Row], call: Call
) -> None:
    without = [row for row in rows if not row[0].startswith("w-")]
    seconds = [
        sum(gap.seconds for gap in found(*each, call=call, shortest=0).gaps)
        for each in (rows, without)
    ]
    assert seconds[0] == pytest.approx(seconds[1])
