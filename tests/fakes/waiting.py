"""Wait for what is to come, and no longer."""

import asyncio
from collections.abc import Awaitable, Callable

# In seconds: only something that is broken is waited for so long, however busy the machine is.
PATIENCE = 60


async def until[T](look: Callable[[], Awaitable[T]], seconds: float = PATIENCE) -> T:
    """Return what `look` finds, as soon as it finds something."""
    async with asyncio.timeout(seconds):
        found = await look()
        while not found:
            await asyncio.sleep(0.01)
            found = await look()
        return found
