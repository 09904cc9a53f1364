"""One drill: a stack of its own, calls, an outage, and the account of what was said."""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import aiohttp
from azure.core.exceptions import AzureError
from azure.data.tables.aio import TableServiceClient

from drills.account import account, report_errors, total
from drills.comeback import Comeback, Watch
from drills.outage import Outages
from drills.plan import Drill
from drills.relay import Relay
from drills.result import Result
from drills.talk import Talk
from drills.waiting import DrillError, until
from emulator.errors import StackError
from emulator.platform import Platform
from emulator.ports import Ports, free_ports
from emulator.serving import PortTakenError
from emulator.stack import Stack
from emulator.wiring import stack_settings
from tests.e2e.evidence import Evidence
from tests.e2e.world import World

HOMES = Path(__file__).parent.parent / ".stack" / "drills"
STORAGES = ("AzureWebJobsStorage", "TranscriptStorage")
# Otherwise the app would wait a minute for late frames before it reports on a call.
FINISH_SOON = {"FINISH_DELAY_SECONDS": "2"}
# Azurite may save for so long when it is stopped, on a machine that is busy.
SAVE_SECONDS = 10.0
BEFORE, AFTER = 4, 5
# What ends one drill; the others go on.
FAILURES = (
    DrillError,
    StackError,
    PortTakenError,
    AssertionError,
    LookupError,
    OSError,
    AzureError,
    aiohttp.ClientError,
)
# A report is made anew where the end of a stream came after it.
LATE_SECONDS = 30.0

type Tell = Callable[[str], None]


async def run(drill: Drill, calls: int, tell: Tell, homes: Path = HOMES) -> Result:
    """Carry a drill out; what it leaves in a folder of `homes` is kept if a limit is broken."""
    home = homes / drill.folder
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)
    tell("starting its stack")
    try:
        async with _world(home, tell) as (world, queue):
            result = await _carry_out(world, queue, drill, calls, tell)
    except FAILURES as problem:
        what = f"could not be carried out: {str(problem) or repr(problem)}"
        result = Result(drill, problem=what, logs=home)
    except asyncio.CancelledError:
        shutil.rmtree(home)
        raise
    if result.broken:
        (home / "broken.txt").write_text("\n".join(result.broken), encoding="utf-8")
    else:
        shutil.rmtree(home)
    tell(result.summary or f"holds, back after {result.back:.1f} s")
    return result


async def _carry_out(world: World, queue: Relay, drill: Drill, calls: int, tell: Tell) -> Result:
    talk = Talk(world, calls)
    try:
        await talk.begin()
        await talk.go_on(BEFORE)
        back = await _outage(world, queue, drill, talk, tell)
        # Who is not heard again all the same shows in the account.
        with suppress(DrillError):
            if len(back.calls) == calls:
                await talk.go_on(AFTER)
        tell("hanging up")
        await talk.end()
    finally:
        talk.stop()
    await until(lambda: _reported(world, talk.rings), "every call has its report")
    with suppress(DrillError):
        await until(lambda: _adds_up(world, talk.rings), "every report adds up", LATE_SECONDS)
    return await _result(world, drill, talk.rings, back)


async def _outage(world: World, queue: Relay, drill: Drill, talk: Talk, tell: Tell) -> Comeback:
    outages, watch = Outages(world, queue, talk.rings), Watch(world, talk.rings)
    await watch.begin()
    tell(f"out for {drill.seconds} s")
    await outages.begin(drill.parts)
    await asyncio.sleep(drill.seconds)
    await outages.end(drill.parts)
    tell("returned")
    return await watch.until_back()


async def _reported(world: World, rings: list[str]) -> bool:
    found = await world.evidences(rings)
    return all("FinishedAt" in found[ring].row for ring in rings)


async def _adds_up(world: World, rings: list[str]) -> bool:
    found = await world.evidences(rings)
    return not any(report_errors(found[ring]) for ring in rings)


async def _result(world: World, drill: Drill, rings: list[str], back: Comeback) -> Result:
    evidences = await world.evidences(rings)
    accounts = [account(evidences[ring], back.moments.get(ring)) for ring in rings]
    home = world.stack.home
    (home / "evidence.json").write_text(_as_json(evidences.values()), encoding="utf-8")
    return Result(
        drill,
        calls=len(rings),
        calls_back=len(back.calls),
        back=back.slowest,
        limit=back.limit,
        account=total(accounts),
        logs=home,
    )


@asynccontextmanager
async def _world(home: Path, tell: Tell) -> AsyncIterator[tuple[World, Relay]]:
    """Start a stack that is kept up as Azure would, and the door before its queue."""
    ports = free_ports()
    queue = Relay(free_ports().azurite, ports.azurite + 1)
    stack = Stack(home, ports, overrides=FINISH_SOON | _through(queue, ports))
    stack.azurite.grace_seconds = SAVE_SECONDS
    await queue.open()
    try:
        async with stack, aiohttp.ClientSession() as http:
            tables = TableServiceClient.from_connection_string(stack.azurite.connection_string)
            keeping = asyncio.create_task(Platform(stack.functions, tell).run())
            try:
                async with tables:
                    yield World(stack, http, tables), queue
            finally:
                keeping.cancel()
                await asyncio.gather(keeping, return_exceptions=True)
    finally:
        await queue.shut()


def _through(queue: Relay, ports: Ports) -> dict[str, str]:
    """Return the app's connection strings, with its queue behind the door."""
    settings = stack_settings(ports)
    direct, door = f":{ports.azurite + 1}/", f":{queue.port}/"
    return {name: settings[name].replace(direct, door) for name in STORAGES}


def _as_json(evidences: Iterable[Evidence]) -> str:
    """Return all that is known of the calls, for whoever looks into it."""
    shown = [
        {"call": each.call, "connections": each.connections, "row": each.row, "rows": each.rows}
        for each in evidences
    ]
    return json.dumps(shown, indent=1, default=str)
