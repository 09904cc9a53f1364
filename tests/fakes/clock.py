"""Time that passes only while everybody waits, so that no test waits for real."""

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any

START = 1_795_373_643_000
"""2026-11-22T18:54:03Z, when every test's clock starts."""


class _Impatient(selectors.DefaultSelector):
    """Skips the time until the next timer instead of waiting for it."""

    def __init__(self) -> None:
        super().__init__()
        self.skipped = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if ready or timeout == 0:
            return ready
        if timeout is None:
            raise RuntimeError("everybody waits, and nothing is to come")
        self.skipped += timeout
        return ready


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop for code that does no I/O: hours pass at once."""

    def __init__(self) -> None:
        self._skipping = _Impatient()
        super().__init__(self._skipping)

    def time(self) -> float:
        """Return the seconds that were skipped so far."""
        return self._skipping.skipped


def play[T](work: Coroutine[Any, Any, T]) -> T:
    """Run something in a loop of its own, as a test does that Hypothesis calls many times."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(work)


class FakeClock:
    """The running loop's time, from a fixed start on; keeps the promise of ports.Clock."""

    def __init__(self, start: int = START) -> None:
        self._start = start

    def now(self) -> int:
        """Return the current time in Unix ms (UTC)."""
        return self._start + round(asyncio.get_running_loop().time() * 1000)

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)

    def jump(self, seconds: float) -> None:
        """Let time pass for who asks, and for nobody who waits."""
        self._start += round(seconds * 1000)
