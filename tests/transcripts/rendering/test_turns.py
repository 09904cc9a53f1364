from dataclasses import replace
from datetime import UTC, datetime

import pytest

from callscribe.stream.segments import Segment
from callscribe.transcripts.rendering.turns import Turn, day_of, time_of, turns
from tests.transcripts.said import BARE, CALL, CALLER, HELLO, OTHER, of


def said(number: int, speaker: str | None, start: str | None) -> Segment:
    """Return a segment whose text is its number."""
    return replace(
        HELLO,
        row_key=f"s-{number}",
        speaker_id=speaker,
        text=str(number),
        start_time=start,
    )


def at(second: int) -> str:
    return f"2026-11-22T18:{54 + second // 60}:{second % 60:02d}.000Z"


def test_a_turn_lasts_until_another_speaks() -> None:
    segments = [said(n, CALLER if n < 2 else OTHER, at(n)) for n in range(3)]
    assert list(turns(of(CALL, segments))) == [
        Turn("caller", "18:54:00", None, ["0", "1"]),
        Turn("+•••3456", "18:54:02", None, ["2"]),
    ]
    assert list(turns(of(CALL, []))) == []


def test_one_person_under_two_raw_ids_has_one_turn() -> None:
    segments = [said(0, CALLER, at(0)), said(1, CALLER.replace("+", ""), at(1))]
    assert [turn.lines for turn in turns(of(CALL, segments))] == [["0", "1"]]


def test_nobody_knows_whether_two_unknown_speakers_are_one() -> None:
    segments = [said(0, None, at(0)), said(1, None, at(1))]
    assert [turn.lines for turn in turns(of(CALL, segments))] == [["0"], ["1"]]


@pytest.mark.parametrize(("second", "count"), [(59, 1), (60, 2), (61, 2)])
def test_a_turn_begins_less_than_a_minute_before_its_lines(second: int, count: int) -> None:
    segments = [said(0, CALLER, at(0)), said(1, CALLER, at(second))]
    assert len(list(turns(of(CALL, segments)))) == count


@pytest.mark.parametrize("spoilt", [None, "", "odd"])
def test_a_time_that_is_not_known_is_not_invented(spoilt: str | None) -> None:
    segments = [said(0, CALLER, spoilt), said(1, OTHER, at(3)), said(2, OTHER, "z")]
    shown = list(turns(of(CALL, segments)))
    assert {turn.time for turn in shown} == {"--:--:--", "18:54:03"}
    assert {turn.day for turn in shown} == {None}


def test_a_day_is_told_where_it_is_another() -> None:
    segments = [
        said(0, CALLER, "2026-11-22T23:59:59.000Z"),
        said(1, CALLER, "2026-11-23T00:00:00.000Z"),
        said(2, CALLER, "2026-11-23T00:00:01.000Z"),
    ]
    assert [(turn.day, turn.lines) for turn in turns(of(CALL, segments))] == [
        (None, ["0"]),
        ("2026-11-23", ["1", "2"]),
    ]
    early = replace(BARE, start_time="2026-11-21T10:00:00.000Z")
    assert [turn.day for turn in turns(of(CALL, [early, HELLO]))] == ["2026-11-21", "2026-11-22"]


def test_days_and_times_are_written_as_everywhere() -> None:
    moment = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
    assert (day_of(moment), time_of(moment)) == ("2026-03-04", "05:06:07")
