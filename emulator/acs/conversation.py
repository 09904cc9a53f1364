"""A conversation as it goes on: each frame at its moment, and room for what is said meanwhile."""

import asyncio
import heapq
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field

from emulator.acs.clock import TICKS_PER_SECOND, now_ticks, ticks
from emulator.acs.speech import Utterance, cues, utter

type Speak = Callable[[Utterance, int | None], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Spoken:
    """A line with its speaker's raw id, `after` so many seconds."""

    speaker: str
    text: str
    after: float = 0


@dataclass(order=True, frozen=True, slots=True)
class _Cue:
    due: float
    number: int
    utterance: Utterance = field(compare=False)
    heard: int | None = field(compare=False)


class Conversation:
    """Speaks at `speed`; waits by the event loop's time, which a clock set anew does not bend."""

    def __init__(self, speed: float) -> None:
        self._speed = speed
        self._cues: list[_Cue] = []
        self._numbers = 0
        self._added = asyncio.Event()
        self._time = asyncio.get_running_loop().time

    def say(self, *lines: Spoken) -> None:
        """Have each line said at its time, which counts from now at the dialogue's speed."""
        # Both clocks are read once, so that the lines keep their distances exactly.
        now, moment = self._time(), now_ticks()
        for line in lines:
            wait = line.after / self._speed
            self._add(utter(line.speaker, line.text, moment + ticks(wait), self._speed), now + wait)
        self._added.set()

    async def play(self, speak: Speak, linger: float | None) -> None:
        """Speak until nothing was left to say for `linger` seconds; None is for ever."""
        while cue := await self._next(linger):
            await speak(cue.utterance, cue.heard)

    async def _next(self, linger: float | None) -> _Cue | None:
        while True:
            self._added.clear()
            wait = self._cues[0].due - self._time() if self._cues else linger
            if self._cues and wait is not None and wait <= 0:
                return heapq.heappop(self._cues)
            with suppress(TimeoutError):
                async with asyncio.timeout(wait):
                    await self._added.wait()
                continue
            if not self._cues:
                return None

    def _add(self, utterance: Utterance, begin: float) -> None:
        for moment, heard in cues(utterance):
            cue = _Cue(begin + moment / TICKS_PER_SECOND, self._numbers, utterance, heard)
            heapq.heappush(self._cues, cue)
            self._numbers += 1
