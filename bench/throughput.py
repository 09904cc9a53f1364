"""How many finals a second 50 calls get through the whole stack, beside bare concurrent upserts."""

import asyncio
import time
from statistics import median

from bench.calls_at_once import Dialled, dialled
from bench.figures import Figure, Goal, figure, interleaved, ratio
from bench.upserts import BareUpserts, stored_final
from bench.yard import Yard

GOAL = Goal(0.6, at_least=True)
NONE_LOST = Goal(0)
POLL_SECONDS = 0.3
PATIENCE_SECONDS = 60


async def measure(yard: Yard) -> list[Figure]:
    """Say finals in all calls as fast as they are taken, taking turns with bare upserts."""
    each = yard.scaled(20, 3)
    async with dialled(yard) as calls, await yard.bare_table() as table:
        await _say(yard, calls, each)
        entity = await stored_final(yard, calls[0].call_id)
        bare = [BareUpserts(table, entity | {"PartitionKey": call.call_id}) for call in calls]
        rounds = await interleaved(
            yard.scaled(5, 1), lambda: _say(yard, calls, each), lambda: _upsert(bare, each)
        )
        lost = [call.said - len(await _moments(yard, call)) for call in calls]
    rates = " ÷ ".join(f"{median(each):.0f}" for each in zip(*rounds, strict=True))
    what = "Finals per second, 50 calls through the whole stack"
    return [
        ratio(f"{what} ÷ bare concurrent upserts", rounds, GOAL, f"{rates} a second"),
        figure("… finals lost of all that were said", [sum(lost)], unit="", goal=NONE_LOST),
    ]


async def _say(yard: Yard, calls: list[Dialled], each: int) -> float:
    """Return the finals per second, from the first word to the last row."""
    began = time.time()
    for _ in range(each):
        for call in calls:
            await call.say()
    async with asyncio.timeout(PATIENCE_SECONDS):
        last = max([await _all_stored(yard, call) for call in calls])
    return len(calls) * each / (last - began)


async def _upsert(bare: list[BareUpserts], each: int) -> float:
    async def some(upserts: BareUpserts) -> None:
        for _ in range(each):
            await upserts.one()

    began = time.perf_counter()
    await asyncio.gather(*(some(upserts) for upserts in bare))
    return len(bare) * each / (time.perf_counter() - began)


async def _all_stored(yard: Yard, call: Dialled) -> float:
    """Wait until all that was said in a call is stored; return when the last was."""
    moments = await _moments(yard, call)
    while len(moments) < call.said:
        await asyncio.sleep(POLL_SECONDS)
        moments = await _moments(yard, call)
    return max(moments)


async def _moments(yard: Yard, call: Dialled) -> list[float]:
    """Return when storage wrote each of a call's finals."""
    table = yard.bare.get_table_client("Transcripts")
    rows = table.query_entities(f"PartitionKey eq '{call.call_id}' and RowKey ge 's-'")
    written = [row.metadata["timestamp"] async for row in rows]
    return [moment.timestamp() for moment in written if moment is not None]
