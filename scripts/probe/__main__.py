"""Command line: `python -m scripts.probe ENDPOINT`; fails if no door is known to open."""

import asyncio
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from scripts.probe.doors import Dialled, Seen, Trial, Verdict, advice, open_trial
from scripts.probe.target import Target, TargetError, read_target
from scripts.probe.trials import try_doors

COLOURS = {Verdict.OPEN: "green", Verdict.SHUT: "red", Verdict.UNKNOWN: "yellow"}
# An error's trace shows no values: a key may be among them.
app = typer.Typer(add_completion=False, pretty_exceptions_show_locals=False)


@app.command()
def main(
    where: Annotated[
        str,
        typer.Argument(
            metavar="ENDPOINT",
            envvar="WEBPUBSUB_ENDPOINT",
            help="Web PubSub's address or connection string.",
        ),
    ],
    hub: Annotated[
        str | None,
        typer.Option(help="A scratch hub that allows anonymous clients; never the app's own."),
    ] = None,
    listen: Annotated[
        int | None,
        typer.Option(min=1, max=65535, help="The port here to which that hub's events come."),
    ] = None,
    front: Annotated[
        str | None, typer.Option(help="The host of a front before Web PubSub, tried as well.")
    ] = None,
    hold: Annotated[
        float, typer.Option(min=0.1, max=60, help="How long an open connection is watched (s).")
    ] = 2,
    key: Annotated[
        str | None,
        typer.Option(
            envvar="WEBPUBSUB_ACCESS_KEY", help="The access key; without it, your own identity."
        ),
    ] = None,
) -> None:
    """Tell which door of Web PubSub opens for ACS, and which settings to choose."""
    console = Console(highlight=False)
    try:
        target = read_target(where, key, hub, listen, front)
        trials = asyncio.run(_run(target, hold, console))
    except TargetError as error:
        console.print(str(error), markup=False)
        raise typer.Exit(2) from error
    console.print(_table(trials))
    console.print("\n".join(advice(trials)), markup=False)
    raise typer.Exit(int(open_trial(trials) is None))


async def _run(target: Target, hold: float, console: Console) -> list[Trial]:
    def tell(trial: Trial) -> None:
        through = f" through {trial.front}" if trial.front else ""
        console.print(f"  {trial.door}{through}: {trial.verdict}", markup=False)

    console.print(f"Dialling {target.host} as ACS does.", markup=False)
    return await try_doors(target, hold, tell)


def _table(trials: list[Trial]) -> Table:
    """Return a table with a line for each dial; two columns tell of its `connect` event."""
    heads = (
        "door",
        "through",
        "header",
        "answer",
        "query arrives",
        "header arrives",
        "the door is",
    )
    table = Table(*heads, title="Doors of Web PubSub")
    for trial in trials:
        verdict = Text(trial.verdict, COLOURS[trial.verdict])
        through = trial.front or ""
        if trial.plain is None or trial.foreign is None:
            why = Text(f"not tried: {trial.why_not}")
            table.add_row(trial.door, through, "", why, "", "", verdict)
            continue
        table.add_row(trial.door, through, "none", *_cells(trial.plain))
        table.add_row("", "", "as ACS's", *_cells(trial.foreign), verdict)
    return table


def _cells(dialled: Dialled) -> tuple[str, str, str]:
    return dialled.answer.said, *_arrived(dialled.seen)


def _arrived(seen: Seen | None) -> tuple[str, str]:
    if seen is None:
        return "?", "?"
    return "yes" if seen.query else "no", "yes" if seen.header else "no"


if __name__ == "__main__":
    app()
