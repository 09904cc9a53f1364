"""What it costs in processor time to persist one final: the functions process beside the SDK."""

import asyncio
import time

from bench.figures import Figure, Goal, interleaved, ratio
from bench.process import cpu_seconds
from bench.stream import Connection, final
from bench.upserts import BareUpserts, stored_final
from bench.yard import Yard

GOAL = Goal(1.3)
SIDE_BY_SIDE = 4


async def measure(yard: Yard) -> list[Figure]:
    """Send finals to the functions process, taking turns with bare upserts in this one."""
    call_id = await yard.new_call()
    connections = [Connection(call_id, yard.stack.settings) for _ in range(SIDE_BY_SIDE)]
    each = yard.scaled(50, 5)
    for connection in connections:
        await yard.send(connection, final())
    table = await yard.bare_table()
    bare = BareUpserts(table, await stored_final(yard, call_id))

    async def ours() -> float:
        began = cpu_seconds(yard.stack.functions.pid)
        await asyncio.gather(*(_finals(yard, connection, each) for connection in connections))
        return cpu_seconds(yard.stack.functions.pid) - began

    async def inside() -> float:
        began = time.process_time()
        for _ in range(each):
            await yard.take(connections[0], final())
        await yard.worker.feed.drain()
        return (time.process_time() - began) / each

    async def floor() -> float:
        began = time.process_time()
        for _ in range(each * SIDE_BY_SIDE):
            await bare.one()
        return time.process_time() - began

    async def one() -> float:
        return await floor() / (each * SIDE_BY_SIDE)

    async with table:
        whole = await interleaved(yard.scaled(7, 1), ours, floor)
        app = await interleaved(yard.scaled(7, 1), inside, one)
    return [
        ratio("CPU of the functions process per final ÷ CPU of default upsert_entity", whole, GOAL),
        ratio("… of it the app's own, without the host's front and the runtime", app),
    ]


async def _finals(yard: Yard, connection: Connection, count: int) -> None:
    for _ in range(count):
        await yard.send(connection, final())
