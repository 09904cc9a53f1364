"""The stack: Azurite, Web PubSub, ACS and the functions host, each as a process.

Each part can be killed, stopped, frozen and started again alone; it is configured again when it
starts again. Stopping leaves no process behind, also when the start was not complete.
"""

import asyncio
import os
import sys
from collections.abc import Callable, Collection, Mapping
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

from emulator import npm
from emulator.azurite import Azurite
from emulator.part import Part, PartFailedError
from emulator.platform import Platform, Tell
from emulator.ports import Ports
from emulator.wiring import EXAMPLE, ROOT, has_functions, set_hubs, stack_settings, subscribe

PARTS = ("azurite", "web-pubsub", "acs", "functions")
WATCH_SECONDS = 0.5
# The message of the app's exception comes before its trace.
LINES_OF_A_BROKEN_APP = 60


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
        # As in Azure, what the host's timers leave behind is gone when its storage is.
        self._environ["FUNCTIONS_DATA"] = str(self.home / "functions")
        # Without it the last lines of a killed part would be missing in its log.
        self._environ["PYTHONUNBUFFERED"] = "1"
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
        """Start all parts at once, wait, and configure them; `on_up` is called for each."""
        # Checked before anything is started: a taken port is the most frequent mistake.
        for part in self.parts:
            part.check_ports()
        if self.azurite in self.parts:
            await asyncio.to_thread(npm.AZURITE.install_visibly)
        others = [part for part in self.parts if part is not self.functions]
        try:
            for part in others:
                part.log.unlink(missing_ok=True)
                part.launch()
            await asyncio.gather(
                *(self._wait_for(part, on_up, within) for part in others),
                self._start_functions(on_up, within),
            )
            # Only when all are up: Event Grid's handshake needs the app.
            for part in self.parts:
                await part.set_up()
        # Also when the start is cancelled, for example by Ctrl-C.
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Stop every part, the last one first."""
        for part in reversed(self._all()):
            await part.stop()

    async def watch(self, tell: Tell = lambda _what: None) -> None:
        """Wait without end, and start the functions host again as Azure does; `tell` hears of it.

        Raises PartFailedError as soon as another part has ended by itself.
        """
        watching = [asyncio.create_task(self._watch_others())]
        if self.functions in self.parts:
            watching.append(asyncio.create_task(Platform(self.functions, tell).run()))
        try:
            done, _ = await asyncio.wait(watching, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in watching:
                task.cancel()
            await asyncio.gather(*watching, return_exceptions=True)

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
        # Without the app nobody would answer Event Grid's handshake.
        if "functions" not in without:
            key = self._environ.get("FUNCTIONS_KEY")
            self.acs.on_ready = partial(subscribe, self.ports, key)

    async def _watch_others(self) -> None:
        while True:
            for part in self.parts:
                if part is not self.functions and part.ended:
                    raise PartFailedError(part.failure_message("ended by itself"))
            await asyncio.sleep(WATCH_SECONDS)

    async def _start_functions(self, on_up: Callable[[Part], None], within: float) -> None:
        if self.functions not in self.parts:
            return
        # A host that is started while its storage is away does not run until it is started anew.
        if self.azurite in self.parts:
            await self.azurite.wait_ready(within)
        self.functions.log.unlink(missing_ok=True)
        self.functions.launch()
        await self.functions.wait_ready(within)
        # Like the real host it runs without functions if the app cannot be loaded. Nobody wants
        # that of a stack that he starts.
        if not await has_functions(self.ports, self._environ.get("FUNCTIONS_KEY")):
            what = "has found no functions"
            raise PartFailedError(self.functions.failure_message(what, LINES_OF_A_BROKEN_APP))
        on_up(self.functions)

    async def _wait_for(self, part: Part, on_up: Callable[[Part], None], within: float) -> None:
        await part.wait_ready(within)
        on_up(part)
