"""What is said and done, and when: each thing when it is due, and new ones at any time."""

import asyncio
import heapq
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial

from emulator.acs.clock import TICKS_PER_SECOND, now_ticks, ticks
from emulator.acs.speech import Utterance, frame_times, make_utterance

# Sends the frame for the first words of an utterance; None stands for its final.
type Speak = Callable[[Utterance, int | None], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class ScriptedLine:
    """A line and the raw id of its speaker; it begins `after` so many seconds."""

    speaker: str
    text: str
    after: float = 0


type Act = Callable[[], Awaitable[None]]


@dataclass(order=True, frozen=True, slots=True)
class _Due:
    due: float
    # Keeps what is due at the same moment in the order in which it was added.
    number: int
    act: Act = field(compare=False)


class Schedule:
    """The lines of a conversation and what else happens, at `speed` times the usual pace."""

    def __init__(self, speed: float, speak: Speak) -> None:
        self._speed = speed
        self._speak = speak
        self._coming: list[_Due] = []
        self._count = 0
        self._added = asyncio.Event()
        self._idle: float | None = None
        # Waits use the event loop's clock: setting the machine's clock must not stop a
        # conversation.
        self._time = asyncio.get_running_loop().time

    def say(self, *lines: ScriptedLine) -> None:
        """Schedule lines; their times count from now, at the speed of the dialogue."""
        # Both clocks are read once, so that the distances between the lines are exact.
        now, moment = self._time(), now_ticks()
        for line in lines:
            wait = line.after / self._speed
            start = moment + ticks(wait)
            utterance = make_utterance(line.speaker, line.text, start, self._speed)
            self._add_utterance(utterance, now + wait)
        self._added.set()

    def do(self, act: Callable[[], None], after: float = 0) -> None:
        """Schedule something else; its time counts from now, at the speed of the dialogue."""

        async def do() -> None:
            act()

        self._add(do, self._time() + after / self._speed)
        self._added.set()

    def end_when_idle(self, seconds: float) -> None:
        """End once nothing has been due for so long."""
        self._idle = seconds
        self._added.set()

    async def play(self) -> None:
        """Do what is due, until the end."""
        while coming := await self._next():
            await coming.act()

    async def _next(self) -> _Due | None:
        while True:
            self._added.clear()
            wait = self._coming[0].due - self._time() if self._coming else self._idle
            if self._coming and wait is not None and wait <= 0:
                return heapq.heappop(self._coming)
            # A line that is added meanwhile may be due before those that are already scheduled.
            with suppress(TimeoutError):
                async with asyncio.timeout(wait):
                    await self._added.wait()
                continue
            if not self._coming:
                return None

    def _add_utterance(self, utterance: Utterance, begin: float) -> None:
        for moment, word_count in frame_times(utterance):
            act = partial(self._speak, utterance, word_count)
            self._add(act, begin + moment / TICKS_PER_SECOND)

    def _add(self, act: Act, due: float) -> None:
        heapq.heappush(self._coming, _Due(due, self._count, act))
        self._count += 1
