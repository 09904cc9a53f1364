from collections.abc import Mapping
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callscribe.calls.call import Call, Report
from callscribe.foundation.columns import Value, split_text
from callscribe.foundation.identifiers import NO_STREAM, gap_key, lost_stream_id, timeline_key
from tests.reports.rows import (
    CALL,
    GOING_ON,
    ROWS,
    START,
    Row,
    changed,
    connection,
    found,
    quarantined,
    segment,
    stream_id,
)


def said(second: float, of: str, number: int = 2) -> Row:
    """Return something said of which all is known that tells whether it was said before."""
    known: dict[str, Value] = {"SpeakerId": "a", "WireOffset": 7, "DurationMs": 9}
    return changed(segment(second, of, number), known)


class TestCounts:
    def test_frames_are_what_was_seen(self) -> None:
        report = found(
            connection(0, 60, Seen=10, Missing=2, Metadata=1),
            segment(10, stream_id(0), 4),
            segment(20, stream_id(0), 9),
            quarantined(30, stream_id(0), 6),
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
            segment(10, stream_id(0), 4, Missing=1),
            segment(20, stream_id(0), 9, Missing=3),
        ).report
        assert (report.frames, report.intermediates, report.suspected_missing) == (9, 6, 3)

    def test_connections_are_added_up(self) -> None:
        report = found(
            connection(0, 20, Seen=5, Missing=1, Metadata=1),
            connection(30, 60, Seen=7, Missing=2, Metadata=1),
            segment(10, stream_id(0), 4),
        ).report
        assert (report.frames, report.metadata, report.suspected_missing) == (12, 2, 3)

    def test_rows_that_outnumber_what_their_state_saw_are_frames_all_the_same(self) -> None:
        rows = [segment(second, lost_stream_id("one"), second, Seen=1) for second in range(1, 6)]
        report = found(connection(0, 60, Seen=9, Metadata=1), *rows).report
        assert (report.frames, report.finals, report.intermediates) == (14, 5, 8)

    def test_the_timeline_and_gaps_of_an_earlier_report_count_nothing(self) -> None:
        rows: list[Row] = [(timeline_key(START, "event"), {}), (gap_key(START, NO_STREAM), {})]
        assert found(*rows).report.frames == 0

    def test_a_count_that_is_no_number_counts_nothing(self) -> None:
        assert found(connection(0, 60, Seen="many")).report.frames == 0

    def test_everyone_who_spoke_is_known(self) -> None:
        rows = (
            segment(1, stream_id(0), 2, SpeakerId="a"),
            segment(2, stream_id(0), 3, SpeakerId="b"),
        )
        assert found(*rows, segment(3, stream_id(0), 4)).speakers == {"a", "b"}


class TestDuplicates:
    def test_a_frame_said_again_names_the_first(self) -> None:
        first, again = said(10, stream_id(0)), said(30, stream_id(25))
        findings = found(first, again)
        assert findings.duplicates == {again[0]: first[0]}
        assert (findings.report.finals, findings.report.duplicates) == (2, 1)

    def test_a_third_time_names_the_first_too(self) -> None:
        rows = [said(second, stream_id(0), second) for second in (3, 4, 5)]
        assert found(*rows).duplicates == {rows[1][0]: rows[0][0], rows[2][0]: rows[0][0]}

    @pytest.mark.parametrize(
        "other",
        [{"SpeakerId": "b"}, {"WireOffset": 8}, {"DurationMs": 10}, {"Text": "Goodbye."}],
    )
    def test_anything_else_is_another_utterance(self, other: Mapping[str, Value]) -> None:
        rows = said(10, stream_id(0)), changed(said(30, stream_id(0), 3), other)
        assert found(*rows).duplicates == {}

    def test_long_text_is_compared_whole(self) -> None:
        one, other = split_text("Text", "a" * 40_000), split_text("Text", "a" * 39_999 + "b")
        rows = (
            changed(said(10, stream_id(0)), one),
            changed(said(20, stream_id(0), 3), other),
            changed(said(30, stream_id(0), 4), one),
        )
        assert found(*rows).duplicates == {rows[2][0]: rows[0][0]}

    def test_without_its_place_on_the_stream_nothing_is_a_duplicate(self) -> None:
        assert found(segment(10, stream_id(0)), segment(11, stream_id(0), 3)).duplicates == {}

    def test_speaker_and_duration_may_be_unknown_to_both(self) -> None:
        rows = segment(10, stream_id(0), WireOffset=7), segment(30, stream_id(0), 3, WireOffset=7)
        assert len(found(*rows).duplicates) == 1


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
