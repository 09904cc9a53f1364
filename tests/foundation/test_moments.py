import pytest
from hypothesis import given
from hypothesis import strategies as st

from callscribe.foundation.moments import (
    LATEST,
    TICKS_PER_MS,
    TICKS_PER_SECOND,
    Ms,
    Seconds,
    Ticks,
    day,
    days_back,
    elapsed,
    iso,
    later,
    ms_of,
    parse_iso,
    ticks_of,
    whole_second,
)

MOMENTS = st.integers(min_value=0, max_value=LATEST).map(Ms)


@given(MOMENTS)
def test_written_and_read_back_to_the_millisecond(moment: Ms) -> None:
    assert parse_iso(iso(moment)) == moment
    assert len(iso(moment)) == len("2026-11-22T18:54:03.123Z")


@given(MOMENTS, MOMENTS)
def test_text_sorts_by_time(one: Ms, other: Ms) -> None:
    assert (iso(one) < iso(other)) == (one < other)


def test_a_moment_before_1970_can_still_be_written() -> None:
    assert iso(Ms(-1)) == "1969-12-31T23:59:59.999Z"


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("1970-01-01T00:00:00Z", 0),
        ("1970-01-01T00:00:00.1239999Z", 123),
        ("2025-06-17T17:20:14.3553184+00:00", 1750180814355),
        ("2022-08-25T19:27:24.2415391Z", 1661455644241),
        ("2022-08-25T21:27:24.2415391+02:00", 1661455644241),
        ("2022-08-25T19:27:24", 1661455644000),
        (" 2022-08-25T19:27:24Z ", 1661455644000),
        ("2286-11-20T17:46:39.999Z", LATEST),
    ],
)
def test_reads_what_the_services_write(text: str, moment: int) -> None:
    assert parse_iso(text) == moment


@pytest.mark.parametrize(
    "text",
    [
        "",
        "now",
        "1661455644",
        "1969-12-31T23:59:59.999Z",
        "2286-11-20T17:46:40Z",
        "0001-01-01T00:00:00+23:59",
        "9999-12-31T23:59:59-23:59",
        "2026-13-01T00:00:00Z",
        "\u0662\u0660\u0662\u0666-11-22T00:00:00Z",
        "2026-11-22T00:00:00Z,2026-11-22T00:00:00Z",
        "\ud800",
    ],
)
def test_anything_else_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_iso(text)


@given(MOMENTS, MOMENTS)
def test_what_has_elapsed_later_is_the_other_moment(since: Ms, until: Ms) -> None:
    assert later(since, elapsed(since, until)) == until


def test_spans_are_seconds_and_the_other_way_round_negative() -> None:
    assert elapsed(Ms(1_000), Ms(3_500)) == 2.5
    assert elapsed(Ms(3_500), Ms(1_000)) == -2.5
    assert later(Ms(3_500), Seconds(-2.5)) == 1_000


@pytest.mark.parametrize(
    ("span", "milliseconds"), [(1.001, 1_001), (0.0004, 0), (0.0006, 1), (1.15, 1_150), (0.29, 290)]
)
def test_a_span_is_rounded_to_milliseconds_and_not_cut(span: float, milliseconds: int) -> None:
    assert later(Ms(0), Seconds(span)) == milliseconds


@given(MOMENTS)
def test_a_whole_second_is_the_beginning_of_its_own(moment: Ms) -> None:
    second = whole_second(moment)
    assert second % 1_000 == 0
    assert 0 <= moment - second < 1_000
    assert whole_second(second) == second


@given(MOMENTS)
def test_moments_in_ticks_are_the_same_moments(moment: Ms) -> None:
    assert ms_of(ticks_of(moment)) == moment


@given(st.integers(0, LATEST * TICKS_PER_MS).map(Ticks))
def test_ticks_are_cut_to_the_millisecond_in_which_they_are(ticks: Ticks) -> None:
    assert 0 <= ticks - ticks_of(ms_of(ticks)) < TICKS_PER_MS


def test_a_tick_is_100_nanoseconds() -> None:
    assert (TICKS_PER_MS * 100, TICKS_PER_SECOND * 100) == (1_000_000, 1_000_000_000)
    assert ticks_of(Ms(1_000)) == TICKS_PER_SECOND


def test_the_day_is_utc() -> None:
    assert day(parse_iso("2026-11-22T23:59:59.999Z")) == "2026-11-22"
    assert day(parse_iso("2026-11-22T23:59:59-01:00")) == "2026-11-23"


def test_days_go_back_across_a_leap_day_newest_first() -> None:
    assert days_back("2028-02-28", "2028-03-01") == ["2028-03-01", "2028-02-29", "2028-02-28"]


def test_one_day_back_is_that_day_and_a_reversed_range_has_none() -> None:
    assert days_back("2026-11-22", "2026-11-22") == ["2026-11-22"]
    assert days_back("2026-11-23", "2026-11-22") == []
