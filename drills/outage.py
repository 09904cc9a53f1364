"""The parts of a stack, out and back.

Web PubSub and the app are killed, storage is stopped and the queue's port shut. The emulator of ACS
has the calls in its memory, so it stays: while ACS is out, all streams are cut, and no request is
answered nor any callback posted until it is back, and does then what it was asked.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Collection

from drills.plan import Part
from drills.relay import Relay
from tests.e2e.world import World

FROZEN = ("request", "callback")


class Outages:
    """Takes the parts of a world out, and brings them back."""

    def __init__(self, world: World, queue: Relay, rings: Collection[str]) -> None:
        self._world = world
        self._queue = queue
        self._rings = rings
        self._begin: dict[Part, Callable[[], Awaitable[None]]] = {
            Part.WEB_PUBSUB: self._kill_web_pubsub,
            Part.ACS: self._freeze_acs,
            Part.STORAGE: world.stack.azurite.stop,
            Part.QUEUE: queue.shut,
            Part.APP: self._kill_app,
        }
        self._end: dict[Part, Callable[[], Awaitable[None]]] = {
            Part.WEB_PUBSUB: world.stack.web_pubsub.start,
            Part.ACS: self._thaw_acs,
            Part.STORAGE: world.stack.azurite.start,
            Part.QUEUE: queue.open,
            Part.APP: self._launch_app,
        }

    async def begin(self, parts: Collection[Part]) -> None:
        """Take parts out, all at once."""
        await asyncio.gather(*(self._begin[part]() for part in parts))

    async def end(self, parts: Collection[Part]) -> None:
        """Bring parts back, all at once, and wait until they answer; but for the app."""
        await asyncio.gather(*(self._end[part]() for part in parts))

    async def _kill_web_pubsub(self) -> None:
        await self._world.keep_streams()
        self._world.stack.web_pubsub.kill()

    async def _freeze_acs(self) -> None:
        for on in FROZEN:
            fault = {"on": on, "do": "freeze", "times": None}
            await self._world.acs("POST", "faults", fault)
        for ring in self._rings:
            # It says so where no stream is open any more.
            with contextlib.suppress(AssertionError):
                await self._world.acs("POST", f"calls/{ring}/drop-stream", {})

    async def _thaw_acs(self) -> None:
        await self._world.acs("DELETE", "faults")

    async def _kill_app(self) -> None:
        self._world.stack.functions.kill()

    async def _launch_app(self) -> None:
        # From here on the platform starts it until it serves.
        self._world.stack.functions.launch()
