"""What it costs in time to persist one final: inside `stream_events`, beside the SDK's upsert."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from statistics import median

import aiohttp

from bench.figures import Figure, Goal, Rounds, ratio
from bench.stream import Connection, final
from bench.upserts import BareUpserts, stored_final
from bench.yard import Yard

GOAL = Goal(1.0)


async def measure(yard: Yard) -> list[Figure]:
    """Persist finals one by one, taking turns with bare upserts of the same entity."""
    call_id = await yard.new_call()
    what = "Time in stream_events to persist a final ÷ default upsert_entity"
    alone = await _rounds(yard, call_id)
    async with watching(yard, call_id):
        watched = await _rounds(yard, call_id)
    return [
        ratio(f"{what}, nobody watching", alone, GOAL, _milliseconds(alone)),
        ratio(f"{what}, a live watcher", watched, GOAL, _milliseconds(watched)),
    ]


@asynccontextmanager
async def watching(yard: Yard, call_id: str) -> AsyncIterator[None]:
    """Have somebody watch the call live."""
    url = await yard.worker.feed.viewer_url(call_id, 60)
    async with yard.http.ws_connect(url) as feed:
        reading = asyncio.create_task(_read_all(feed))
        yield
        reading.cancel()


async def _rounds(yard: Yard, call_id: str) -> Rounds:
    connection = Connection(call_id, yard.stack.settings)
    await _persist(yard, connection)
    async with await yard.bare_table() as table:
        bare = BareUpserts(table, await stored_final(yard, call_id))
        await bare.one()
        return [
            await _round(yard, connection, bare, yard.scaled(30, 2))
            for _ in range(yard.scaled(20, 2))
        ]


async def _round(
    yard: Yard, connection: Connection, bare: BareUpserts, pairs: int
) -> tuple[float, float]:
    """Return the medians of one round, whose finals and upserts take turns."""
    ours, floor = [], []
    for _ in range(pairs):
        ours.append(await _persist(yard, connection))
        began = time.perf_counter()
        await bare.one()
        floor.append(time.perf_counter() - began)
    return median(ours), median(floor)


async def _persist(yard: Yard, connection: Connection) -> float:
    """Return the seconds inside the function; publishing may end later, and is waited for."""
    elapsed = await yard.take(connection, final())
    await yard.worker.feed.drain()
    return elapsed


async def _read_all(feed: aiohttp.ClientWebSocketResponse) -> None:
    async for _ in feed:
        pass


def _milliseconds(rounds: Rounds) -> str:
    ours, floor = (1000 * median(each) for each in zip(*rounds, strict=True))
    return f"{ours:.1f} ÷ {floor:.1f} ms"
