"""Waiting for conditions of a stack of which parts may be out."""

import asyncio
import time
from collections.abc import Awaitable, Callable

import aiohttp
from azure.core.exceptions import AzureError

LOOK_SECONDS = 0.25
# For what takes a moment only, on a machine that is busy.
PATIENCE_SECONDS = 120.0


class DrillError(Exception):
    """A drill could not be carried out; the message says what did not happen."""


async def until(
    condition: Callable[[], Awaitable[bool]], what: str, within: float = PATIENCE_SECONDS
) -> None:
    """Wait until a condition holds. Raises DrillError; a part that is out is asked again."""
    deadline = time.monotonic() + within
    while not await holds(condition):
        if time.monotonic() > deadline:
            raise DrillError(f"not within {within:g} s: {what}")
        await asyncio.sleep(LOOK_SECONDS)


async def holds(condition: Callable[[], Awaitable[bool]]) -> bool:
    """Tell whether a condition holds now; False where nobody can tell."""
    try:
        return await condition()
    except (AssertionError, aiohttp.ClientError, TimeoutError, AzureError):
        return False
