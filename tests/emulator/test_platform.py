"""A functions host that has ended, or does not run, is started anew, as Azure does."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp

from emulator.part import Part
from emulator.platform import PAUSES, RECOVERED_SECONDS, Pauses, Platform
from emulator.ports import free_ports
from emulator.stack import Stack
from tests.emulator.functions_host.running_host import until

APP = Path(__file__).with_name("stack_app")
PARTS = ["web-pubsub", "acs"]
ROOT = Path(__file__).parents[2]
type NewStack = Callable[..., Stack]


@asynccontextmanager
async def watched(stack: Stack) -> AsyncIterator[list[str]]:
    """Watch a stack as `up` does; yield what is told of it."""
    told: list[str] = []
    watching = asyncio.create_task(stack.watch(told.append))
    try:
        yield told
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)


async def serves_again(part: Part, before: int) -> None:
    """Wait until another process than before serves."""

    async def serves() -> bool:
        return part.running and part.pid != before and await part.answers()

    await until(serves)


async def test_a_host_that_is_killed_comes_back(new_stack: NewStack) -> None:
    async with new_stack(app=APP, without=PARTS) as stack, watched(stack) as told:
        before = stack.functions.pid
        os.killpg(before, signal.SIGKILL)
        await serves_again(stack.functions, before)
        assert told == ["functions has ended (exit code -9); started again in 1 s"]


async def test_one_that_ended_without_storage_comes_back_when_storage_has(
    new_stack: NewStack,
) -> None:
    """It is started again while storage is away, which is in vain, and again until it serves."""
    stack = new_stack(app=APP, without=PARTS, overrides={"FUNCTIONS_SPEED": "40"})
    async with stack, watched(stack) as told:
        before = stack.functions.pid
        await stack.azurite.stop()
        await until(lambda: any("its storage refuses connections" in what for what in told))
        await until(lambda: any("answers that it is not running" in what for what in told))
        await stack.azurite.start()
        await serves_again(stack.functions, before)


async def test_one_that_was_stopped_on_purpose_or_is_frozen_is_left_alone(
    new_stack: NewStack,
) -> None:
    async with new_stack(app=APP, without=PARTS) as stack:
        platform = Platform(stack.functions, print)
        assert await platform.problem() is None
        stack.functions.freeze()
        assert await platform.problem() is None
        await stack.functions.stop()
        assert await platform.problem() is None


async def test_up_starts_it_again(tmp_path: Path) -> None:
    ports = free_ports()
    up = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "emulator", "up", "--data", str(tmp_path)),
        *("--without", "web-pubsub", "--without", "acs"),
        cwd=ROOT,
        env=os.environ | ports.environ() | {"PYTHONUNBUFFERED": "1"},
        stdout=asyncio.subprocess.PIPE,
    )
    assert up.stdout is not None
    try:
        await _printed(up.stdout, "Serving until")
        await _kill_host(ports.functions)
        await _printed(up.stdout, "functions has ended (exit code -9); started again in 1 s")
    finally:
        up.send_signal(signal.SIGINT)
        await up.wait()


async def _printed(output: asyncio.StreamReader, text: str) -> None:
    async with asyncio.timeout(120):
        while text not in (await output.readline()).decode():
            assert not output.at_eof()


async def _kill_host(port: int) -> None:
    url = f"http://127.0.0.1:{port}/admin/host/status"
    async with aiohttp.ClientSession() as session, session.get(url) as response:
        os.kill((await response.json())["process"], signal.SIGKILL)


def test_pauses_grow_until_the_host_has_recovered() -> None:
    pauses = Pauses()
    assert [pauses.next(ran=1) for _ in range(8)] == [*PAUSES, PAUSES[-1], PAUSES[-1]]
    assert pauses.next(ran=RECOVERED_SECONDS) == PAUSES[0]
    assert pauses.next(ran=RECOVERED_SECONDS - 1) == PAUSES[1]
