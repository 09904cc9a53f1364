from collections.abc import Mapping
from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callscribe.domain.call import Call, Direction, Report, State
from callscribe.domain.columns import Value, split_text
from callscribe.domain.completeness import Findings, Gap, examine
from callscribe.domain.identifiers import (
    NO_TAG,
    connection_key,
    connection_tag,
    gap_key,
    lost_tag,
    quarantine_key,
    segment_key,
    timeline_key,
)
from callscribe.domain.moments import iso

START = 1_795_373_600_000
Row = tuple[str, Mapping[str, Value]]
CALL = Call(
    "id",
    Direction.INBOUND,
    State.ENDED,
    "4:+14255550111",
    "8:acs:a_b",
    START - 5000,
    answered_at=START,
    ended_at=START + 60_000,
)
GOING_ON = replace(CALL, state=State.CONNECTED, ended_at=None)


def at(second: float) -> int:
    return START + int(second * 1000)


def tag(second: float) -> str:
    return connection_tag(at(second))


def connection(
    opened: float | None, closed: float | None = None, *, key: str = "", **columns: Value
) -> Row:
    """Return a connection's row; times are seconds of the call."""
    row: dict[str, Value] = dict(columns)
    if opened is not None:
        row["OpenedAt"] = iso(at(opened))
    if closed is not None:
        row["ClosedAt"] = iso(at(closed))
    return connection_key(key or tag(opened or 0)), row


def segment(second: float, of: str, number: int = 2, **columns: Value) -> Row:
    """Return something said at that second of the call on the connection with that tag."""
    row: dict[str, Value] = {"ReceivedAt": iso(at(second)), "Text": "Hello.", "Seen": number}
    return segment_key(at(second) // 1000, of, f"{number:010d}"), row | columns


def changed(row: Row, columns: Mapping[str, Value]) -> Row:
    return row[0], {**row[1], **columns}


def said(second: float, of: str, number: int = 2) -> Row:
    """Return something said of which all is known that tells whether it was said before."""
    known: dict[str, Value] = {"SpeakerId": "a", "WireOffset": 7, "DurationMs": 9}
    return changed(segment(second, of, number), known)


def quarantined(second: float, of: str, number: int = 2, **columns: Value) -> Row:
    row: dict[str, Value] = {"ReceivedAt": iso(at(second)), "Seen": number}
    return quarantine_key(at(second) // 1000, of, f"{number:010d}"), row | columns


def interrupted(second: float) -> Row:
    """Return the timeline's entry of ACS losing the stream at that second of the call."""
    row = {"Details": "streamConnectionInterrupted", "Time": iso(at(second))}
    return timeline_key(at(second), f"event {second}"), row


def found(*rows: Row, call: Call = CALL, shortest: float = 2) -> Findings:
    return examine(call, rows, at(60), shortest)


def gaps(*rows: Row, call: Call = CALL, shortest: float = 2) -> list[tuple[float, float]]:
    """Return the gaps as seconds of the call."""
    seen = found(*rows, call=call, shortest=shortest).gaps
    return [((gap.start - START) / 1000, (gap.end - START) / 1000) for gap in seen]


class TestGaps:
    def test_a_stream_from_answer_to_end_leaves_none(self) -> None:
        findings = found(connection(0, 60))
        assert findings.gaps == ()
        assert findings.report.seconds_without_stream == 0

    def test_a_stream_that_opens_late_leaves_one_at_the_start(self) -> None:
        findings = found(connection(5, 60))
        assert findings.gaps == (Gap(at(0), at(5), NO_TAG, "no stream was opened yet"),)
        assert findings.report.seconds_without_stream == 5

    def test_a_cut_leaves_one_in_the_middle_that_says_why(self) -> None:
        rows = connection(0, 20, CloseReason="ServiceReload"), connection(30, 60)
        assert found(*rows).gaps == (Gap(at(20), at(30), tag(0), "ServiceReload", cut=True),)

    def test_a_stream_that_ends_early_leaves_one_at_the_end(self) -> None:
        assert found(connection(0, 45)).gaps == (
            Gap(at(45), at(60), tag(0), "the stream was closed"),
        )

    def test_a_call_without_any_stream_is_one_gap_however_short(self) -> None:
        assert gaps() == [(0, 60)]
        assert gaps(call=replace(CALL, ended_at=at(1))) == [(0, 1)]

    def test_a_call_that_ended_before_its_answer_was_known_has_one_of_no_length(self) -> None:
        assert gaps(call=replace(CALL, ended_at=at(-1))) == [(-1, -1)]

    def test_a_call_that_was_never_answered_has_none(self) -> None:
        assert gaps(call=replace(CALL, answered_at=None)) == []

    def test_several_are_added_up(self) -> None:
        rows = connection(3, 20), connection(24.5, 50)
        assert gaps(*rows) == [(0, 3), (20, 24.5), (50, 60)]
        assert found(*rows).report.seconds_without_stream == 17.5

    def test_shorter_ones_are_none_at_either_end_of_the_call(self) -> None:
        rows = connection(1.9, 58.1)
        assert gaps(rows) == []
        assert gaps(rows, shortest=1.9) == [(0, 1.9), (58.1, 60)]
        assert found(rows).report.seconds_without_stream == 0

    def test_a_cut_is_one_however_short(self) -> None:
        assert gaps(connection(0, 20), connection(20.3, 60)) == [(20, 20.3)]
        assert gaps(connection(0, 20), connection(20, 60)) == [(20, 20)]

    @pytest.mark.parametrize("closed", [20.999, 45, 61])
    def test_where_the_next_stream_opens_the_one_before_had_been_cut(self, closed: float) -> None:
        """Its end may be reported later, behind frames that had to wait."""
        assert gaps(connection(0, closed), connection(20.1, 60)) == [(20.1, 20.1)]

    def test_a_stream_whose_end_comes_late_covers_nothing_behind_the_next(self) -> None:
        assert gaps(connection(0, 40), connection(10, 20)) == [(10, 10), (20, 60)]

    def test_a_stream_that_was_still_dialled_when_the_call_ended_tells_of_a_cut(self) -> None:
        assert gaps(connection(0, 62), connection(60.5, 61)) == [(60, 60)]
        assert gaps(connection(0, 58), connection(60.5, 61)) == [(58, 60)]

    def test_acs_tells_when_it_lost_a_stream(self) -> None:
        rows = connection(0, 25), connection(30, 60)
        assert gaps(*rows, interrupted(19)) == [(19, 30)]
        assert gaps(connection(0, 62), interrupted(59.5)) == [(59.5, 60)]

    def test_what_acs_lost_before_this_stream_or_after_the_call_does_not_cut_it(self) -> None:
        assert gaps(connection(10, 60), interrupted(5), interrupted(60.2)) == [(0, 10)]

    @pytest.mark.parametrize("columns", [{"Details": "other"}, {"Time": "soon"}])
    def test_other_events_of_the_timeline_cut_nothing(self, columns: Mapping[str, Value]) -> None:
        assert gaps(connection(0, 60), changed(interrupted(20), columns)) == []

    @pytest.mark.parametrize("reason", ["ServiceReload", "PingTimeout", "whatever else"])
    def test_a_stream_that_acs_did_not_close_was_cut(self, reason: str) -> None:
        assert gaps(connection(0, 59.5, CloseReason=reason)) == [(59.5, 60)]
        assert gaps(connection(0, 60.5, CloseReason=reason)) == [(60, 60)]
        assert gaps(connection(0, 59.5, CloseReason="Normal")) == []

    def test_a_stream_that_opened_before_the_answer_or_closed_after_the_end_counts(self) -> None:
        assert gaps(connection(-3, 70)) == []

    def test_a_stream_after_the_end_covers_nothing(self) -> None:
        assert gaps(connection(65, 70), connection(72, 75), shortest=0) == [(0, 60)]

    def test_a_stream_that_closed_before_the_answer_covers_nothing(self) -> None:
        assert gaps(connection(-9, -5)) == [(0, 60)]

    def test_without_an_end_a_stream_ends_at_its_last_row(self) -> None:
        rows = connection(0), segment(10, tag(0)), quarantined(30, tag(0), 3)
        assert found(*rows).gaps == (
            Gap(at(30), at(60), tag(0), "the stream's end was never reported"),
        )

    def test_without_its_own_row_a_stream_begins_with_its_first(self) -> None:
        assert gaps(segment(10, tag(0)), segment(50, tag(0), 3)) == [(0, 10), (50, 60)]

    def test_a_stream_of_which_only_the_end_is_known_covers_nothing(self) -> None:
        assert gaps(connection(None, 40)) == [(0, 40), (40, 60)]

    def test_a_stream_without_any_time_covers_nothing(self) -> None:
        assert gaps(connection(None), segment(9, tag(0), ReceivedAt="soon")) == [(0, 60)]

    def test_while_the_call_goes_on_the_newest_stream_is_open(self) -> None:
        assert gaps(connection(0), segment(10, tag(0)), call=GOING_ON) == []

    def test_while_the_call_goes_on_an_older_one_without_an_end_is_not(self) -> None:
        rows = connection(0), segment(10, tag(0)), connection(40)
        assert gaps(*rows, call=GOING_ON) == [(10, 40)]

    def test_while_the_call_goes_on_a_closed_one_is_not(self) -> None:
        assert gaps(connection(0, 30), call=GOING_ON) == [(30, 60)]

    def test_a_call_whose_end_is_unknown_is_looked_at_until_now(self) -> None:
        assert gaps(connection(0, 30), call=replace(CALL, ended_at=None)) == [(30, 60)]

    def test_a_state_that_is_lost_on_the_way_does_not_cut_the_stream(self) -> None:
        lost = lost_tag("one")
        rows = (
            connection(0, ConnectionId="one"),
            segment(10, tag(0), ConnectionId="one"),
            segment(40, lost, 9, ConnectionId="one"),
            connection(None, 60, key=lost, ConnectionId="one"),
        )
        assert gaps(*rows) == []

    def test_a_gap_is_a_row(self) -> None:
        gap = Gap(at(5), at(7.5), tag(0), "ServiceReload")
        assert gap.row_key == f"g-{at(5)}-{tag(0)}"
        assert gap.columns == {"From": iso(at(5)), "Seconds": 2.5, "Why": "ServiceReload"}


class TestCounts:
    def test_frames_are_what_was_seen(self) -> None:
        report = found(
            connection(0, 60, Seen=10, Missing=2, Metadata=1),
            segment(10, tag(0), 4),
            segment(20, tag(0), 9),
            quarantined(30, tag(0), 6),
        ).report
        assert report == Report(
            frames=10,
            metadata=1,
            intermediates=6,
            finals=2,
            quarantined=1,
            suspected_missing=2,
        )

    def test_without_the_end_the_last_row_tells(self) -> None:
        report = found(
            connection(0, Seen=1, Metadata=1),
            segment(10, tag(0), 4, Missing=1),
            segment(20, tag(0), 9, Missing=3),
        ).report
        assert (report.frames, report.intermediates, report.suspected_missing) == (9, 6, 3)

    def test_connections_are_added_up(self) -> None:
        report = found(
            connection(0, 20, Seen=5, Missing=1, Metadata=1),
            connection(30, 60, Seen=7, Missing=2, Metadata=1),
            segment(10, tag(0), 4),
        ).report
        assert (report.frames, report.metadata, report.suspected_missing) == (12, 2, 3)

    def test_rows_that_outnumber_what_their_state_saw_are_frames_all_the_same(self) -> None:
        rows = [segment(second, lost_tag("one"), second, Seen=1) for second in range(1, 6)]
        report = found(connection(0, 60, Seen=9, Metadata=1), *rows).report
        assert (report.frames, report.finals, report.intermediates) == (14, 5, 8)

    def test_the_timeline_and_gaps_of_an_earlier_report_count_nothing(self) -> None:
        rows: list[Row] = [(timeline_key(START, "event"), {}), (gap_key(START, NO_TAG), {})]
        assert found(*rows).report.frames == 0

    def test_a_count_that_is_no_number_counts_nothing(self) -> None:
        assert found(connection(0, 60, Seen="many")).report.frames == 0

    def test_everyone_who_spoke_is_known(self) -> None:
        rows = segment(1, tag(0), 2, SpeakerId="a"), segment(2, tag(0), 3, SpeakerId="b")
        assert found(*rows, segment(3, tag(0), 4)).speakers == {"a", "b"}


class TestDuplicates:
    def test_a_frame_said_again_names_the_first(self) -> None:
        first, again = said(10, tag(0)), said(30, tag(25))
        findings = found(first, again)
        assert findings.duplicates == {again[0]: first[0]}
        assert (findings.report.finals, findings.report.duplicates) == (2, 1)

    def test_a_third_time_names_the_first_too(self) -> None:
        rows = [said(second, tag(0), second) for second in (3, 4, 5)]
        assert found(*rows).duplicates == {rows[1][0]: rows[0][0], rows[2][0]: rows[0][0]}

    @pytest.mark.parametrize(
        "other",
        [{"SpeakerId": "b"}, {"WireOffset": 8}, {"DurationMs": 10}, {"Text": "Goodbye."}],
    )
    def test_anything_else_is_another_utterance(self, other: Mapping[str, Value]) -> None:
        rows = said(10, tag(0)), changed(said(30, tag(0), 3), other)
        assert found(*rows).duplicates == {}

    def test_long_text_is_compared_whole(self) -> None:
        one, other = split_text("Text", "a" * 40_000), split_text("Text", "a" * 39_999 + "b")
        rows = (
            changed(said(10, tag(0)), one),
            changed(said(20, tag(0), 3), other),
            changed(said(30, tag(0), 4), one),
        )
        assert found(*rows).duplicates == {rows[2][0]: rows[0][0]}

    def test_without_its_place_on_the_stream_nothing_is_a_duplicate(self) -> None:
        assert found(segment(10, tag(0)), segment(11, tag(0), 3)).duplicates == {}

    def test_speaker_and_duration_may_be_unknown_to_both(self) -> None:
        rows = segment(10, tag(0), WireOffset=7), segment(30, tag(0), 3, WireOffset=7)
        assert len(found(*rows).duplicates) == 1


COLUMNS = st.fixed_dictionaries(
    {},
    optional={
        "Seen": st.integers(0, 40),
        "Missing": st.integers(0, 5),
        "Metadata": st.integers(0, 2),
        "WireOffset": st.integers(0, 2),
        "SpeakerId": st.sampled_from("ab"),
        "ConnectionId": st.sampled_from(["one", "two"]),
    },
)
SECONDS = st.integers(-5, 70)
TAGS = st.sampled_from([tag(0), tag(30), lost_tag("one")])
ROWS = st.lists(
    st.builds(lambda second, of, more: segment(second, of, **more), SECONDS, TAGS, COLUMNS)
    | st.builds(lambda second, of, more: quarantined(second, of, **more), SECONDS, TAGS, COLUMNS)
    | st.builds(
        lambda opened, closed, key, more: connection(opened, closed, key=key, **more),
        st.none() | SECONDS,
        st.none() | SECONDS,
        TAGS,
        COLUMNS,
    ),
    max_size=12,
    unique_by=lambda row: row[0],
)


@given(ROWS, st.randoms(use_true_random=False), st.sampled_from([CALL, GOING_ON]))
def test_order_and_repetition_of_rows_do_not_matter(
    rows: list[Row], random: Random, call: Call
) -> None:
    mixed = rows + rows[:3]
    random.shuffle(mixed)
    assert found(*mixed, call=call) == found(*rows, call=call)


@given(ROWS, st.sampled_from([CALL, GOING_ON]))
def test_the_report_always_adds_up(rows: list[Row], call: Call) -> None:
    findings = found(*rows, call=call)
    report = findings.report
    parts = report.metadata + report.intermediates + report.finals + report.quarantined
    assert report.frames == parts
    assert min(report.intermediates, report.duplicates, report.suspected_missing) >= 0
    assert report.finals == sum(key.startswith("s-") for key, _ in rows)
    assert report.duplicates <= report.finals


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
