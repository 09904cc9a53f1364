"""Time that passes only while everybody waits, so that no test waits for real."""

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any

from callscribe.foundation.moments import Ms, Seconds, later

# 2026-11-22T18:54:03Z, when every test's clock starts.
START = Ms(1_795_373_643_000)


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
    """The running loop's time, from a fixed start on; implements ports.Clock."""

    def __init__(self, start: Ms = START) -> None:
        self._start = start

    def now(self) -> Ms:
        """Return the current moment."""
        return later(self._start, Seconds(asyncio.get_running_loop().time()))

    async def sleep(self, seconds: float) -> None:
        """Let time pass, as a test does."""
        await asyncio.sleep(seconds)

    def jump(self, seconds: float) -> None:
        """Set the clock forward; the loop's own time, by which all wait, stays."""
        self._start = later(self._start, Seconds(seconds))
