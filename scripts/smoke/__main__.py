"""Command line: `python -m scripts.smoke --azd`; fails if any check fails."""

import asyncio
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from callscribe.foundation.errors import BadInputError, NotConfiguredError
from callscribe.settings.settings import Settings
from scripts.smoke.checks import Result, run_all
from scripts.smoke.deployed import NotAnsweredError, azd_environment, read_deployed
from scripts.smoke.probe import Probe
from scripts.smoke.target import read_settings, settings_of

COLOURS = {"ok": "green", "failed": "red", "not tried": "yellow"}
# Address, function key, settings.
type Found = tuple[str, str | None, Settings]


def main(
    url: Annotated[
        str | None,
        typer.Argument(
            help="The app's address. Without it: the deployment that the AZURE_... variables name."
        ),
    ] = None,
    key: Annotated[
        str | None,
        typer.Option(envvar="CALLSCRIBE_FUNCTION_KEY", help="A function key of the app."),
    ] = None,
    settings: Annotated[
        Path | None, typer.Option(help="The app's settings; the environment's, if not given.")
    ] = None,
    azd: Annotated[  # noqa: FBT002 - the command line names it
        bool, typer.Option("--azd", help="Read all of it from azd's environment, and by az.")
    ] = False,
) -> None:
    """Prove an app by use, and say which role or setting a failure points to."""
    if url is not None and azd:
        raise typer.BadParameter("expected an address or --azd, not both")
    console = Console()
    try:
        if url is None:
            found = _deployed(azd_environment() if azd else os.environ)
        else:
            found = url, key, read_settings(os.environ, settings, url)
    except (NotConfiguredError, BadInputError, NotAnsweredError) as error:
        told = error.problems if isinstance(error, NotConfiguredError) else [str(error)]
        console.print("\n".join(told), markup=False)
        raise typer.Exit(2) from error
    results = asyncio.run(_probe(*found, console))
    console.print(_table(results))
    console.print("Not proven: Event Grid's delivery, answering, speech. For that, ring the app.")
    raise typer.Exit(int(any(result.outcome == "failed" for result in results)))


def _deployed(values: Mapping[str, str]) -> Found:
    deployed = read_deployed(values)
    return deployed.url, deployed.key, settings_of(deployed.settings, deployed.url)


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
