"""How long after a final is sent its row can be read, and who watches sees its words."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import NamedTuple

import aiohttp
from azure.core.exceptions import ResourceNotFoundError
from azure.data.tables.aio import TableClient

from bench.calls_at_once import Dialled, dialled
from bench.figures import Figure, percentiles
from bench.stream import TEXT
from bench.upserts import stored_final
from bench.yard import Yard
from callscribe.foundation.identifiers import segment_key, stream_id_in

PAUSE_SECONDS = 2.0
"""Each of the 50 calls says a final as often: 25 a second in all, well below what is taken."""
PATIENCE_SECONDS = 60


class Delays(NamedTuple):
    """Milliseconds from the sending of one final."""

    row: float
    sight: float


async def measure(yard: Yard) -> list[Figure]:
    """Let all calls talk at the pace of people, each with somebody watching."""
    turns = yard.scaled(8, 2)
    pause = PAUSE_SECONDS if not yard.quick else 0.1
    async with AsyncExitStack() as exits, asyncio.timeout(PATIENCE_SECONDS + turns * pause):
        calls = await exits.enter_async_context(dialled(yard))
        talks = [await exits.enter_async_context(_watched(yard, call)) for call in calls]
        found = await asyncio.gather(
            *(talk.go_on(turns, pause, place / len(calls)) for place, talk in enumerate(talks))
        )
    delays = [each for turns_of_call in found for each in turns_of_call]
    return [
        *percentiles("Final sent → its row can be read, 50 calls", [each.row for each in delays]),
        *percentiles("Final sent → who watches sees it, 50 calls", [each.sight for each in delays]),
    ]


class Talk:
    """One watched call: says finals and notes when each was stored and seen."""

    def __init__(
        self, call: Dialled, feed: aiohttp.ClientWebSocketResponse, table: TableClient, tag: str
    ) -> None:
        self._call = call
        self._feed = feed
        self._table = table
        self._tag = tag

    async def go_on(self, turns: int, pause: float, place: float) -> list[Delays]:
        """Say finals with pauses between them; calls begin one after the other."""
        await asyncio.sleep(pause * place)
        delays = []
        for _ in range(turns):
            delays.append(await self._turn())
            await asyncio.sleep(pause)
        return delays

    async def _turn(self) -> Delays:
        text = f"{TEXT} {self._call.said}"
        second, sent = int(time.time()), time.perf_counter()
        number = await self._call.say(text)
        keys = [segment_key(second + late, self._tag, number) for late in (0, 1)]
        row, sight = await asyncio.gather(self._readable(keys), self._seen(text))
        return Delays(1000 * (row - sent), 1000 * (sight - sent))

    async def _readable(self, keys: list[str]) -> float:
        """Ask for the row, of this second or the next, until it is there."""
        while True:
            for key in keys:
                try:
                    await self._table.get_entity(self._call.call_id, key)
                except ResourceNotFoundError:
                    continue
                return time.perf_counter()

    async def _seen(self, text: str) -> float:
        while (await self._feed.receive_json())["text"] != text:
            pass
        return time.perf_counter()


@asynccontextmanager
async def _watched(yard: Yard, call: Dialled) -> AsyncIterator[Talk]:
    url = await yard.worker.feed.viewer_url(call.call_id, 60)
    async with yard.http.ws_connect(url) as feed:
        await call.say()
        await feed.receive()
        table = yard.bare.get_table_client("Transcripts")
        yield Talk(call, feed, table, stream_id_in(await _first_key(yard, call.call_id)))


async def _first_key(yard: Yard, call_id: str) -> str:
    """Return the key of the call's first row, once it is there."""
    while True:
        try:
            return str((await stored_final(yard, call_id))["RowKey"])
        except StopAsyncIteration:
            await asyncio.sleep(0)
