"""A clock that is wrong, or set, changes nothing of what becomes of a call."""

import pytest

from callscribe.calls.call import State, Transcription
from tests.fakes.telephony import Up
from tests.fakes.wire import incoming
from tests.fakes.world import CALL_ID, CONNECTION, World, seconds

WRONG = [-3_600, -40, -10, 10, 40, 3_600]


async def connected(world: World) -> None:
    """Have a call ring, be answered and be transcribed since setup."""
    await world.deliver(incoming())
    await seconds(world, 1)
    await world.follow(world.event("CallConnected"))
    await world.follow(world.event("TranscriptionStarted", context="t1"))


@pytest.mark.parametrize("ahead", WRONG)
async def test_transcription_does_not_restart_itself(world: World, ahead: int) -> None:
    """ACS's times are compared with none of ours."""
    world.clock.jump(ahead)
    event = world.event
    await world.deliver(incoming())
    await seconds(world, 1)
    acs = world.clock.now() - ahead * 1_000
    await world.follow(event("CallConnected", time=acs))
    await world.follow(event("TranscriptionStarted", context="t1", time=acs))
    await seconds(world, 300)
    assert world.call.state is State.CONNECTED
    assert world.call.transcription is Transcription.ACTIVE
    assert world.telephony.starts == []


@pytest.mark.parametrize("by", WRONG)
async def test_a_clock_that_is_set_in_mid_call_costs_nothing(world: World, by: int) -> None:
    await connected(world)
    await seconds(world, 60)
    world.clock.jump(by)
    await seconds(world, 120)
    assert world.call.transcription is Transcription.ACTIVE
    assert world.telephony.starts == []


@pytest.mark.parametrize("by", [*WRONG, -300, 300, -100])
async def test_a_call_ends_though_the_clock_was_set(world: World, by: int) -> None:
    await connected(world)
    await seconds(world, 60)
    world.clock.jump(by)
    world.telephony.up.clear()
    await seconds(world, 120)
    assert world.call.state is State.ENDED
    assert CALL_ID not in world.calls.rows


@pytest.mark.parametrize("by", [*WRONG, -300, 300, -100])
async def test_transcription_is_found_lost_though_the_clock_was_set(world: World, by: int) -> None:
    await connected(world)
    await seconds(world, 60)
    world.clock.jump(by)
    world.telephony.up[CONNECTION] = Up(runs=None)
    await seconds(world, 60)
    assert len(world.telephony.starts) == 1
    await world.follow(world.event("TranscriptionStarted", context="t2"))
    assert world.call.transcription is Transcription.ACTIVE


@pytest.mark.parametrize("by", WRONG)
async def test_a_retry_is_made_though_the_clock_was_set_meanwhile(world: World, by: int) -> None:
    await connected(world)
    world.telephony.up[CONNECTION] = Up(runs=None)
    failed = world.event("TranscriptionFailed", code=500, sub_code=8578, context="t1")
    await world.follow(failed)
    world.clock.jump(by)
    await seconds(world, 90)
    assert len(world.telephony.starts) == 1
