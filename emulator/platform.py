"""What Azure does for a functions host: one that has ended, or does not run, is started anew."""

import asyncio
import contextlib
import time
from collections.abc import Callable
from http import HTTPStatus

import aiohttp

from emulator.part import Part
from emulator.serving import LOOPBACK

LOOK_SECONDS = 0.5
# Azure's own pauses are not documented.
PAUSES = (1.0, 2.0, 4.0, 8.0, 16.0, 30.0)
# A host that has run for so long has recovered: the next end is a new one.
RECOVERED_SECONDS = 60.0

type Tell = Callable[[str], None]


class Pauses:
    """The pauses before each start of a host that ends again and again."""

    def __init__(self) -> None:
        self._starts = 0

    def next(self, ran: float) -> float:
        """Return the pause before the next start of a host that has run for `ran` seconds."""
        if ran >= RECOVERED_SECONDS:
            self._starts = 0
        pause = PAUSES[min(self._starts, len(PAUSES) - 1)]
        self._starts += 1
        return pause


class Platform:
    """Keeps a functions host up; one that was stopped on purpose is left alone."""

    def __init__(self, part: Part, tell: Tell) -> None:
        self._part = part
        self._tell = tell
        self._pauses = Pauses()

    async def run(self) -> None:
        """Start the host again whenever that is needed, until cancelled."""
        began = time.monotonic()
        while True:
            if problem := await self.problem():
                pause = self._pauses.next(time.monotonic() - began)
                self._tell(f"{self._part.name} {problem}; started again in {pause:g} s")
                await asyncio.sleep(pause)
                await self._start_again()
                began = time.monotonic()
            await asyncio.sleep(LOOK_SECONDS)

    async def problem(self) -> str | None:
        """Return for what the host has to be started again, if for anything."""
        if self._part.ended:
            return f"has ended ({self._part.last_line()})"
        if self._part.running and await self._does_not_run():
            return "answers that it is not running"
        return None

    async def _start_again(self) -> None:
        # In the pause somebody may have stopped it, or started it.
        if self._part.ended or (self._part.running and await self._does_not_run()):
            await self._part.stop()
            self._part.launch()

    async def _does_not_run(self) -> bool:
        """Tell whether the host says so; one that is frozen, or still starts, says nothing."""
        timeout = aiohttp.ClientTimeout(total=5)
        with contextlib.suppress(aiohttp.ClientError, TimeoutError):
            async with (
                aiohttp.ClientSession(timeout=timeout) as session,
                session.get(f"http://{LOOPBACK}:{self._part.port}{self._part.health}") as response,
            ):
                return response.status == HTTPStatus.SERVICE_UNAVAILABLE
        return False
