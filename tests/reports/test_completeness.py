from collections.abc import Mapping
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callscribe.calls.call import Call, Report
from callscribe.foundation.columns import Value, split_text
from callscribe.foundation.identifiers import NO_STREAM, gap_key, lost_stream_id, timeline_key
from callscribe.foundation.moments import iso
from tests.reports.rows import (
    CALLS,
    ROWS,
    START,
    Row,
    at,
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

    def test_other_kinds_of_rows_count_nothing(self) -> None:
        rows: list[Row] = [
            (timeline_key(START, "event"), {}),
            (gap_key(START, NO_STREAM), {}),
            ("i-001", {}),
            ("p-person", {}),
        ]
        assert found(*rows).report.frames == 0

    @pytest.mark.parametrize("key", ["s-", "q-1-2", "c-", "c-x", "s-1795373600-x-0000000001"])
    def test_rows_of_another_hand_count_nothing_and_do_no_harm(self, key: str) -> None:
        report = found((key, {"Seen": 5, "SpeakerId": "a"}), connection(0, 60)).report
        assert report == found(connection(0, 60)).report

    def test_a_count_that_is_no_number_counts_nothing(self) -> None:
        assert found(connection(0, 60, Seen="many", Missing=-3)).report == Report()


class TestRowsThatVanished:
    """As many rows as were acknowledged must be there; what is not there is missing."""

    def test_the_end_of_a_stream_tells_how_many_there_must_be(self) -> None:
        end = connection(0, 60, Seen=10, Metadata=1, Intermediates=4, Finals=4, Quarantined=1)
        report = found(end, segment(10, stream_id(0), 4), quarantined(30, stream_id(0), 6)).report
        assert report == Report(
            frames=7, metadata=1, intermediates=4, finals=1, quarantined=1, suspected_missing=3
        )

    def test_without_the_end_the_last_row_tells(self) -> None:
        rows = segment(10, stream_id(0), 4, Kept=3), quarantined(30, stream_id(0), 6, Kept=4)
        report = found(connection(0, Seen=1, Metadata=1), *rows).report
        assert (report.suspected_missing, report.finals, report.quarantined) == (2, 1, 1)
        assert (report.frames, report.intermediates) == (4, 1)

    def test_each_stream_is_counted_for_itself(self) -> None:
        """Rows that one has more than it counted do not make up for those that another lacks."""
        rows = [segment(second, lost_stream_id("one"), second, Kept=1) for second in range(1, 6)]
        report = found(connection(0, 60, Seen=4, Finals=3), *rows).report
        assert report.suspected_missing == 3

    def test_rows_whose_events_were_never_acknowledged_make_up_for_none(self) -> None:
        rows = segment(10, stream_id(0), 4, Kept=1), segment(11, stream_id(0), 5, Kept=2)
        report = found(connection(0, 60, Seen=2, Metadata=1, Finals=1), *rows).report
        assert (report.suspected_missing, report.finals, report.frames) == (0, 2, 5)


class TestHighCounts:
    """Sums fit their columns, Int32, whatever the numbers of the events say."""

    LARGEST = 2**31 - 1

    def test_sums_are_as_large_as_a_column_takes_at_most(self) -> None:
        rows = [
            connection(second, second + 10, Seen=self.LARGEST, Missing=self.LARGEST, Metadata=1)
            for second in (0, 20, 40)
        ]
        report = found(*rows, segment(5, stream_id(0), 4)).report
        assert report.suspected_missing == report.frames == self.LARGEST
        assert (report.metadata, report.finals) == (3, 1)
        assert report.intermediates == self.LARGEST - 4

    @pytest.mark.parametrize("name", ["Metadata", "Kept", "Finals", "Quarantined"])
    def test_what_another_hand_has_written_does_no_harm(self, name: str) -> None:
        rows = [changed(connection(second, second + 1), {name: 2**62}) for second in (0, 20)]
        report = found(*rows).report
        counts = (report.frames, report.metadata, report.suspected_missing)
        assert max(counts) <= self.LARGEST


class TestPeople:
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

    @pytest.mark.parametrize(
        ("other", "repeats"),
        [
            ({"Confidence": 0.8}, False),
            ({"Words": "[]"}, False),
            ({"StartTime": iso(at(12))}, True),
            ({"Confidence": 0.8, "StartTime": iso(at(12))}, False),
            ({"Confidence": 0.8, "StartTime": iso(at(11))}, True),
            ({"Confidence": 0.8, "StartTime": iso(at(9))}, True),
        ],
    )
    def test_the_same_at_another_time_is_said_again_unless_all_of_it_is_the_same(
        self, other: Mapping[str, Value], *, repeats: bool
    ) -> None:
        """Offsets may begin anew, and people say the same again."""
        known: dict[str, Value] = {"Confidence": 0.9, "StartTime": iso(at(10))}
        first = changed(said(10, stream_id(0)), known)
        later = changed(said(80, stream_id(0), 3), {**known, "StartTime": iso(at(80)), **other})
        assert bool(found(first, later).duplicates) == repeats

    def test_what_is_said_again_may_be_repeated_too(self) -> None:
        rows = [
            changed(said(10 * number, stream_id(0), number), {"Confidence": confidence})
            for number, confidence in enumerate((0.9, 0.8, 0.9, 0.8), 1)
        ]
        keys = [key for key, _ in rows]
        assert found(*rows).duplicates == {keys[2]: keys[0], keys[3]: keys[1]}

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


@given(ROWS, st.randoms(use_true_random=False), st.sampled_from(CALLS))
def test_order_and_repetition_of_rows_do_not_matter(
    rows: list[Row], random: Random, call: Call
) -> None:
    mixed = rows + rows[:3]
    random.shuffle(mixed)
    assert found(*mixed, call=call) == found(*rows, call=call)


@given(ROWS, st.sampled_from(CALLS))
def test_the_report_always_adds_up(rows: list[Row], call: Call) -> None:
    findings = found(*rows, call=call)
    report = findings.report
    parts = report.metadata + report.intermediates + report.finals + report.quarantined
    assert report.frames == parts
    assert min(report.intermediates, report.duplicates, report.suspected_missing) >= 0
    assert report.finals == sum(key.startswith("s-") for key, _ in rows)
    assert report.duplicates <= report.finals
