"""After any part's return transcription runs again, and nothing acknowledged is lost."""

import asyncio
import itertools
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from callscribe.calls.call import State, Transcription
from tests.fakes.world import World
from tests.outages.town import PARTS, Town

LENGTHS = (5, 20, 60, 150, 600)
BACK_WITHIN = 35.0
PAIRS = list(itertools.combinations(PARTS, 2))


@pytest_asyncio.fixture
async def town(world: World) -> AsyncIterator[Town]:
    running = Town(world)
    running.spawn(running.run_timer())
    running.spawn(running.run_queue())
    yield running
    await running.close()


@pytest.mark.parametrize("seconds", LENGTHS)
@pytest.mark.parametrize("part", PARTS)
async def test_a_part_that_was_out_costs_only_what_was_said_meanwhile(
    town: Town, part: str, seconds: int
) -> None:
    await _outage(town, (part,), seconds)


@pytest.mark.parametrize("seconds", LENGTHS)
@pytest.mark.parametrize("parts", PAIRS, ids="+".join)
async def test_two_parts_that_were_out_cost_no_more(
    town: Town, parts: tuple[str, str], seconds: int
) -> None:
    await _outage(town, parts, seconds)


@pytest.mark.parametrize(("calls", "within"), [(300, 35.0), (1_000, 70.0)])
async def test_many_calls_that_are_cut_together_come_back_one_after_the_other(
    town: Town, calls: int, within: float
) -> None:
    call_ids = await asyncio.gather(*(town.ring(number) for number in range(calls)))
    await town.until_running(call_ids, 60)
    await asyncio.sleep(20)
    town.break_("webpubsub")
    await asyncio.sleep(30)
    town.mend("webpubsub")
    await town.until_running(call_ids, within)
    assert town.beside == []
    first = sorted(at for _, at in town.starts)[calls : calls + calls // 2]
    assert first[-1] - first[0] >= 1  # by chance, not all in one second


async def _outage(town: Town, parts: tuple[str, ...], seconds: int) -> None:
    call_id = await town.ring()
    await town.until_running([call_id], 20)
    await asyncio.sleep(20)
    for part in parts:
        town.break_(part)
    await asyncio.sleep(seconds)
    for part in parts:
        town.mend(part)
    back = town.now
    await town.until_running([call_id], BACK_WITHIN)
    running = town.now
    await asyncio.sleep(60)
    assert town.lines[call_id].locale, "transcription was lost again"
    _hold(town, call_id, running)
    assert town.beside == []
    assert back <= running
    town.end(call_id)
    await asyncio.sleep(90)
    call = town.world.calls.call(call_id)
    assert call.state is State.ENDED
    assert call.transcription is Transcription.STOPPED
    assert call_id not in town.world.calls.rows


def _hold(town: Town, call_id: str, running: float) -> None:
    """Check that all that was acknowledged is stored, and all that was said since it runs."""
    stored = town.stored(call_id)
    sentences = town.sentences[call_id]
    assert [each.text for each in sentences if each.acknowledged and each.text not in stored] == []
    later = [each for each in sentences if running + 1 < each.at < town.now - 5]
    assert later
    assert [each.text for each in later if each.text not in stored] == []
