"""The machine's clock counts Unix milliseconds and really waits."""

import time

from callscribe.foundation.clock import SystemClock


async def test_counts_unix_milliseconds() -> None:
    before = time.time()
    now = SystemClock().now()
    assert before * 1000 - 1 <= now <= time.time() * 1000 + 1


async def test_waits() -> None:
    before = time.monotonic()
    await SystemClock().sleep(0.02)
    assert time.monotonic() - before >= 0.019
