"""Command line: `python -m scripts.smoke URL --settings FILE`; fails if any check fails."""

import asyncio
import os
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from callscribe.foundation.errors import BadInputError, NotConfiguredError
from callscribe.settings.settings import Settings
from scripts.smoke.checks import Result, run_all
from scripts.smoke.probe import Probe
from scripts.smoke.target import read_settings

COLOURS = {"ok": "green", "failed": "red", "not tried": "yellow"}


def main(
    url: Annotated[str, typer.Argument(help="The app's address.")],
    key: Annotated[
        str | None,
        typer.Option(envvar="CALLSCRIBE_FUNCTION_KEY", help="A function key of the app."),
    ] = None,
    settings: Annotated[
        Path | None, typer.Option(help="The app's settings; the environment's, if not given.")
    ] = None,
) -> None:
    """Prove an app by use, and say which role or setting a failure points to."""
    console = Console()
    try:
        loaded = read_settings(os.environ, settings, url)
    except (NotConfiguredError, BadInputError) as error:
        told = error.problems if isinstance(error, NotConfiguredError) else [str(error)]
        console.print("\n".join(told), markup=False)
        raise typer.Exit(2) from error
    results = asyncio.run(_probe(url, key, loaded, console))
    console.print(_table(results))
    console.print("Not proven: Event Grid's delivery, answering, speech. For that, ring the app.")
    raise typer.Exit(int(any(result.outcome == "failed" for result in results)))


async def _probe(url: str, key: str | None, settings: Settings, console: Console) -> list[Result]:
    probe = Probe(url, key, settings)
    console.print(f"Call {probe.call.id}. It takes a minute or two: timers and delays are real.")

    def tell(result: Result) -> None:
        console.print(f"  {result.outcome}: {result.check.name}", markup=False)

    try:
        return await run_all(probe, tell)
    finally:
        await probe.close()


def _table(results: list[Result]) -> Table:
    table = Table("", "check", "what a failure points to", title="Smoke test")
    for result in results:
        colour = COLOURS[result.outcome]
        failed = result.outcome == "failed"
        hint = f"{result.check.points_to}\n{result.why}" if failed else ""
        table.add_row(f"[{colour}]{result.outcome}[/]", result.check.name, hint.replace("[", r"\["))
    return table


if __name__ == "__main__":
    typer.run(main)
