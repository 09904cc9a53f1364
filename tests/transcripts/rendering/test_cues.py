from dataclasses import replace

import pytest

from callscribe.foundation.moments import Ms
from callscribe.stream.segments import Segment
from callscribe.transcripts.rendering.cues import clock, cues, escaped
from tests.transcripts.said import BARE, CALL, HELLO


def at(segment: Segment, second: float, **changes: object) -> Segment:
    time = f"2026-11-22T18:54:{second:06.3f}Z"
    return replace(segment, start_time=time, **changes)  # type: ignore[arg-type] # named by tests


def times(*segments: Segment) -> list[tuple[int, int]]:
    return [(start, end) for start, end, _ in cues(CALL, segments)]


def test_times_count_from_when_the_call_rang() -> None:
    assert times(HELLO) == [(3_000, 3_500)]


def test_cues_are_in_order_and_know_their_segments() -> None:
    assert [segment for _, _, segment in cues(CALL, [BARE, HELLO])] == [HELLO, BARE]
    assert times() == []


@pytest.mark.parametrize(
    ("changes", "end"),
    [
        ({"duration_ms": 1_500}, 4_500),
        ({"words": (("a", 0, 200), ("b", 300, None), ("c", None, None))}, 3_300),
        ({"words": (("a", None, None),), "text": "a" * 20}, 4_300),
        ({"text": "short"}, 4_000),
        ({"text": "long" * 1_000}, 10_000),
        ({"end_time": "2026-11-22T18:54:02.000Z", "duration_ms": 400}, 3_400),
        ({"end_time": "2026-11-22T18:54:03.000Z", "duration_ms": 0}, 4_000),
        ({"end_time": "nonsense"}, 4_000),
    ],
)
def test_an_end_that_is_missing_or_impossible_is_estimated(
    changes: dict[str, object], end: int
) -> None:
    assert times(at(BARE, 3, **changes)) == [(3_000, end)]


def test_an_estimate_ends_where_the_next_begins() -> None:
    assert times(at(BARE, 3), at(HELLO, 3.4)) == [(3_000, 3_400), (3_400, 3_500)]
    assert times(at(BARE, 3), at(BARE, 3, row_key="s-3"))[0] == (3_000, 4_000)


def test_no_time_is_before_the_ring_whatever_a_row_says() -> None:
    early = replace(BARE, start_time="2026-11-22T18:53:00.000Z")
    assert times(early, replace(BARE, start_time=None, row_key="s-3")) == [(0, 1_000)] * 2


@pytest.mark.parametrize(
    ("milliseconds", "written"),
    [(0, "00:00:00.000"), (3_723_004, "01:02:03.004"), (360_000_000, "100:00:00.000")],
)
def test_a_time_is_written_as_captions_do(milliseconds: int, written: str) -> None:
    assert clock(Ms(milliseconds), ".") == written
    assert clock(Ms(milliseconds), ",") == written.replace(".", ",")


def test_what_means_more_than_itself_is_escaped() -> None:
    assert escaped("a --> <b> &lt;") == "a --&gt; &lt;b&gt; &amp;lt;"
