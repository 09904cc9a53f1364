from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callscribe.calls.call import Call, State
from callscribe.foundation.columns import Value
from callscribe.foundation.identifiers import NO_STREAM, lost_stream_id, stream_id_in
from callscribe.foundation.moments import Seconds, elapsed, iso
from callscribe.reports.gaps import Gap, find_gaps
from callscribe.stream.streams import Streams
from tests.reports.rows import (
    CALL,
    GOING_ON,
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


def test_a_cut_leaves_one_in_the_middle_that_says_why() -> None:
    rows = connection(0, 20, CloseReason="ServiceReload"), connection(30, 60)
    assert found(*rows).gaps == (Gap(at(20), at(30), stream_id(0), "ServiceReload", cut=True),)


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


@pytest.mark.parametrize("state", [State.ENDED, State.MISSED])
def test_a_call_whose_answer_nobody_saw_is_looked_at_from_the_ring_on(state: State) -> None:
    """Its stream tells that it was up, but not that it was the first."""
    unseen = replace(CALL, state=state, answered_at=None)
    assert gaps(connection(5, 20), connection(30, 60), call=unseen) == [(-5, 5), (20, 30)]


def test_a_call_that_ended_without_a_stream_is_one_from_the_ring_on() -> None:
    assert gaps(call=replace(CALL, answered_at=None)) == [(-5, 60)]


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


def test_a_stream_that_closed_before_the_answer_covers_nothing() -> None:
    assert gaps(connection(-9, -5)) == [(0, 60)]


def test_without_an_end_a_stream_ends_at_its_last_row() -> None:
    rows = connection(0), segment(10, stream_id(0)), quarantined(30, stream_id(0), 3)
    assert found(*rows).gaps == (
        Gap(at(30), at(60), stream_id(0), "the stream's end was never reported"),
    )


def test_without_its_own_row_a_stream_begins_with_its_first() -> None:
    assert gaps(segment(10, stream_id(0)), segment(50, stream_id(0), 3)) == [(0, 10), (50, 60)]


def test_a_stream_of_which_only_the_end_is_known_covers_nothing() -> None:
    assert gaps(connection(None, 40)) == [(0, 40), (40, 60)]


def test_a_stream_without_any_time_covers_nothing() -> None:
    assert gaps(connection(None), segment(9, stream_id(0), ReceivedAt="soon")) == [(0, 60)]


def test_while_the_call_goes_on_the_newest_stream_is_open() -> None:
    assert gaps(connection(0), segment(10, stream_id(0)), call=GOING_ON) == []


def test_asking_while_the_call_goes_on_changes_nothing_that_is_known() -> None:
    key, columns = segment(10, stream_id(0))
    streams = Streams()
    streams.add_row(stream_id_in(key), columns)
    ended = replace(GOING_ON, state=State.ENDED, ended_at=at(60))
    before = list(find_gaps(streams, ended, at(60)))
    assert before
    list(find_gaps(streams, GOING_ON, at(60)))
    assert list(find_gaps(streams, ended, at(60))) == before


def test_while_the_call_goes_on_an_older_one_without_an_end_is_not() -> None:
    rows = connection(0), segment(10, stream_id(0)), connection(40)
    assert gaps(*rows, call=GOING_ON) == [(10, 40)]


def test_while_the_call_goes_on_a_closed_one_is_not() -> None:
    assert gaps(connection(0, 30), call=GOING_ON) == [(30, 60)]


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
    assert gap.columns == {"From": iso(at(5)), "Seconds": 2.5, "Why": "ServiceReload"}


@given(ROWS, st.sampled_from([CALL, GOING_ON]))
def test_gaps_lie_within_the_call_one_after_the_other(rows: list[Row], call: Call) -> None:
    findings = found(*rows, call=call, shortest=0)
    edges = [edge for gap in findings.gaps for edge in (gap.start, gap.end)]
    assert edges == sorted(edges)
    assert all(gap.start < gap.end or gap.cut for gap in findings.gaps)
    assert all(at(0) <= edge <= at(60) for edge in edges)
    assert findings.report.seconds_without_stream == round(
        sum(gap.seconds for gap in findings.gaps), 3
    )
