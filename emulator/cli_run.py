"""How every command runs: against the ports of the environment, with mistakes said in one line."""

import asyncio
import math
import os
from collections.abc import Coroutine

import typer

from emulator.console import complain
from emulator.errors import StackError
from emulator.ports import Ports


def ports() -> Ports:
    """Return the ports of the stack that is meant."""
    return Ports.from_environ(os.environ)


def number(value: float | None) -> float | None:
    """Refuse what Python takes for a number and JSON cannot say: nan and inf."""
    if value is not None and not math.isfinite(value):
        raise typer.BadParameter(f"{value} is not a number that one can count with")
    return value


def run(work: Coroutine[None, None, None]) -> None:
    """Run a command; what went wrong is said in one line."""
    try:
        asyncio.run(work)
    except StackError as error:
        complain(error)
        raise typer.Exit(1) from None
    except KeyboardInterrupt:
        raise typer.Exit(0) from None
