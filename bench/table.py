"""The table of figures: for a terminal, and as Markdown for docs/performance.md."""

import os
import platform
import re
from collections.abc import Sequence
from pathlib import Path

from rich.table import Table
from rich.text import Text

from bench.figures import TIMES, Figure

PAGE = Path(__file__).parent.parent / "docs" / "performance.md"
BEGIN, END = "<!-- table: python -m bench --markdown -->", "<!-- end of the table -->"
HEADINGS = ("Figure", "Median", "Quartiles", "Goal", "Met")
_MET = {True: "yes", False: "no", None: ""}
_STYLES = {True: "green", False: "bold red", None: ""}


def machine() -> str:
    """Return a description of the machine."""
    python = platform.python_version()
    return f"{os.cpu_count()} cores, {platform.system()}, Python {python}"


def for_terminal(figures: Sequence[Figure]) -> Table:
    """Return the table for a terminal."""
    table = Table(
        title=f"Callscribe in relation to its baselines · {machine()}", title_style="bold"
    )
    table.add_column(HEADINGS[0], overflow="fold", ratio=1)
    for heading in HEADINGS[1:]:
        table.add_column(heading, justify="right", no_wrap=True)
    for figure in figures:
        what = Text(figure.what)
        if figure.note:
            what.append(f"\n{figure.note}", style="dim")
        met = Text(_MET[figure.met], style=_STYLES[figure.met])
        table.add_row(what, *_numbers(figure), _goal(figure), met, end_section=True)
    return table


def for_page(figures: Sequence[Figure]) -> str:
    """Return the table as Markdown."""
    lines = [f"Measured on {machine()}.", ""]
    lines += [f"| {' | '.join(HEADINGS)} |", "|---|--:|--:|--:|:-:|"]
    for figure in figures:
        what = f"{figure.what} ({figure.note})" if figure.note else figure.what
        met = _MET[figure.met]
        cells = [what, *_numbers(figure), _goal(figure), f"**{met}**" if met == "no" else met]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def write_page(figures: Sequence[Figure]) -> None:
    """Replace the table in docs/performance.md."""
    page = PAGE.read_text(encoding="utf-8")
    place = re.compile(f"{re.escape(BEGIN)}.*{re.escape(END)}", re.DOTALL)
    table = f"{BEGIN}\n{for_page(figures)}\n{END}"
    # A function, because backslashes in a replacement text would be read as escapes.
    PAGE.write_text(place.sub(lambda _: table, page), encoding="utf-8")


def _numbers(figure: Figure) -> tuple[str, str]:
    digits = 2 if figure.unit == TIMES else 0
    middle = f"{figure.median:.{digits}f} {figure.unit}".rstrip()
    if figure.low == figure.high:
        return middle, ""
    return middle, f"{figure.low:.{digits}f} to {figure.high:.{digits}f} {figure.unit}".rstrip()


def _goal(figure: Figure) -> str:
    return "" if figure.goal is None else str(figure.goal)
