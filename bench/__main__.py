"""`python -m bench`: measures all figures, or the named ones, and prints their table."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import Annotated

import typer
from rich.console import Console

from bench import (
    frames,
    imports,
    latency,
    listing,
    memory,
    persisting,
    processor,
    strangers,
    table,
    throughput,
    transcript,
    whole_call,
)
from bench.figures import Figure
from bench.rig import Rig, running_rig

console = Console(highlight=False)
progress = Console(stderr=True, highlight=False)


class Name(StrEnum):
    """The measurements, in the order in which they are made."""

    # Those that fill tables come last: the others would measure on full ones.

    FRAMES = "frames"
    IMPORT = "import"
    PERSIST = "persist"
    CPU = "cpu"
    THROUGHPUT = "throughput"
    LATENCY = "latency"
    MEMORY = "memory"
    STRANGERS = "strangers"
    CALL = "call"
    TRANSCRIPT = "transcript"
    LIST = "list"


MEASUREMENTS: dict[Name, Callable[[Rig], Awaitable[list[Figure]]]] = {
    Name.FRAMES: frames.measure,
    Name.IMPORT: imports.measure,
    Name.PERSIST: persisting.measure,
    Name.CPU: processor.measure,
    Name.THROUGHPUT: throughput.measure,
    Name.LATENCY: latency.measure,
    Name.MEMORY: memory.measure,
    Name.STRANGERS: strangers.measure,
    Name.CALL: whole_call.measure,
    Name.TRANSCRIPT: transcript.measure,
    Name.LIST: listing.measure,
}


def main(
    names: Annotated[
        list[Name] | None, typer.Argument(help="What to measure; all by default.")
    ] = None,
    *,
    markdown: Annotated[
        bool, typer.Option("--markdown", help="Also write the table into docs/performance.md.")
    ] = False,
    quick: Annotated[
        bool, typer.Option("--quick", help="Only check that the measurements run.")
    ] = False,
) -> None:
    """Measure what the app costs in relation to its baselines, in interleaved rounds."""
    if markdown and (names or quick):
        raise typer.BadParameter("--markdown is for a whole measurement")
    figures = asyncio.run(_measure(names or list(Name), quick=quick))
    console.print(table.for_terminal(figures))
    if markdown:
        table.write_page(figures)


async def _measure(names: list[Name], *, quick: bool) -> list[Figure]:
    began = time.monotonic()

    def report(text: str) -> None:
        progress.print(f"[dim]{time.monotonic() - began:5.0f} s[/]  {text}")

    figures: list[Figure] = []
    async with running_rig(quick=quick, report=report) as rig:
        for name in sorted(set(names), key=list(Name).index):
            report(f"[bold]{name}[/]")
            figures += await MEASUREMENTS[name](rig)
    report("done")
    return figures


if __name__ == "__main__":
    typer.run(main)
