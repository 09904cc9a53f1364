"""Fifty calls at once: their streams dialled to Web PubSub as ACS dials them."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import aiohttp

from bench.stream import TEXT, final
from bench.yard import Yard

CALLS = 50
FIRST_MESSAGE = 2
"""The number of a connection's first message: `connect` is 0 and `connected` 1."""


@dataclass
class Dialled:
    """One call with its open stream, and how many finals were said in it."""

    call_id: str
    socket: aiohttp.ClientWebSocketResponse
    said: int = 0

    async def say(self, text: str = TEXT) -> str:
        """Say one final; return the end of the key of its row."""
        number = FIRST_MESSAGE + self.said
        self.said += 1
        await self.socket.send_str(final(text).decode())
        return f"{number:010d}"


@asynccontextmanager
async def dialled(yard: Yard) -> AsyncIterator[list[Dialled]]:
    """Open the streams of so many calls; they are closed in the end."""
    async with AsyncExitStack() as exits:
        calls = []
        for _ in range(yard.scaled(CALLS, 4)):
            call_id = await yard.new_call()
            url = await yard.worker.answering.stream.stream_url(call_id)
            socket = await exits.enter_async_context(yard.http.ws_connect(url))
            calls.append(Dialled(call_id, socket))
        yield calls
