"""How long after a part's return each call is transcribed again."""

import asyncio
import math
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime

from drills.waiting import LOOK_SECONDS, holds, until
from tests.e2e.evidence import Json, Place, messages, taken
from tests.e2e.world import World

BACK_SECONDS = 35.0
# Where the app itself was gone: its timers wait for the lock of the host that died.
APP_BACK_SECONDS = 50.0
# So long beyond the limit it is still watched, to tell late from never.
BEYOND_SECONDS = 60.0


@dataclass(slots=True)
class Comeback:
    """When what was back: of each call the moment at which it was transcribed again."""

    returned: float
    served: float | None = None
    calls: dict[str, float] = field(default_factory=dict)
    moments: dict[str, datetime] = field(default_factory=dict)

    @property
    def limit(self) -> float:
        """How long it may take."""
        return BACK_SECONDS if self.served is None else APP_BACK_SECONDS

    @property
    def slowest(self) -> float:
        """The seconds until the last call was back, from the app's return where it was gone."""
        since = self.returned if self.served is None else self.served
        return max([0.0, *(at - since for at in self.calls.values())])


class Watch:
    """Watches the calls and the app from before an outage on."""

    def __init__(self, world: World, rings: list[str]) -> None:
        self._world = world
        self._rings = rings
        self._host: int | None = None
        self._known = False

    async def begin(self) -> None:
        """Note which process the app has before the outage."""
        self._host = await self._process()

    async def until_back(self) -> Comeback:
        """Wait until all calls are transcribed again, now that the parts are back."""
        found = Comeback(time.monotonic())
        before = await self._taken()
        serving = asyncio.create_task(self._watch_app(found))
        try:
            while len(found.calls) < len(self._rings) or not self._known:
                since = found.served or found.returned
                if time.monotonic() > since + APP_BACK_SECONDS + BEYOND_SECONDS:
                    break
                await holds(lambda: self._look(found, before))
                await asyncio.sleep(LOOK_SECONDS)
        finally:
            serving.cancel()
            await asyncio.gather(serving, return_exceptions=True)
        return found

    async def _watch_app(self, found: Comeback) -> None:
        """Note when the app serves; where its process is another, it was gone."""
        await until(lambda: self._serves(found), "the app serves", math.inf)
        self._known = True

    async def _serves(self, found: Comeback) -> bool:
        await self._world.app("GET", "/api/health")
        served = time.monotonic()
        found.served = None if await self._process() == self._host else served
        return True

    async def _process(self) -> int:
        return int((await self._world.app("GET", "/admin/host/status"))["process"])

    async def _look(self, found: Comeback, before: set[Place]) -> bool:
        """Note which calls are back: a stream is open, and frames of it were taken since."""
        for ring, streams in (await self._world.all_connections(self._rings)).items():
            if ring not in found.calls and _open(streams) and _taken(streams[-1:]) - before:
                found.calls[ring], found.moments[ring] = time.monotonic(), datetime.now(UTC)
        return len(found.calls) == len(self._rings)

    async def _taken(self) -> set[Place]:
        connections = await self._world.all_connections(self._rings)
        return {place for streams in connections.values() for place in _taken(streams)}


def _open(streams: list[Json]) -> bool:
    return bool(streams) and streams[-1]["state"] == "open"


def _taken(streams: list[Json]) -> set[Place]:
    """Return the frames of some streams that were acknowledged."""
    return {
        (stream["id"], event["id"])
        for stream in streams
        for event in messages(stream)
        if taken(event)
    }
