"""The table of results."""

from dataclasses import replace
from pathlib import Path

from rich.console import Console

from drills import table
from tests.drills.test_result import GOOD

LOST = replace(GOOD, account=replace(GOOD.account, acknowledged_lost=1), logs=Path("kept"))


def test_a_row_says_what_the_outage_has_cost() -> None:
    assert table.as_markdown([GOOD]).splitlines()[2] == (
        "| storage | 20 s | 34.5 s | 35 s | 10 | 8 | 2 | 0 | lost | yes | yes |"
    )


def test_a_row_has_a_cell_for_each_heading() -> None:
    for result in (GOOD, LOST, replace(GOOD, problem="no stack")):
        assert len(table.cells_of(result)) == len(table.HEADINGS)


def test_what_does_not_hold_is_said() -> None:
    never = replace(GOOD, calls_back=4)
    wrong = replace(GOOD, account=replace(GOOD.account, wrong=("Frames",)))

    assert table.cells_of(LOST)[-1] == "no"
    assert table.cells_of(never)[2] == "never"
    assert table.cells_of(wrong)[-2:] == ["no", "no"]


def test_each_broken_limit_is_named_with_its_logs() -> None:
    assert table.broken_limits([GOOD, LOST]) == [
        "storage 20 s: 1 acknowledged are lost (logs in kept)"
    ]


def test_a_terminal_shows_the_same_cells() -> None:
    console = Console(width=200)
    with console.capture() as shown:
        console.print(table.for_terminal([GOOD]))

    assert all(cell in shown.get() for cell in table.cells_of(GOOD))
