"""A round of the watch over many calls: paced, bounded, and cheap where there is nothing new."""

from dataclasses import replace

import pytest

from callscribe.calls.call import State
from callscribe.foundation.identifiers import new_call_id
from callscribe.foundation.moments import Ms, Seconds, elapsed
from callscribe.jobs.watch import LOOKS_A_SECOND, MOST_LOOKS
from tests.fakes.clock import START
from tests.fakes.telephony import Up
from tests.fakes.world import World


def given_many(world: World, count: int, *, known: bool = True) -> list[str]:
    """Have calls that are up and transcribed; ACS knows them, or does not."""
    usual = world.usual()
    call_ids = [new_call_id(Ms(START - number), "one of many") for number in range(count)]
    for call_id in call_ids:
        world.calls.put(replace(usual, id=call_id, connection_id=f"of {call_id}"))
        if known:
            world.telephony.up[f"of {call_id}"] = Up(runs="en-US")
    return call_ids


async def test_a_round_over_600_calls_with_nothing_new_asks_acs_and_reads_none(
    world: World,
) -> None:
    """How many requests the two operations on the list are: tests/storage/test_active.py."""
    given_many(world, 600)
    await world.watch.reconcile()
    assert world.telephony.count("poll") == 600
    assert [entry[0] for entry in world.calls.log] == ["due", "put_off"]
    assert world.transcripts.log == []
    assert world.jobs.queued == []


async def test_acs_is_asked_at_a_steady_pace(world: World) -> None:
    given_many(world, 600)
    await world.watch.reconcile()
    took = elapsed(START, world.clock.now())
    assert took == pytest.approx(600 / LOOKS_A_SECOND, abs=0.1)


async def test_more_calls_than_a_round_takes_are_looked_at_in_turn(world: World) -> None:
    given_many(world, 1_500)
    for _ in range(3):
        await world.watch.reconcile()
        await world.passing(3)
    polled = [entry[1] for entry in world.telephony.log]
    assert len(set(polled)) == 1_500


async def test_3000_calls_that_were_forgotten_are_over_after_a_few_rounds(world: World) -> None:
    """600 of them in each round, which ends before the next one begins."""
    given_many(world, 3_000, known=False)
    rounds = 0
    while world.calls.rows:
        begun = world.clock.now()
        polls = world.telephony.count("poll")
        await world.watch.reconcile()
        assert elapsed(begun, world.clock.now()) <= Seconds(12.5)
        assert world.telephony.count("poll") - polls <= MOST_LOOKS
        await world.passing(15 - elapsed(begun, world.clock.now()))
        rounds += 1
        assert rounds <= 12
    # ACS must say of each call twice that it does not know it.
    assert rounds >= 10
    assert {stored.call.state for stored in world.calls.saved.values()} == {State.ENDED}
