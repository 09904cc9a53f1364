"""The emulator as a process of its own: it starts, says that it is well, and ends politely."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
from aiohttp import web

from emulator.ports import free_ports

from .peers import Emulator, Received, Upstream, closed, until

PROGRAM = """
import asyncio, os
from emulator.web_pubsub.server import Settings, run
asyncio.run(run(Settings.from_environ(os.environ)))
"""


@asynccontextmanager
async def process() -> AsyncIterator[tuple[asyncio.subprocess.Process, Emulator]]:
    """Run an emulator in a process of its own."""
    port = free_ports().web_pubsub
    running = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PROGRAM, env=os.environ | {"WEBPUBSUB_PORT": str(port)}
    )
    try:
        async with aiohttp.ClientSession() as session:
            emulator = Emulator(session, f"http://127.0.0.1:{port}")
            await until(lambda: healthy(emulator))
            yield running, emulator
    finally:
        if running.returncode is None:
            running.kill()
            await running.wait()


async def healthy(emulator: Emulator) -> bool:
    """Ask as Microsoft's clients do, without a body."""
    try:
        async with emulator.session.head(f"{emulator.url}/api/health") as response:
            return response.status == 200
    except aiohttp.ClientConnectionError:
        return False


async def test_it_says_goodbye_and_ends(upstream: Upstream) -> None:
    """On SIGTERM clients get 1001 and upstream `disconnected`; a silent upstream is not awaited."""

    async def never(_received: Received) -> web.Response:
        await asyncio.Event().wait()
        raise AssertionError

    upstream.answers["message"] = never
    async with process() as (running, emulator):
        await emulator.configure(upstream.url)
        quiet, waiting = await emulator.dial(sub="quiet"), await emulator.dial(sub="waiting")
        await waiting.send_str("x")
        await upstream.got("message")
        running.send_signal(signal.SIGTERM)

        ends = await asyncio.gather(closed(quiet), closed(waiting))
        # Well before the 100 seconds after which the event that is never answered would fail.
        async with asyncio.timeout(60):
            await running.wait()

    assert set(ends) == {(1001, "ServiceReload")}
    assert running.returncode == 0
    [end] = upstream.named("disconnected")
    assert end.headers["ce-userId"] == "quiet"


async def test_health(emulator: Emulator) -> None:
    async with emulator.session.get(f"{emulator.url}/api/health") as response:
        assert response.status == 200
