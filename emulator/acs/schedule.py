"""What is said, and when: sends each frame when it is due, and takes new lines at any time."""

import asyncio
import heapq
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field

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


@dataclass(order=True, frozen=True, slots=True)
class _DueFrame:
    due: float
    # Keeps frames that are due at the same moment in the order in which they were added.
    number: int
    utterance: Utterance = field(compare=False)
    word_count: int | None = field(compare=False)


class Schedule:
    """The lines of a conversation, spoken at `speed` times the usual pace."""

    def __init__(self, speed: float) -> None:
        self._speed = speed
        self._frames: list[_DueFrame] = []
        self._added_frames = 0
        self._added = asyncio.Event()
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
            self._add(make_utterance(line.speaker, line.text, start, self._speed), now + wait)
        self._added.set()

    async def play(self, speak: Speak, idle_seconds: float | None) -> None:
        """Send frames until none has been due for `idle_seconds`; None means without end."""
        while frame := await self._next(idle_seconds):
            await speak(frame.utterance, frame.word_count)

    async def _next(self, idle_seconds: float | None) -> _DueFrame | None:
        while True:
            self._added.clear()
            wait = self._frames[0].due - self._time() if self._frames else idle_seconds
            if self._frames and wait is not None and wait <= 0:
                return heapq.heappop(self._frames)
            # A line that is added meanwhile may be due before those that are already scheduled.
            with suppress(TimeoutError):
                async with asyncio.timeout(wait):
                    await self._added.wait()
                continue
            if not self._frames:
                return None

    def _add(self, utterance: Utterance, begin: float) -> None:
        for moment, word_count in frame_times(utterance):
            due = begin + moment / TICKS_PER_SECOND
            heapq.heappush(self._frames, _DueFrame(due, self._added_frames, utterance, word_count))
            self._added_frames += 1
