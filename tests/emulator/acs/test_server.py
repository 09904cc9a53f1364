"""The emulator as a process, and under load."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import pairwise

import aiohttp
import pytest
from aiohttp.test_utils import unused_port

from .peers import CALLEE, CALLER, Peer, serving, until
from .stacks import Stack

PROGRAM = """
import asyncio, os
from emulator.acs.server import Settings, run
asyncio.run(run(Settings.from_environ(os.environ)))
"""


@asynccontextmanager
async def process(port: int) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run the emulator as a process of its own."""
    environ = {"ACS_PORT": str(port), "ACS_ACCESS_KEY": "", "PYTHONPATH": ":".join(sys.path)}
    child = await asyncio.create_subprocess_exec(sys.executable, "-c", PROGRAM, env=environ)
    try:
        yield child
    finally:
        if child.returncode is None:
            child.kill()
        await child.wait()


async def healthy(http: aiohttp.ClientSession, url: str) -> None:
    """Wait until the process answers."""
    async with asyncio.timeout(60):
        while True:
            try:
                async with http.get(f"{url}/api/health") as response:
                    assert response.status == 200
                    return
            except aiohttp.ClientConnectionError:
                await asyncio.sleep(0.02)


async def test_sigterm_closes_open_streams_and_ends_the_process() -> None:
    port = unused_port()
    url, peer = f"http://127.0.0.1:{port}", Peer()
    async with (
        process(port) as child,
        serving(peer.app()) as peer.url,
        aiohttp.ClientSession() as http,
    ):
        await healthy(http, url)
        target = {"endpoint": f"{peer.url}/events"}
        await http.put(f"{url}/emulator/event-subscriptions/app", json=target)
        body = {"from": CALLER, "to": CALLEE, "stay": True, "answeredBy": "callee"}
        await http.post(f"{url}/emulator/incoming-calls", json=body)
        [(_, event)] = await until(lambda: peer.events)
        answer = {
            "incomingCallContext": event["data"]["incomingCallContext"],
            "callbackUri": peer.callback_url,
            "callIntelligenceOptions": {"cognitiveServicesEndpoint": "https://speech.localhost/"},
            "transcriptionOptions": {
                "transportUrl": peer.stream_url,
                "transportType": "websocket",
                "locale": "en-US",
                "startTranscription": True,
            },
        }
        address = f"{url}/calling/callConnections:answer?api-version=2026-03-12"
        async with http.post(address, json=answer) as response:
            assert response.status == 200
        socket = await peer.socket()
        child.send_signal(signal.SIGTERM)
        async with asyncio.timeout(60):
            assert await child.wait() == 0
        await until(lambda: socket.ws.closed)
        assert socket.ws.close_code == 1000


async def test_fifty_calls_at_once_are_spoken_in_time(acs: Stack) -> None:
    options = acs.transcription(enable_intermediate_results=True)
    await asyncio.gather(
        *(acs.talk({"transcription": options}, speed=10, script="short") for _ in range(50))
    )
    await until(lambda: len(acs.peer.posted("CallDisconnected")) == 50, seconds=120)
    _, calls = await acs.control("GET", "calls")
    assert [final["connection"] for call in calls for final in call["finals"]] == [1] * 250
    for socket in acs.peer.sockets:
        offsets = [final["offset"] for final in socket.finals]
        gaps = [later - earlier for earlier, later in pairwise(offsets)]
        assert gaps == pytest.approx([2_000_000] * 4, abs=50_000)
