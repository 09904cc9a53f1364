"""An outage is outlasted with short pauses, and given up in time."""

import asyncio

import pytest

from callscribe.foundation.errors import (
    ConflictError,
    KeysUnavailableError,
    StorageUnavailableError,
)
from callscribe.foundation.retry import patiently
from tests.fakes.clock import START, FakeClock
from tests.fakes.orders import Orders
from tests.fakes.world import LOST, outcome


class Operation(Orders):
    """Something that succeeds unless ordered otherwise."""

    async def run(self) -> str:
        async with self.carry_out("run"):
            return "done"


async def test_returns_at_once_what_succeeds() -> None:
    clock = FakeClock()
    assert await patiently(Operation().run, clock, 45) == "done"
    assert clock.now() == START


async def test_pauses_grow_to_two_seconds() -> None:
    operation, clock = Operation(), FakeClock()
    operation.fail("run", LOST, times=8)
    await patiently(operation.run, clock, 45)
    assert clock.now() == START + 9_100  # 0.1 + 0.2 + 0.4 + 0.8 + 1.6 + 2 + 2 + 2


@pytest.mark.parametrize("seconds", [0.05, 1, 45])
async def test_gives_up_within_the_patience(seconds: float) -> None:
    operation, clock = Operation(), FakeClock()
    operation.fail("run", LOST, times=1_000)
    assert await outcome(patiently(operation.run, clock, seconds)) is LOST
    assert clock.now() <= START + seconds * 1000


async def test_a_hang_is_given_up_at_the_end_of_the_patience() -> None:
    operation, clock = Operation(), FakeClock()
    operation.fail("run", LOST, seconds=3)
    operation.hang("run", 300)
    failure = await outcome(patiently(operation.run, clock, 10))
    assert isinstance(failure, StorageUnavailableError)
    assert clock.now() == START + 10_000


@pytest.mark.parametrize("error", [ConflictError("changed"), ValueError("a bug")])
async def test_anything_but_an_outage_is_raised_at_once(error: Exception) -> None:
    operation = Operation()
    operation.fail("run", error)
    assert await outcome(patiently(operation.run, FakeClock(), 45)) is error
    assert operation.count("run") == 1


async def test_another_outage_than_storages_is_outlasted_where_it_is_named() -> None:
    operation, clock = Operation(), FakeClock()
    operation.fail("run", KeysUnavailableError("no keys"), times=3)
    assert await patiently(operation.run, clock, 45, KeysUnavailableError) == "done"
    operation.fail("run", LOST)
    assert await outcome(patiently(operation.run, clock, 45, KeysUnavailableError)) is LOST
    operation.hang("run", 300)
    failure = await outcome(patiently(operation.run, clock, 10, KeysUnavailableError))
    assert isinstance(failure, KeysUnavailableError)


async def test_who_waits_can_be_cancelled() -> None:
    operation = Operation()
    operation.fail("run", LOST, times=1_000)
    task = asyncio.create_task(patiently(operation.run, FakeClock(), 45))
    await asyncio.sleep(5)
    task.cancel()
    assert isinstance(await outcome(asyncio.wait_for(task, 1)), asyncio.CancelledError)
