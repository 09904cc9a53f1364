"""The state of the ACS emulator, which its handlers share."""

from aiohttp import web

from emulator.acs.event_grid import EventGrid
from emulator.acs.exchange import Exchange
from emulator.acs.invitations import Invitations
from emulator.acs.prompts import PromptOptions
from emulator.acs.repeatability import Repeatability
from emulator.acs.resources import Resources
from emulator.acs.transfers import Transfers
from emulator.acs.weather import Weather


class Emulator:
    """Everything that lives as long as the process."""

    def __init__(self, resources: Resources) -> None:
        self.resources = resources
        self.event_grid = EventGrid(resources)
        self.exchange = Exchange(resources, self.event_grid)
        self.invitations = Invitations(self.exchange, resources)
        self.transfers = Transfers(self.exchange, self.invitations, resources)
        self.repeatability = Repeatability()
        self.weather = Weather()

    async def reset(self) -> None:
        """Forget everything but the settings and the event subscriptions."""
        # Tasks first: a running call would use up faults and add records after the reset.
        await self.resources.tasks.cancel()
        self.resources.faults.clear()
        self.resources.prompts.options = PromptOptions()
        self.repeatability.forget()
        self.weather.change(None)
        self.exchange.forget()


EMULATOR = web.AppKey("emulator", Emulator)
