"""Fifty calls at once: each with a stream to Web PubSub, opened as ACS opens it."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import aiohttp

from bench.rig import Rig
from bench.stream import TEXT, final

CALLS = 50
# The number of a connection's first message: `connect` is 0 and `connected` 1.
FIRST_MESSAGE = 2


@dataclass
class OpenCall:
    """One call with its open stream, and the number of finals that were sent in it."""

    call_id: str
    socket: aiohttp.ClientWebSocketResponse
    sent: int = 0

    async def send_final(self, text: str = TEXT) -> str:
        """Send one final; return the last part of the key of its row."""
        number = FIRST_MESSAGE + self.sent
        self.sent += 1
        await self.socket.send_str(final(text).decode())
        return f"{number:010d}"


@asynccontextmanager
async def open_calls(rig: Rig) -> AsyncIterator[list[OpenCall]]:
    """Open the streams of all calls; they are closed at the end of the context."""
    async with AsyncExitStack() as exits:
        calls = []
        for _ in range(rig.scaled(CALLS, 4)):
            call_id = await rig.new_call()
            url = await rig.worker.answering.stream.stream_url(call_id)
            socket = await exits.enter_async_context(rig.http.ws_connect(url))
            calls.append(OpenCall(call_id, socket))
        yield calls
