"""The finals that 50 calls store per second; baseline: concurrent upserts with the SDK."""

import asyncio
import time
from statistics import median

from bench.figures import Figure, Goal, figure, interleaved, ratio
from bench.open_calls import OpenCall, open_calls
from bench.rig import Rig
from bench.upserts import BareUpserts, stored_final

GOAL = Goal(0.6, at_least=True)
NONE_LOST = Goal(0)
POLL_SECONDS = 0.3
TIMEOUT_SECONDS = 60


async def measure(rig: Rig) -> list[Figure]:
    """Send finals in all calls as fast as they are accepted, in turns with upserts."""
    each = rig.scaled(20, 3)
    async with open_calls(rig) as calls, await rig.new_table() as table:
        await _send_finals(rig, calls, each)
        entity = await stored_final(rig, calls[0].call_id)
        bare = [BareUpserts(table, entity | {"PartitionKey": call.call_id}) for call in calls]
        rounds = await interleaved(
            rig.scaled(5, 1), lambda: _send_finals(rig, calls, each), lambda: _upsert(bare, each)
        )
        lost = [call.sent - len(await _moments(rig, call)) for call in calls]
    rates = " ÷ ".join(f"{median(each):.0f}" for each in zip(*rounds, strict=True))
    what = "Finals per second, 50 calls through the whole stack"
    return [
        ratio(f"{what} ÷ bare concurrent upserts", rounds, GOAL, f"{rates} a second"),
        figure("… finals lost of all that were said", [sum(lost)], unit="", goal=NONE_LOST),
    ]


async def _send_finals(rig: Rig, calls: list[OpenCall], each: int) -> float:
    """Return the finals per second, from the first frame until the last row is written."""
    # Wall-clock time: the end is the timestamp that storage gives to the last row.
    began = time.time()
    for _ in range(each):
        for call in calls:
            await call.send_final()
    async with asyncio.timeout(TIMEOUT_SECONDS):
        last = max([await _all_stored(rig, call) for call in calls])
    return len(calls) * each / (last - began)


async def _upsert(bare: list[BareUpserts], each: int) -> float:
    async def some(upserts: BareUpserts) -> None:
        for _ in range(each):
            await upserts.one()

    began = time.perf_counter()
    await asyncio.gather(*(some(upserts) for upserts in bare))
    return len(bare) * each / (time.perf_counter() - began)


async def _all_stored(rig: Rig, call: OpenCall) -> float:
    """Wait until all finals of a call are stored; return when the last one was written."""
    moments = await _moments(rig, call)
    while len(moments) < call.sent:
        await asyncio.sleep(POLL_SECONDS)
        moments = await _moments(rig, call)
    return max(moments)


async def _moments(rig: Rig, call: OpenCall) -> list[float]:
    """Return when storage has written each final of a call."""
    table = rig.bare.get_table_client("Transcripts")
    rows = table.query_entities(f"PartitionKey eq '{call.call_id}' and RowKey ge 's-'")
    written = [row.metadata["timestamp"] async for row in rows]
    return [moment.timestamp() for moment in written if moment is not None]
