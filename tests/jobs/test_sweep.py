"""What is up and not listed as active is found within a day, and only that."""

from dataclasses import replace

import pytest

from callscribe.calls.call import State
from callscribe.foundation.errors import StorageUnavailableError
from callscribe.foundation.identifiers import new_call_id
from callscribe.foundation.moments import Seconds, later
from callscribe.jobs import sweep
from callscribe.jobs.sweep import DAYS, Sweep
from tests.fakes.clock import START
from tests.fakes.world import CALL_ID, LOST, World

DAY = Seconds(86_400)


def sweeping(world: World, deployment: str | None = None) -> Sweep:
    return Sweep(world.calls, world.clock, deployment)


@pytest.mark.parametrize(
    "state", [State.ANSWERING, State.DIALING, State.CONNECTING, State.CONNECTED]
)
async def test_a_call_that_is_up_and_not_listed_is_looked_after_again(
    world: World, state: State
) -> None:
    world.given(state=state)
    world.calls.rows.clear()
    await world.passing(DAY)
    await sweeping(world).sweep()
    [found] = await world.calls.due(world.clock.now(), 10)
    assert found.call_id == CALL_ID


async def test_the_watch_then_does_the_rest(world: World) -> None:
    world.given()
    world.telephony.up.clear()
    world.calls.rows.clear()
    await world.passing(DAY)
    await sweeping(world).sweep()
    for _ in range(3):
        await world.watch.reconcile()
        await world.passing(15)
    assert world.call.state is State.ENDED
    assert world.calls.rows == {}


async def test_a_call_that_is_listed_is_left_as_it_is(world: World) -> None:
    world.given()
    before = dict(world.calls.rows)
    await sweeping(world).sweep()
    assert world.calls.rows == before


async def test_a_call_that_is_over_is_not_listed(world: World) -> None:
    world.given(state=State.ENDED, ended_at=START)
    world.calls.rows.clear()
    await sweeping(world).sweep()
    assert world.calls.rows == {}


async def test_anothers_call_is_left_alone(world: World) -> None:
    world.given(deployment="theirs")
    world.calls.rows.clear()
    await sweeping(world, "ours").sweep()
    assert world.calls.rows == {}


async def test_all_calls_of_all_days_are_looked_at(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More than a page on some days, and the oldest day as well."""
    monkeypatch.setattr(sweep, "PAGE", 2)
    world.given()
    ids = [
        new_call_id(later(START, Seconds(day * DAY + number)), f"{day} {number}")
        for day in range(DAYS)
        for number in range(5)
    ]
    for each in ids:
        world.calls.put(replace(world.call, id=each))
    world.calls.rows.clear()
    await world.passing(DAYS * DAY)
    await sweeping(world).sweep()
    assert {*ids, CALL_ID} == {row.call_id for row in await world.calls.due(world.clock.now(), 99)}


async def test_storage_that_is_out_fails_the_sweep(world: World) -> None:
    world.given()
    world.calls.fail("of_day", LOST, times=1)
    with pytest.raises(StorageUnavailableError):
        await sweeping(world).sweep()
