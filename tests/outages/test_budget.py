"""What a call costs of storage: its record is read and saved a few times, its looks cost none."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator

import pytest_asyncio

from callscribe.calls.call import State
from tests.fakes.world import World
from tests.outages.town import Town

MOST_READS, MOST_SAVES = 12, 12
MINUTES = 5


@pytest_asyncio.fixture
async def town(world: World) -> AsyncIterator[Town]:
    running = Town(world)
    running.spawn(running.run_timer())
    running.spawn(running.run_queue())
    yield running
    await running.close()


def counted(world: World) -> Counter[str]:
    """Return how often each operation on the record and its list was asked for, and forget it."""
    found = Counter(entry[0] for entry in world.calls.log if len(entry) > 1)
    world.calls.log.clear()
    return found


async def test_a_call_of_five_minutes_is_read_and_saved_at_most_twelve_times(town: Town) -> None:
    call_id = await town.ring()
    await town.until_running([call_id], 20)
    await asyncio.sleep(60 * MINUTES)
    town.end(call_id)
    await asyncio.sleep(700)  # both reports
    assert town.world.calls.call(call_id).state is State.ENDED
    assert town.world.calls.call(call_id).finished_at
    found = counted(town.world)
    assert found["read"] <= MOST_READS, found
    assert found["save"] + found["create"] <= MOST_SAVES, found


async def test_its_looks_read_and_save_nothing(town: Town) -> None:
    call_id = await town.ring()
    await town.until_running([call_id], 20)
    await asyncio.sleep(60)
    counted(town.world)
    rows = len(town.world.transcripts.log)
    await asyncio.sleep(60 * MINUTES)
    assert counted(town.world).keys() <= {"put_off"}
    assert len(town.world.transcripts.log) - rows == 60 * MINUTES / 3  # what was said
