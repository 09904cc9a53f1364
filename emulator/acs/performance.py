"""A dialogue as it is performed: who says, presses or does what, and for whom the others wait."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

from emulator.acs.conversation import Conversation
from emulator.acs.dialogues import Line
from emulator.acs.schedule import ScriptedLine

type Move = Callable[[Conversation, str], None]

# Nobody hangs up at once: so long after the last word, at the speed of the dialogue.
_SECONDS_BEFORE_HANGING_UP = 1
# Whoever has come in takes so long until they say something.
_SECONDS_AFTER_COMING = 0.5


class Performance:
    """One conversation with its dialogue; `come` and `go` let people join and leave it."""

    def __init__(self, conversation: Conversation, come: Move, go: Move) -> None:
        self._conversation = conversation
        self._come = come
        self._go = go

    async def run(self) -> None:
        """Perform the dialogue, and what is added, until all have fallen silent."""
        schedule, options = self._conversation.schedule, self._conversation.options
        async with asyncio.TaskGroup() as group:
            group.create_task(schedule.play())
            with suppress(TimeoutError):
                await self._perform()
                await self._answers()
            if not options.stay:
                schedule.end_when_idle(_SECONDS_BEFORE_HANGING_UP / options.speed)

    async def _perform(self) -> None:
        """Schedule the lines. Raises TimeoutError where somebody does not come."""
        roles, speed = self._conversation.roles, self._conversation.options.speed
        lines = sorted(self._conversation.dialogue.lines, key=lambda line: line.at)
        passed, ready = 0.0, list[Line]()
        for line in lines:
            if line.asked:
                continue
            if line.speaker in roles.to_come:
                self._schedule(ready, passed)
                # The clock of the dialogue stands still until they are there.
                stop = max(passed, line.at - _SECONDS_AFTER_COMING)
                await asyncio.sleep((stop - passed) / speed)
                async with self._patience():
                    await roles.comes(line.speaker)
                passed, ready = stop, []
            ready.append(line)
        self._schedule(ready, passed)

    async def _answers(self) -> None:
        """Wait until the app has asked for all keys. Raises TimeoutError where it does not."""
        async with self._patience():
            await self._conversation.asked_for_all()

    def _patience(self) -> asyncio.Timeout:
        options = self._conversation.options
        return asyncio.timeout(None if options.stay else options.patience / options.speed)

    def _schedule(self, lines: list[Line], passed: float) -> None:
        schedule, speakers = self._conversation.schedule, self._conversation.roles.speakers
        said = ((speakers[line.speaker], line) for line in lines)
        schedule.say(
            *(
                ScriptedLine(who, line.text, line.at - passed)
                for who, line in said
                if who and line.text
            )
        )
        for line in lines:
            if not line.text and (who := speakers[line.speaker]):
                schedule.do(self._act(who, line), line.at - passed)

    def _act(self, who: str, line: Line) -> Callable[[], None]:
        def act() -> None:
            if line.keys:
                self._conversation.press(who, line.keys)
            elif line.does == "joins":
                self._come(self._conversation, who)
            elif who in self._conversation.people:
                self._go(self._conversation, who)

        return act
