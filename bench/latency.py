"""The time until the row of a final can be read, and until a viewer has received its text."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import NamedTuple

import aiohttp
from azure.core.exceptions import ResourceNotFoundError
from azure.data.tables.aio import TableClient

from bench.figures import Figure, percentiles
from bench.open_calls import OpenCall, open_calls
from bench.rig import Rig
from bench.stream import TEXT
from bench.upserts import stored_final
from callscribe.foundation.clock import SystemClock
from callscribe.foundation.identifiers import segment_key, stream_id_in
from callscribe.foundation.moments import Seconds, later, whole_second

# Each of the 50 calls sends a final so often: 25 a second in all, far below the possible
# throughput.
PAUSE_SECONDS = 2.0
TIMEOUT_SECONDS = 60


class Delays(NamedTuple):
    """Milliseconds after one final was sent."""

    row: float
    seen: float


async def measure(rig: Rig) -> list[Figure]:
    """Send finals in all calls as fast as people talk; each call has a viewer."""
    turns = rig.scaled(8, 2)
    pause = PAUSE_SECONDS if not rig.quick else 0.1
    async with AsyncExitStack() as exits, asyncio.timeout(TIMEOUT_SECONDS + turns * pause):
        calls = await exits.enter_async_context(open_calls(rig))
        watched = [await exits.enter_async_context(_watched(rig, call)) for call in calls]
        found = await asyncio.gather(
            *(call.run(turns, pause, place / len(calls)) for place, call in enumerate(watched))
        )
    delays = [delay for of_call in found for delay in of_call]
    return [
        *percentiles("Final sent → its row can be read, 50 calls", [delay.row for delay in delays]),
        *percentiles(
            "Final sent → who watches sees it, 50 calls", [delay.seen for delay in delays]
        ),
    ]


class WatchedCall:
    """A call with a viewer: sends finals, and measures when each is stored and received."""

    def __init__(
        self, call: OpenCall, feed: aiohttp.ClientWebSocketResponse, table: TableClient, tag: str
    ) -> None:
        self._call = call
        self._feed = feed
        self._table = table
        self._tag = tag

    async def run(self, turns: int, pause: float, place: float) -> list[Delays]:
        """Send finals with pauses between them."""
        # Calls begin one after the other: fifty finals at one moment would measure a queue.
        await asyncio.sleep(pause * place)
        delays = []
        for _ in range(turns):
            delays.append(await self._turn())
            await asyncio.sleep(pause)
        return delays

    async def _turn(self) -> Delays:
        text = f"{TEXT} {self._call.sent}"
        second, sent = whole_second(SystemClock().now()), time.perf_counter()
        number = await self._call.send_final(text)
        # The key has the second in which Web PubSub receives the frame: this one or the next.
        keys = [segment_key(later(second, Seconds(late)), self._tag, number) for late in (0, 1)]
        row, seen = await asyncio.gather(self._until_readable(keys), self._until_received(text))
        return Delays(1000 * (row - sent), 1000 * (seen - sent))

    async def _until_readable(self, keys: list[str]) -> float:
        """Read the row until it exists; return when that was."""
        while True:
            for key in keys:
                try:
                    await self._table.get_entity(self._call.call_id, key)
                except ResourceNotFoundError:
                    continue
                return time.perf_counter()

    async def _until_received(self, text: str) -> float:
        """Read the live feed until the text arrives; return when that was."""
        while (await self._feed.receive_json())["text"] != text:
            pass
        return time.perf_counter()


@asynccontextmanager
async def _watched(rig: Rig, call: OpenCall) -> AsyncIterator[WatchedCall]:
    url = await rig.worker.feed.viewer_url(call.call_id, 60)
    async with rig.http.ws_connect(url) as feed:
        # The first row has the stream id, which is part of all further keys.
        await call.send_final()
        await feed.receive()
        table = rig.bare.get_table_client("Transcripts")
        yield WatchedCall(call, feed, table, stream_id_in(await _first_key(rig, call.call_id)))


async def _first_key(rig: Rig, call_id: str) -> str:
    """Wait for the first row of a call, and return its key."""
    while True:
        try:
            return str((await stored_final(rig, call_id))["RowKey"])
        except StopAsyncIteration:
            await asyncio.sleep(0)
