"""The growth of the functions process with the number of frames."""

import asyncio

from bench.figures import Figure, Goal, figure
from bench.process import resident_mib
from bench.rig import Rig
from bench.stream import Connection, final, intermediate

GOAL = Goal(1.05)
CONCURRENT = 10
# Hypotheses before each final: ACS sends one about every third word.
INTERMEDIATES = 9


async def measure(rig: Rig) -> list[Figure]:
    """Send frames to a new functions process; compare its memory after few and after many."""
    if not rig.quick:
        await rig.stack.functions.stop()
        await rig.stack.functions.start()
    await _run_upkeep(rig)
    calls = [await rig.new_call() for _ in range(CONCURRENT)]
    connections = [Connection(call, rig.stack.settings) for call in calls]
    few, many = rig.scaled(1000, 100), rig.scaled(100_000, 500)
    await _send(rig, connections, few)
    process = await rig.app_process()
    first = resident_mib(process)
    last, tenth = [], (many - few) // 10
    for part in range(1, 11):
        await _send(rig, connections, tenth)
        last.append(resident_mib(process))
        rig.report(f"{few + part * tenth} frames: {last[-1]:.1f} MiB")
    what = "Memory of the functions process after 100,000 frames ÷ after 1,000"
    note = f"{last[-1]:.1f} ÷ {first:.1f} MiB"
    return [figure(what, [each / first for each in last[-3:]], goal=GOAL, note=note)]


async def _run_upkeep(rig: Rig) -> None:
    """Run the timer function once."""
    # It imports SDKs at its first run, which must not count as growth.
    address = f"http://127.0.0.1:{rig.stack.ports.functions}/admin/functions/reconcile?wait=true"
    async with rig.http.post(address, json={}) as response:
        response.raise_for_status()


async def _send(rig: Rig, connections: list[Connection], frames: int) -> None:
    await asyncio.gather(
        *(_frames(rig, connection, frames // len(connections)) for connection in connections)
    )


async def _frames(rig: Rig, connection: Connection, count: int) -> None:
    for number in range(count):
        hypothesis = number % (INTERMEDIATES + 1)
        await rig.send(connection, intermediate() if hypothesis else final())
