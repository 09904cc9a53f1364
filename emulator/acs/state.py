"""The whole emulator as its handlers see it."""

from aiohttp import web

from emulator.acs.event_grid import EventGrid
from emulator.acs.exchange import Exchange
from emulator.acs.repeatability import Repeatability
from emulator.acs.resources import Resources


class Emulator:
    """Everything that lives as long as the process."""

    def __init__(self, resources: Resources) -> None:
        self.resources = resources
        self.event_grid = EventGrid(resources)
        self.exchange = Exchange(resources, self.event_grid)
        self.repeatability = Repeatability()

    async def reset(self) -> None:
        """Forget everything but the settings and the event subscriptions."""
        await self.resources.tasks.cancel()
        self.resources.faults.clear()
        self.repeatability.forget()
        self.exchange.forget()


EMULATOR = web.AppKey("emulator", Emulator)
