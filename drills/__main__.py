"""`python -m drills`: takes each part out while people talk, and prints what that has cost."""

import asyncio
import sys
from collections.abc import Sequence
from functools import partial
from typing import Annotated

import typer
from rich.console import Console

from drills import drill, table
from drills.plan import Drill, Part, parts_in, usual, whole
from drills.progress import Progress
from drills.result import Result
from emulator import npm
from emulator.errors import StackError

# A table in a pipe or a file is not cut.
console = Console(highlight=False, width=None if sys.stdout.isatty() else 200)
progress = Console(stderr=True, highlight=False, soft_wrap=True)
# The exit code by which shells report a program that SIGINT has ended.
INTERRUPTED = 130
NAMES = ", ".join(Part)


def main(
    parts: Annotated[
        list[str] | None,
        typer.Argument(help=f"What is out: {NAMES}, or several joined by +. Each alone if none."),
    ] = None,
    *,
    seconds: Annotated[
        list[int] | None, typer.Option(min=1, help="For how long; 20 and 60 by default.")
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Each part and each pair, 5 to 600 s; takes hours.")
    ] = False,
    calls: Annotated[int, typer.Option(min=1, max=300, help="How many calls there are.")] = 5,
    beside: Annotated[int, typer.Option(min=1, help="How many drills run side by side.")] = 3,
    markdown: Annotated[
        bool, typer.Option("--markdown", help="Print the table as Markdown.")
    ] = False,
) -> None:
    """Take parts of the local stack out while people talk; 1 if a limit is broken."""
    if everything and (parts or seconds):
        raise typer.BadParameter("--all is for the whole matrix")
    try:
        groups = [parts_in(text) for text in parts or ()]
    except ValueError as problem:
        raise typer.BadParameter(str(problem)) from None
    drills = whole() if everything else usual(groups, seconds or ())
    try:
        results = asyncio.run(_run(drills, calls, beside))
    except StackError as problem:
        progress.print(str(problem), markup=False)
        raise typer.Exit(1) from None
    except KeyboardInterrupt:
        raise typer.Exit(INTERRUPTED) from None
    _print(results, markdown=markdown)
    if any(result.broken for result in results):
        raise typer.Exit(1)


async def _run(drills: Sequence[Drill], calls: int, beside: int) -> list[Result]:
    # Now, since the stacks would wait for each other.
    await asyncio.to_thread(npm.AZURITE.install_visibly)
    shown = Progress(progress, len(drills))
    turns = asyncio.Semaphore(beside)

    async def one(each: Drill) -> Result:
        async with turns:
            result = await drill.run(each, calls, partial(shown.tell, each))
            shown.finish(each)
            return result

    async with shown.shown(), asyncio.TaskGroup() as group:
        tasks = [group.create_task(one(each)) for each in drills]
    return [task.result() for task in tasks]


def _print(results: Sequence[Result], *, markdown: bool) -> None:
    if markdown:
        print(table.as_markdown(results))  # noqa: T201 (not wrapped by a console)
    else:
        console.print(table.for_terminal(results))
    for line in table.broken_limits(results):
        progress.print(line, markup=False, style="red")


if __name__ == "__main__":
    typer.run(main)
