"""What all commands share: the ports from the environment, and errors printed in one line."""

import asyncio
import json
import math
import os
from collections.abc import Coroutine
from pathlib import Path

import typer

from emulator.console import print_error
from emulator.errors import StackError
from emulator.ports import Ports


def ports() -> Ports:
    """Return the ports of the stack that the environment names."""
    return Ports.from_environ(os.environ)


def number(value: float | None) -> float | None:
    """Return a number. Raises BadParameter for nan and inf, which JSON does not have."""
    if value is not None and not math.isfinite(value):
        raise typer.BadParameter(f"{value} is not a finite number")
    return value


def dialogue(script: str) -> object:
    """Return the name of a dialogue, or what is in a JSON file. Raises BadParameter."""
    path = Path(script)
    if path.suffix != ".json":
        return script
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise typer.BadParameter(f"{script}: {error}") from error


def run(work: Coroutine[None, None, None]) -> None:
    """Run a command; an error is printed in one line, without a traceback."""
    try:
        asyncio.run(work)
    except StackError as error:
        print_error(error)
        raise typer.Exit(1) from None
    except KeyboardInterrupt:
        raise typer.Exit(0) from None
