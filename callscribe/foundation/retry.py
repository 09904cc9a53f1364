"""Outlast an outage: try again inside the request, for as long as the rules allow."""

import asyncio
from collections.abc import Awaitable, Callable

from callscribe.foundation.errors import StorageUnavailableError, UnavailableError
from callscribe.foundation.ports import Clock

FIRST_PAUSE = 0.1
LONGEST_PAUSE = 2.0


async def patiently[T](
    operation: Callable[[], Awaitable[T]],
    clock: Clock,
    seconds: float,
    outage: type[UnavailableError] = StorageUnavailableError,
) -> T:
    """Run an operation until it succeeds, pausing up to 2 s between tries.

    The operation must be safe to repeat. Raises the `outage` after `seconds`, also where the other
    side neither answers nor refuses; anything else at once.
    """
    try:
        async with asyncio.timeout(seconds):
            return await _until_done(operation, clock, clock.now() + seconds * 1000, outage)
    except TimeoutError as error:
        raise outage("no answer in time") from error


async def _until_done[T](
    operation: Callable[[], Awaitable[T]],
    clock: Clock,
    give_up: float,
    outage: type[UnavailableError],
) -> T:
    pause = FIRST_PAUSE
    while True:
        try:
            return await operation()
        except outage:
            if clock.now() + pause * 1000 > give_up:
                raise
        await clock.sleep(pause)
        pause = min(2 * pause, LONGEST_PAUSE)
