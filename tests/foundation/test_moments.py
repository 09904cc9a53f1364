import pytest
from hypothesis import given
from hypothesis import strategies as st

from callscribe.foundation.moments import LATEST, day, days_back, iso, parse_iso


@given(st.integers(min_value=0, max_value=LATEST))
def test_written_and_read_back_to_the_millisecond(moment: int) -> None:
    assert parse_iso(iso(moment)) == moment
    assert len(iso(moment)) == len("2026-11-22T18:54:03.123Z")


@given(st.integers(0, LATEST), st.integers(0, LATEST))
def test_text_sorts_by_time(one: int, other: int) -> None:
    assert (iso(one) < iso(other)) == (one < other)


def test_a_moment_before_1970_can_still_be_written() -> None:
    assert iso(-1) == "1969-12-31T23:59:59.999Z"


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


def test_the_day_is_utc() -> None:
    assert day(parse_iso("2026-11-22T23:59:59.999Z")) == "2026-11-22"
    assert day(parse_iso("2026-11-22T23:59:59-01:00")) == "2026-11-23"


def test_days_go_back_across_a_leap_day_newest_first() -> None:
    assert days_back("2028-02-28", "2028-03-01") == ["2028-03-01", "2028-02-29", "2028-02-28"]


def test_one_day_back_is_that_day_and_a_reversed_range_has_none() -> None:
    assert days_back("2026-11-22", "2026-11-22") == ["2026-11-22"]
    assert days_back("2026-11-23", "2026-11-22") == []
