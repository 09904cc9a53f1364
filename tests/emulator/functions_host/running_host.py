"""A functions host in a process of its own, and what its app has noted down."""

import asyncio
import json
import os
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
from multidict import CIMultiDictProxy
from yarl import URL

from emulator.part import Part, listens
from emulator.ports import free_ports

ROOT = Path(__file__).parents[3]
APPS = Path(__file__).parent / "apps"


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP response, read whole."""

    status: int
    headers: CIMultiDictProxy[str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


class RunningHost:
    """One app behind a host of its own."""

    def __init__(self, app: Path, home: Path, environ: dict[str, str]) -> None:
        self._home = home
        self._journal = home / "journal"
        self._journal.touch()
        port = free_ports().functions
        self.part = Part(
            "functions",
            [sys.executable, "-m", "emulator", "functions"],
            ports=[port],
            variable="FUNCTIONS_PORT",
            log=home / "log",
            environ=os.environ
            | {"PYTHONPATH": str(ROOT), "JOURNAL": str(self._journal), "FUNCTIONS_APP": str(app)}
            | {"FUNCTIONS_PORT": str(port), "TICK": "0 0 0 1 1 *"}
            | environ,
            health="/admin/host/ping",
        )
        self.part.grace_seconds = 60

    async def request(self, method: str, path: str, **options: Any) -> Answer:
        """Ask the host; `path` goes out exactly as it is written."""
        async with (
            aiohttp.ClientSession() as session,
            session.request(method, URL(self.part.url + path, encoded=True), **options) as response,
        ):
            return Answer(response.status, response.headers, await response.read())

    async def deliver(self, function: str, body: object, kind: str = "Notification") -> Answer:
        """Post to the webhook as Event Grid does."""
        path = f"/runtime/webhooks/EventGrid?functionName={function}"
        return await self.request("POST", path, json=body, headers={"aeg-event-type": kind})

    def notes(self, *whats: str) -> list[dict[str, Any]]:
        """Return what the app has noted down so far under these names, in order."""
        lines = self._journal.read_text("utf-8").splitlines()
        return [note for note in map(json.loads, lines) if note["what"] in whats]

    async def noted(self, what: str, count: int = 1) -> list[dict[str, Any]]:
        """Wait until the app has noted `what` so many times."""
        await until(lambda: len(self.notes(what)) >= count)
        return self.notes(what)

    def release(self, name: str) -> None:
        """Let the functions go on that the app holds back under this name."""
        (self._home / f"release-{name}").touch()

    async def stop_while_held(self, name: str) -> None:
        """Stop the host, and release what it holds back as soon as it accepts no more requests."""
        stopping = asyncio.create_task(self.part.stop())
        await until(self._is_closed)
        self.release(name)
        await stopping

    async def _is_closed(self) -> bool:
        return not await listens(self.part.port)

    @property
    def log(self) -> str:
        """What the process has printed so far."""
        return self.part.log.read_text("utf-8")


async def until(condition: Callable[[], bool | Awaitable[bool]], within: float = 60) -> None:
    """Wait until `condition` holds; long, because the machine may be busy."""
    deadline = time.monotonic() + within
    while True:
        held = condition()
        if held if isinstance(held, bool) else await held:
            return
        assert time.monotonic() < deadline, "the condition never held"
        await asyncio.sleep(0.01)
