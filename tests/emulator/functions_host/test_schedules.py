"""When timers fire."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from emulator.functions_host import schedules

# A Sunday.
NOW = datetime(2026, 11, 22, 18, 30, 15, 250_000, tzinfo=UTC)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("* * * * * *", "2026-11-22T18:30:16"),
        ("0 * * * * *", "2026-11-22T18:31:00"),
        ("* * * * *", "2026-11-22T18:31:00"),
        ("15 30 18 * * *", "2026-11-23T18:30:15"),
        ("*/20 * * * * *", "2026-11-22T18:30:20"),
        ("0 5/10 * * * *", "2026-11-22T18:35:00"),
        ("0 0 9-17 * * MON-FRI", "2026-11-23T09:00:00"),
        ("0 0 9 * * sunday", "2026-11-29T09:00:00"),
        ("0 0,45 * * * *", "2026-11-22T18:45:00"),
        ("0 0 0 1 jan *", "2027-01-01T00:00:00"),
        ("0 0 0 29 2 *", "2028-02-29T00:00:00"),
        ("0 0 0 13 * 5", "2027-08-13T00:00:00"),
        ("0 0 0 29 2 1", "2044-02-29T00:00:00"),
        ("00:05:00", "2026-11-22T18:35:15.250000"),
        ("1.00:00:00", "2026-11-23T18:30:15.250000"),
    ],
)
def test_the_next_time_is_the_first_that_fits_every_field(expression: str, expected: str) -> None:
    assert schedules.parse(expression).after(NOW) == datetime.fromisoformat(expected + "+00:00")


@pytest.mark.parametrize(
    "expression",
    [
        *("", "* * * *", "60 * * * * *", "* * * 0 * *", "* * * * * 7", "5-1 * * * * *"),
        *("*/0 * * * * *", "0 0 0 1 ju *", "0 0 0 1 nosuch *", "a,b * * * * *"),
        *("every minute", "00:99:00"),
    ],
)
def test_what_is_no_schedule_is_refused(expression: str) -> None:
    with pytest.raises(ValueError, match="is not a"):
        schedules.parse(expression)


def test_a_schedule_that_never_fires_is_refused() -> None:
    with pytest.raises(ValueError, match="never fires"):
        schedules.parse("0 0 0 30 2 *").after(NOW)


def test_times_follow_each_other_without_end() -> None:
    schedule, moment, seen = schedules.parse("*/30 * * * * *"), NOW, []
    for _ in range(4):
        moment = schedule.after(moment)
        seen.append(moment)
    assert {later - earlier for earlier, later in pairwise(seen)} == {timedelta(seconds=30)}
