"""Shows that drills are under way: each step as a line, and what all of them do now."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from rich.console import Console

from drills.plan import Drill

LOOK_SECONDS = 1.0
# Where no terminal shows the seconds pass.
LINE_SECONDS = 60.0


class Progress:
    """The steps of drills that run side by side."""

    def __init__(self, console: Console, drills: int) -> None:
        self._console = console
        self._drills = drills
        self._done = 0
        self._began = time.monotonic()
        self._steps: dict[Drill, tuple[str, float]] = {}

    def tell(self, drill: Drill, step: str) -> None:
        """Show what a drill does now."""
        self._steps[drill] = step, time.monotonic()
        elapsed = time.monotonic() - self._began
        self._console.print(f"{elapsed:6.0f} s  {drill.title:<22} {step}", markup=False)

    def finish(self, drill: Drill) -> None:
        """Count a drill as done."""
        del self._steps[drill]
        self._done += 1

    def line(self) -> str:
        """Return in one line what is done, and what is under way since when."""
        now = time.monotonic()
        steps = (
            f"{drill.title}: {step}, {now - since:.0f} s"
            for drill, (step, since) in self._steps.items()
        )
        return f"{self._done} of {self._drills} done · " + " · ".join(steps)

    @asynccontextmanager
    async def shown(self) -> AsyncIterator[None]:
        """Show the line: on a terminal all the time, else every minute."""
        showing = asyncio.create_task(self._show())
        try:
            yield
        finally:
            showing.cancel()
            await asyncio.gather(showing, return_exceptions=True)

    async def _show(self) -> None:
        if not self._console.is_terminal:
            while True:
                await asyncio.sleep(LINE_SECONDS)
                self._console.print(self.line(), markup=False)
        with self._console.status(self.line()) as status:
            while True:
                await asyncio.sleep(LOOK_SECONDS)
                status.update(self.line())
