"""`python -m scripts.costs`: what calls need in Azure and cost there, by docs/costs.md's model."""

from pathlib import Path
from typing import Annotated

import typer

from scripts.costs import prices
from scripts.costs.model import CORES, Plan
from scripts.costs.report import lines

app = typer.Typer(add_completion=False)


@app.command()
def main(  # noqa: PLR0913 (each is an option of the command line)
    calls: Annotated[int, typer.Option(min=1, help="How many calls there are in a day.")],
    minutes: Annotated[float, typer.Option(min=0.1, help="How long each of them is.")],
    *,
    at_once: Annotated[int, typer.Option(min=0, help="How many are up at once; 0: all.")] = 0,
    watched: Annotated[float, typer.Option(min=0, max=1, help="What part is watched live.")] = 0,
    hypotheses: Annotated[bool, typer.Option(help="Whether ACS sends hypotheses.")] = True,
    memory: Annotated[
        int, typer.Option(help="Memory of an instance: 512, 2048 or 4096 MB.")
    ] = 2048,
    always_ready: Annotated[int, typer.Option(min=0, help="Instances always ready.")] = 0,
    file: Annotated[
        Path, typer.Option("--prices", help="Another file of prices.", show_default=False)
    ] = prices.FILE,
) -> None:
    """Calculate the sizes that calls need, what is billed for them, and the price of that."""
    if memory not in CORES:
        raise typer.BadParameter("--memory is 512, 2048 or 4096")
    plan = Plan(
        calls, minutes, min(at_once or calls, calls), watched, hypotheses, memory, always_ready
    )
    for line in lines(plan, prices.read(file)):
        typer.echo(line)


if __name__ == "__main__":
    app()
