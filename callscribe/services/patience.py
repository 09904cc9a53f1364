"""Outlast a storage outage: try again inside the request, for as long as the rules allow."""

from collections.abc import Awaitable, Callable

from callscribe.domain.errors import StorageUnavailableError
from callscribe.ports import Clock

FIRST_PAUSE = 0.1
LONGEST_PAUSE = 2.0


async def patiently[T](operation: Callable[[], Awaitable[T]], clock: Clock, seconds: float) -> T:
    """Run a storage operation until it succeeds, pausing up to 2 s between tries.

    The operation must be safe to repeat. Raises StorageUnavailableError after `seconds`.
    """
    give_up = clock.now() + seconds * 1000
    pause = FIRST_PAUSE
    while True:
        try:
            return await operation()
        except StorageUnavailableError:
            if clock.now() + pause * 1000 > give_up:
                raise
        await clock.sleep(pause)
        pause = min(2 * pause, LONGEST_PAUSE)
