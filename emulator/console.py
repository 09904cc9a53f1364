"""The output of the command line: colours on a terminal, plain text in a file or a pipe."""

import os
import sys
from pathlib import Path

from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

# Without a terminal rich assumes 80 columns, and would cut addresses and tables.
console = Console(highlight=False, soft_wrap=True, width=None if sys.stdout.isatty() else 200)
errors = Console(stderr=True, highlight=False, soft_wrap=True)

_OWN = Path(sys.executable).parent.parent.name == ".venv" and "VIRTUAL_ENV" not in os.environ
# The command as a person can type it: after `make run` no environment is active.
COMMAND = (".venv/bin/python" if _OWN and os.name != "nt" else "python") + " -m emulator"

SPEAKERS = ("cyan", "green", "magenta", "yellow", "blue")


def print_error(error: Exception) -> None:
    """Print an error on standard error."""
    errors.print(Text.assemble(("Error", "bold red"), ": ", str(error)))


def table(*heads: str) -> Table:
    """Return an empty table; on a narrow terminal its cells are folded, not cut."""
    columns = (Column(head, overflow="fold") for head in heads)
    return Table(*columns, box=None, pad_edge=False)


def speaker_style(speaker: str, known: list[str]) -> str:
    """Return the colour of a speaker, who is added to `known` if new there."""
    if speaker not in known:
        known.append(speaker)
    return SPEAKERS[known.index(speaker) % len(SPEAKERS)]


def transcript_line(time: str, speaker: str, text: str, style: str) -> Text:
    """Return one line of a conversation."""
    return Text.assemble(
        ("  " + time, "dim"), "  ", (f"{speaker:<14}", f"bold {style}"), "  ", text
    )
