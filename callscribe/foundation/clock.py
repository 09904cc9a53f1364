"""The machine's clock."""

import asyncio
import time


class SystemClock:
    """Keeps the promise of ports.Clock."""

    def now(self) -> int:
        """Return the current time in Unix ms (UTC)."""
        return time.time_ns() // 1_000_000

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)
