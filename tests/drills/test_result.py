"""Which limits a drill has broken."""

from dataclasses import replace

import pytest

from drills.account import Account
from drills.comeback import Comeback
from drills.plan import Drill, Part
from drills.result import Result

GOOD = Result(
    Drill((Part.STORAGE,), 20),
    calls=5,
    calls_back=5,
    back=34.5,
    limit=35,
    account=Account(said=10, stored=8, in_gaps=2, kinds=frozenset({"lost"})),
)


def test_a_drill_within_its_limits_holds() -> None:
    assert GOOD.broken == []


@pytest.mark.parametrize(
    ("result", "broken"),
    [
        (replace(GOOD, back=36.2), "back after 36 s, not 35"),
        (replace(GOOD, calls_back=3), "2 of 5 calls are not back"),
        (replace(GOOD, account=Account(acknowledged_lost=1)), "1 acknowledged are lost"),
        (replace(GOOD, account=Account(untold=2)), "2 neither stored nor in a gap"),
        (replace(GOOD, account=Account(unheard_later=3)), "3 said after that not stored"),
        (
            replace(GOOD, account=Account(kinds=frozenset({"lost", "ownApp"}))),
            "gaps of a wrong kind: ownApp",
        ),
        (replace(GOOD, account=Account(wrong=("Frames",))), "Frames"),
        (replace(GOOD, problem="no stack"), "no stack"),
    ],
)
def test_each_broken_limit_is_named(result: Result, broken: str) -> None:
    assert result.broken == [broken]


def test_what_is_long_is_said_in_short() -> None:
    found = replace(GOOD, account=Account(untold=1, wrong=("a call " * 100,)))

    assert found.summary.startswith("1 neither stored nor in a gap; a call a call")
    assert len(found.summary) < 250


def test_a_call_has_35_s_from_the_return_of_the_part() -> None:
    comeback = Comeback(100, calls={"one": 110, "two": 130})

    assert (comeback.slowest, comeback.limit) == (30, 35)


def test_where_the_app_was_gone_it_has_50_s_from_when_that_serves() -> None:
    comeback = Comeback(100, 120, calls={"one": 150, "two": 130})

    assert (comeback.slowest, comeback.limit) == (30, 50)


def test_no_call_that_is_back_is_no_time() -> None:
    assert Comeback(100).slowest == 0
