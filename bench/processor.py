"""What it costs in processor time to persist one final: the functions process beside the SDK."""

import asyncio
import itertools
import time

from bench.figures import Figure, Goal, Measure, interleaved, ratio
from bench.process import cpu_seconds
from bench.stream import Connection, final
from bench.upserts import BareUpserts, stored_final
from bench.yard import Yard
from callscribe.stream.segments import live_json, read_segment

GOAL = Goal(1.3)
SIDE_BY_SIDE = 4


async def measure(yard: Yard) -> list[Figure]:
    """Take the functions process and its parts by turns with bare upserts in this process."""
    call_id = await yard.new_call()
    connections = [Connection(call_id, yard.stack.settings) for _ in range(SIDE_BY_SIDE)]
    for connection in connections:
        await yard.send(connection, final())
    each, turns = yard.scaled(50, 5), yard.scaled(9, 1)
    async with await yard.bare_table() as table:
        bare = _Upserts(BareUpserts(table, await stored_final(yard, call_id)), each)
        whole = await interleaved(turns, _whole(yard, connections, each), bare.cost)
        parts = {
            "the app, in a process of its own": _app(yard, connections[0], each),
            "in it the row, as the app has the SDK write it": await _row(yard, call_id, each),
            "in it the live message": await _message(yard, call_id, each),
            "beside it a request that does nothing: the host's front, the runtime": _front(
                yard, each
            ),
        }
        found = {name: await interleaved(turns, part, bare.cost) for name, part in parts.items()}
    return [
        ratio("CPU of the functions process per final ÷ CPU of default upsert_entity", whole, GOAL),
        *(ratio(f"… {name}", rounds) for name, rounds in found.items()),
    ]


class _Upserts:
    """The floor: the processor time of one bare upsert."""

    def __init__(self, bare: BareUpserts, each: int) -> None:
        self._bare = bare
        self._count = each * SIDE_BY_SIDE

    async def cost(self) -> float:
        began = time.process_time()
        for _ in range(self._count):
            await self._bare.one()
        return (time.process_time() - began) / self._count


def _whole(yard: Yard, connections: list[Connection], each: int) -> Measure:
    """Finals through the functions process, on some connections at once."""

    async def some(connection: Connection) -> None:
        for _ in range(each):
            await yard.send(connection, final())

    async def cost() -> float:
        began = cpu_seconds(yard.stack.functions.pid)
        await asyncio.gather(*(some(connection) for connection in connections))
        spent = cpu_seconds(yard.stack.functions.pid) - began
        return spent / (each * len(connections))

    return cost


def _app(yard: Yard, connection: Connection, each: int) -> Measure:
    """Finals handed to the function in this process, and what is published of them."""

    async def cost() -> float:
        began = time.process_time()
        for _ in range(each):
            await yard.take(connection, final())
        await yard.worker.feed.drain()
        return (time.process_time() - began) / each

    return cost


async def _row(yard: Yard, call_id: str, each: int) -> Measure:
    """Write the row of a final again, under ever new keys."""
    store = yard.worker.transcripts
    key, columns = await anext(aiter(store.rows(call_id, "s-", "t")))
    numbers = itertools.count()

    async def cost() -> float:
        began = time.process_time()
        for _ in range(each):
            await store.put(call_id, f"{key[:-10]}{next(numbers):010d}", columns)
        return (time.process_time() - began) / each

    return cost


async def _message(yard: Yard, call_id: str, each: int) -> Measure:
    """Publish a final again and again, one after the other."""
    feed = yard.worker.feed
    key, columns = await anext(aiter(yard.worker.transcripts.rows(call_id, "s-", "t")))
    message = {"type": "segment"} | live_json(read_segment(key, columns))

    async def cost() -> float:
        began = time.process_time()
        for _ in range(each):
            feed.publish(call_id, message)
            await feed.drain()
        return (time.process_time() - began) / each

    return cost


def _front(yard: Yard, each: int) -> Measure:
    """Requests to the functions process for which the app does nothing."""
    count = each * SIDE_BY_SIDE
    address = f"http://127.0.0.1:{yard.stack.ports.functions}/api/health"

    async def cost() -> float:
        began = cpu_seconds(yard.stack.functions.pid)
        for _ in range(count):
            async with yard.http.get(address) as response:
                await response.read()
        return (cpu_seconds(yard.stack.functions.pid) - began) / count

    return cost
