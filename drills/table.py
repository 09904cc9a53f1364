"""The table of results: for a terminal, and as Markdown."""

from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from bench.table import machine
from drills.result import Result

HEADINGS = (
    "Part",
    "Out",
    "Back after",
    "At most",
    "Said",
    "Stored",
    "In gaps",
    "Acknowledged, lost",
    "Gaps",
    "Report adds up",
    "Holds",
)
_HOLDS = len(HEADINGS) - 1


def for_terminal(results: Sequence[Result]) -> Table:
    """Return the table for a terminal."""
    table = Table(title=f"Drills · {machine()}", title_style="bold")
    table.add_column(HEADINGS[0], no_wrap=True)
    for heading in HEADINGS[1:]:
        table.add_column(heading, justify="right")
    for result in results:
        cells = [Text(cell) for cell in cells_of(result)]
        cells[_HOLDS].stylize("bold red" if result.broken else "green")
        table.add_row(*cells)
    return table


def as_markdown(results: Sequence[Result]) -> str:
    """Return the table as Markdown."""
    lines = [f"| {' | '.join(HEADINGS)} |", f"|---{'|--:' * _HOLDS}|"]
    lines += [f"| {' | '.join(cells_of(result))} |" for result in results]
    return "\n".join(lines)


def cells_of(result: Result) -> list[str]:
    """Return the cells of a row."""
    holds = "no" if result.broken else "yes"
    begin = [result.drill.what, f"{result.drill.seconds} s"]
    if result.problem:
        return [*begin, *[""] * (_HOLDS - len(begin)), holds]
    account = result.account
    back = "never" if result.calls_back < result.calls else f"{result.back:.1f} s"
    counts = (account.said, account.stored, account.in_gaps, account.acknowledged_lost)
    kinds = ", ".join(sorted(account.kinds)) or "none"
    adds_up = "no" if account.wrong else "yes"
    return [*begin, back, f"{result.limit:.0f} s", *map(str, counts), kinds, adds_up, holds]


def broken_limits(results: Sequence[Result]) -> list[str]:
    """Return what does not hold, drill by drill, and where its logs are."""
    return [
        f"{result.drill.title}: {result.summary} (logs in {result.logs})"
        for result in results
        if result.broken
    ]
