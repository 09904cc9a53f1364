"""The whole stack: Azurite, Web PubSub, ACS and the functions host, each a process of its own.

Each part can be killed, stopped, frozen and started again alone, and is told again then what a new
process cannot know. Stopping leaves no process, however far the start had come.
"""

import asyncio
import os
import sys
from collections.abc import Callable, Collection, Mapping
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

from emulator import azurite_install
from emulator.azurite import Azurite
from emulator.part import Part, PartFailedError
from emulator.ports import Ports
from emulator.wiring import EXAMPLE, ROOT, set_hubs, stack_settings, subscribe

PARTS = ("azurite", "web-pubsub", "acs", "functions")
WATCH_SECONDS = 0.5


class Stack:
    """The parts of one stack, in the order in which they are started."""

    def __init__(
        self,
        home: Path,
        ports: Ports,
        *,
        without: Collection[str] = (),
        overrides: Mapping[str, str] | None = None,
        settings_file: Path = EXAMPLE,
        app: Path = ROOT,
    ) -> None:
        self.home = home.resolve()
        self.ports = ports
        self.settings = stack_settings(ports, overrides)
        self._environ = os.environ | self.settings | ports.environ()
        self._environ |= {"FUNCTIONS_APP": str(app), "FUNCTIONS_SETTINGS": str(settings_file)}
        self._environ["PYTHONUNBUFFERED"] = "1"  # A log that ends where the part ended.
        self.azurite = Azurite(self.home / "azurite", ports.azurite, log=self._log("azurite"))
        self.web_pubsub = self._part("web-pubsub", ports.web_pubsub, "WEBPUBSUB_PORT")
        self.acs = self._part("acs", ports.acs, "ACS_PORT")
        self.functions = self._part("functions", ports.functions, "FUNCTIONS_PORT")
        self.functions.health = "/admin/host/status"
        self.parts = [part for part in self._all() if part.name not in without]
        self._wire(without)

    async def start(
        self, on_up: Callable[[Part], None] = lambda _part: None, within: float = 60
    ) -> None:
        """Start every part at once, wait for all, and wire them; `on_up` hears of each."""
        for part in self.parts:
            part.check_ports()
        if self.azurite in self.parts:
            await asyncio.to_thread(azurite_install.install_visibly)
        try:
            for part in self.parts:
                part.log.unlink(missing_ok=True)
                part.launch()
            await asyncio.gather(*(self._up(part, on_up, within) for part in self.parts))
            for part in self.parts:
                await part.set_up()
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Stop every part, the last one first."""
        for part in reversed(self._all()):
            await part.stop()

    async def watch(self) -> None:
        """Return never: raise PartFailedError as soon as a part has ended by itself."""
        while True:
            for part in self.parts:
                if not part.running:
                    raise PartFailedError(part.obituary("ended by itself"))
            await asyncio.sleep(WATCH_SECONDS)

    async def __aenter__(self) -> Self:
        """Start the stack."""
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop the stack."""
        await self.stop()

    def _all(self) -> list[Part]:
        return [self.azurite, self.web_pubsub, self.acs, self.functions]

    def _log(self, name: str) -> Path:
        return self.home / "logs" / f"{name}.log"

    def _part(self, name: str, port: int, variable: str) -> Part:
        return Part(
            name,
            [sys.executable, "-m", "emulator", name, "--until-input-ends"],
            ports=[port],
            variable=variable,
            log=self._log(name),
            environ=self._environ,
            health="/api/health",
        )

    def _wire(self, without: Collection[str]) -> None:
        self.web_pubsub.on_ready = partial(set_hubs, self.ports, self.settings)
        if "functions" not in without:  # Event Grid's handshake needs somebody to answer it.
            self.acs.on_ready = partial(subscribe, self.ports)

    async def _up(self, part: Part, on_up: Callable[[Part], None], within: float) -> None:
        await part.wait_ready(within)
        on_up(part)
