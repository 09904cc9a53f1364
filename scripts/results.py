"""`python -m scripts.results`: writes the tables of docs/results.md from the app's own table."""

import re
from functools import partial
from pathlib import Path

import typer

from callscribe.calls.result_table import TABLE, Advice, Of, Result

PAGE = Path(__file__).parents[1] / "docs" / "results.md"
HEAD = """\
| Code | Subcode | Message of ACS | What is done | What you can do |
|---|---|---|---|---|
"""
NOTHING = "-"
DONE = {
    (Of.SET_UP, Advice.RETRY): "asked again while it rings, or for 20 s where we call",
    (Of.SET_UP, Advice.FIX): "the call is `missed` or `failed`",
    (Of.SET_UP, Advice.CLOSE): "the call is `missed` or `failed`",
    (Of.TRANSCRIPTION, Advice.RETRY): "tried again, at first after 4 s at most, then every 25 s",
    (Of.TRANSCRIPTION, Advice.FIX): "`failed`; tried again every 5 minutes, and with each start",
    (Of.TRANSCRIPTION, Advice.CLOSE): "ACS is asked whether the call is up; if so, tried again",
    (Of.TRANSCRIPTION, Advice.IGNORE): "ACS is asked whether it still runs",
    (Of.CALL, Advice.RETRY): "asked again until the call is over",
    (Of.CALL, Advice.FIX): "asked again until the call is over",
    (Of.CALL, Advice.CLOSE): "asked once more 10 s later, then the call is over",
}
NOBODY = "the call is `unanswered`"


def with_tables(page: str) -> str:
    """Return the page with its tables, each behind the comment that names what it is of."""
    for of in Of:
        page = re.sub(rf"<!-- {of} -->\n(\n\|.*\n(\|.*\n)*)?", partial(_table, of), page)
    return page


def _table(of: Of, _replaced: re.Match[str]) -> str:
    lines = "".join(_line(row, of) for row in TABLE if of in row.of)
    return f"<!-- {of} -->\n\n{HEAD}{lines}"


def _line(row: Result, of: Of) -> str:
    code = NOTHING if row.code is None else row.code
    done = NOBODY if row.is_of_nobody else DONE[of, row.advice]
    return f"| {code} | {row.sub_code} | {row.says} | {done} | {row.remedy or NOTHING} |\n"


def main() -> None:
    """Write the tables."""
    PAGE.write_text(with_tables(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    typer.echo(f"Written: docs/{PAGE.name}")


if __name__ == "__main__":
    typer.run(main)
