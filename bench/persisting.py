"""The time to persist one final in `stream_events`; baseline: an upsert with the SDK."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from statistics import median

import aiohttp

from bench.figures import Figure, Goal, Rounds, ratio
from bench.rig import Rig
from bench.stream import Connection, final
from bench.upserts import BareUpserts, stored_final

GOAL = Goal(1.0)


async def measure(rig: Rig) -> list[Figure]:
    """Persist finals one by one, in turns with upserts of the same entity."""
    call_id = await rig.new_call()
    what = "Time in stream_events to persist a final ÷ default upsert_entity"
    alone = await _rounds(rig, call_id)
    async with watching(rig, call_id):
        watched = await _rounds(rig, call_id)
    return [
        ratio(f"{what}, nobody watching", alone, GOAL, _milliseconds(alone)),
        ratio(f"{what}, a live watcher", watched, GOAL, _milliseconds(watched)),
    ]


@asynccontextmanager
async def watching(rig: Rig, call_id: str) -> AsyncIterator[None]:
    """Keep a viewer connected to the call."""
    url = await rig.worker.feed.viewer_url(call_id, 60)
    async with rig.http.ws_connect(url) as feed:
        reading = asyncio.create_task(_read_all(feed))
        yield
        reading.cancel()


async def _rounds(rig: Rig, call_id: str) -> Rounds:
    connection = Connection(call_id, rig.stack.settings)
    await _persist(rig, connection)
    async with await rig.new_table() as table:
        bare = BareUpserts(table, await stored_final(rig, call_id))
        await bare.one()
        return [
            await _round(rig, connection, bare, rig.scaled(30, 2)) for _ in range(rig.scaled(20, 2))
        ]


async def _round(
    rig: Rig, connection: Connection, bare: BareUpserts, pairs: int
) -> tuple[float, float]:
    """Return the medians of one round, in which finals and upserts alternate."""
    ours, baseline = [], []
    for _ in range(pairs):
        ours.append(await _persist(rig, connection))
        began = time.perf_counter()
        await bare.one()
        baseline.append(time.perf_counter() - began)
    return median(ours), median(baseline)


async def _persist(rig: Rig, connection: Connection) -> float:
    """Persist one final; return the seconds inside the function."""
    elapsed = await rig.call_function(connection, final())
    # Publishing goes on after the function has returned, and must not run during the next upsert.
    await rig.worker.feed.drain()
    return elapsed


async def _read_all(feed: aiohttp.ClientWebSocketResponse) -> None:
    async for _ in feed:
        pass


def _milliseconds(rounds: Rounds) -> str:
    ours, baseline = (1000 * median(each) for each in zip(*rounds, strict=True))
    return f"{ours:.1f} ÷ {baseline:.1f} ms"
