"""Calls on which two people talk without a pause: a numbered sentence every two seconds."""

import asyncio
import itertools
from collections import Counter
from contextlib import suppress
from typing import Any

from drills.waiting import DrillError, until
from tests.e2e.world import World

PAUSE_SECONDS = 2.0
LAST_SECONDS = 30.0
OPENING: dict[str, Any] = {
    "participants": [{}, {}],
    "lines": [{"speaker": 1, "at": 0.1, "text": "Good morning, who is speaking?"}],
}


class Talk:
    """The calls of a drill and the people on them."""

    def __init__(self, world: World, calls: int) -> None:
        self.rings: list[str] = []
        self._world = world
        self._calls = calls
        self._talking: list[asyncio.Task[None]] = []
        self._said = Counter[str]()

    async def begin(self) -> None:
        """Ring, and let people talk as soon as they are heard."""
        for number in range(self._calls):
            caller = {"from": f"+1425555{number:04}"}
            ring = await self._world.ring(script=OPENING, stay=True, speed=1, **caller)
            self.rings.append(ring)
            self._said[ring] += 1
        await self._heard(dict.fromkeys(self.rings, 1))
        self._talking = [asyncio.create_task(self._talk(ring)) for ring in self.rings]

    async def go_on(self, sentences: int) -> None:
        """Wait until so many more sentences were heard on each call."""
        await self._heard({ring: n + sentences for ring, n in (await self._counts()).items()})

    async def end(self) -> None:
        """Let them finish what they say, and hang up. Raises what has kept one from talking."""
        self.stop()
        for problem in await asyncio.gather(*self._talking, return_exceptions=True):
            if isinstance(problem, Exception):
                raise problem
        # Who is not heard shows in the account.
        with suppress(DrillError):
            await until(self._all_spoken, "what was said last is with the app", LAST_SECONDS)
        for ring in self.rings:
            await self._world.hang_up(ring)
            await self._world.over(ring)

    def stop(self) -> None:
        """Let nobody begin to say anything more."""
        for task in self._talking:
            task.cancel()

    async def _talk(self, ring: str) -> None:
        call = self.rings.index(ring) + 1
        for number in itertools.count(1):
            body = {"text": f"Sentence {number} of call {call}.", "speaker": number % 2}
            self._said[ring] += 1
            await self._world.acs("POST", f"calls/{ring}/say", body)
            await asyncio.sleep(PAUSE_SECONDS)

    async def _all_spoken(self) -> bool:
        """Tell whether all was said, and the last of it taken by the app."""
        spoken = await self._world.all_spoken(self.rings)
        return all(
            len(spoken[ring]) == said and spoken[ring][-1].acknowledged
            for ring, said in self._said.items()
        )

    async def _heard(self, wanted: dict[str, int]) -> None:
        async def enough() -> bool:
            counts = await self._counts()
            return all(counts[ring] >= count for ring, count in wanted.items())

        await until(enough, "people on every call are heard")

    async def _counts(self) -> dict[str, int]:
        spoken = await self._world.all_spoken(self.rings)
        return {ring: sum(each.acknowledged for each in finals) for ring, finals in spoken.items()}
