"""Whether the functions process grows with what passes through it."""

import asyncio

from bench.figures import Figure, Goal, figure
from bench.process import resident_mib
from bench.stream import Connection, final, intermediate
from bench.yard import Yard

GOAL = Goal(1.05)
SIDE_BY_SIDE = 10
INTERMEDIATES = 9
"""Hypotheses before each final: ACS sends one about every third word."""


async def measure(yard: Yard) -> list[Figure]:
    """Send frames to a new functions process and compare its memory after few and after many."""
    if not yard.quick:
        await yard.stack.functions.stop()
        await yard.stack.functions.start()
    await _load_all(yard)
    calls = [await yard.new_call() for _ in range(SIDE_BY_SIDE)]
    connections = [Connection(call, yard.stack.settings) for call in calls]
    few, many = yard.scaled(1000, 100), yard.scaled(100_000, 500)
    await _send(yard, connections, few)
    first = resident_mib(yard.stack.functions.pid)
    last, tenth = [], (many - few) // 10
    for part in range(1, 11):
        await _send(yard, connections, tenth)
        last.append(resident_mib(yard.stack.functions.pid))
        yard.say(f"{few + part * tenth} frames: {last[-1]:.1f} MiB")
    what = "Memory of the functions process after 100,000 frames ÷ after 1,000"
    note = f"{last[-1]:.1f} ÷ {first:.1f} MiB"
    return [figure(what, [each / first for each in last[-3:]], goal=GOAL, note=note)]


async def _load_all(yard: Yard) -> None:
    """Have upkeep run once: the SDKs that it loads when the clock first fires are no growth."""
    address = f"http://127.0.0.1:{yard.stack.ports.functions}/admin/functions/reconcile?wait=true"
    async with yard.http.post(address, json={}) as response:
        response.raise_for_status()


async def _send(yard: Yard, connections: list[Connection], frames: int) -> None:
    await asyncio.gather(
        *(_frames(yard, connection, frames // len(connections)) for connection in connections)
    )


async def _frames(yard: Yard, connection: Connection, count: int) -> None:
    for number in range(count):
        hypothesis = number % (INTERMEDIATES + 1)
        await yard.send(connection, intermediate() if hypothesis else final())
