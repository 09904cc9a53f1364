"""The processor time to persist one final; baseline: that of an upsert with the SDK."""

import asyncio
import itertools
import time

from bench.figures import Figure, Goal, Measure, interleaved, ratio
from bench.process import cpu_seconds
from bench.rig import Rig
from bench.stream import Connection, final
from bench.upserts import BareUpserts, stored_final
from callscribe.stream.segments import live_json, read_segment

GOAL = Goal(1.3)
CONCURRENT = 4


async def measure(rig: Rig) -> list[Figure]:
    """Measure the functions process and its parts in turns with upserts in this process."""
    call_id = await rig.new_call()
    connections = [Connection(call_id, rig.stack.settings) for _ in range(CONCURRENT)]
    # The first frame of a connection costs more; it is not measured.
    for connection in connections:
        await rig.send(connection, final())
    each, turns = rig.scaled(50, 5), rig.scaled(9, 1)
    async with await rig.new_table() as table:
        bare = _Upserts(BareUpserts(table, await stored_final(rig, call_id)), each)
        whole = await interleaved(turns, _whole(rig, connections, each), bare.cost)
        parts = {
            "the app, in a process of its own": _app(rig, connections[0], each),
            "in it the row, as the app has the SDK write it": await _row(rig, call_id, each),
            "in it the live message": await _message(rig, call_id, each),
            "beside it a request that does nothing: the way to the worker, the runtime": _front(
                rig, each
            ),
        }
        found = {name: await interleaved(turns, part, bare.cost) for name, part in parts.items()}
    return [
        ratio("CPU of the functions process per final ÷ CPU of default upsert_entity", whole, GOAL),
        *(ratio(f"… {name}", rounds) for name, rounds in found.items()),
    ]


class _Upserts:
    """The baseline: the processor time of an upsert."""

    def __init__(self, bare: BareUpserts, each: int) -> None:
        self._bare = bare
        self._count = each * CONCURRENT

    async def cost(self) -> float:
        began = time.process_time()
        for _ in range(self._count):
            await self._bare.one()
        return (time.process_time() - began) / self._count


def _whole(rig: Rig, connections: list[Connection], each: int) -> Measure:
    """Return the measurement of finals through the functions process, on several connections."""

    async def some(connection: Connection) -> None:
        for _ in range(each):
            await rig.send(connection, final())

    async def cost() -> float:
        process = await rig.app_process()
        began = cpu_seconds(process)
        await asyncio.gather(*(some(connection) for connection in connections))
        spent = cpu_seconds(process) - began
        return spent / (each * len(connections))

    return cost


def _app(rig: Rig, connection: Connection, each: int) -> Measure:
    """Return the measurement of finals through the function in this process, with publishing."""

    async def cost() -> float:
        began = time.process_time()
        for _ in range(each):
            await rig.call_function(connection, final())
        await rig.worker.feed.drain()
        return (time.process_time() - began) / each

    return cost


async def _row(rig: Rig, call_id: str, each: int) -> Measure:
    """Return the measurement of writing the row of a final, each time under a new key."""
    store = rig.worker.transcripts
    key, columns = await anext(aiter(store.rows(call_id, "s-", "t")))
    numbers = itertools.count()

    async def cost() -> float:
        began = time.process_time()
        for _ in range(each):
            await store.put(call_id, f"{key[:-10]}{next(numbers):010d}", columns)
        return (time.process_time() - began) / each

    return cost


async def _message(rig: Rig, call_id: str, each: int) -> Measure:
    """Return the measurement of publishing a final, one after the other."""
    feed = rig.worker.feed
    key, columns = await anext(aiter(rig.worker.transcripts.rows(call_id, "s-", "t")))
    message = {"type": "segment"} | live_json(read_segment(key, columns))

    async def cost() -> float:
        began = time.process_time()
        for _ in range(each):
            feed.publish(call_id, message)
            await feed.drain()
        return (time.process_time() - began) / each

    return cost


def _front(rig: Rig, each: int) -> Measure:
    """Return the measurement of requests for which the app does nothing."""
    count = each * CONCURRENT
    address = f"http://127.0.0.1:{rig.stack.ports.functions}/api/health"

    async def cost() -> float:
        process = await rig.app_process()
        began = cpu_seconds(process)
        for _ in range(count):
            async with rig.http.get(address) as response:
                await response.read()
        return (cpu_seconds(process) - began) / count

    return cost
