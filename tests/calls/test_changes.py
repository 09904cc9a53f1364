"""A change is decided on what is stored, and again on what won when a race is lost."""

from dataclasses import replace

import pytest

from callscribe.calls.call import Call
from callscribe.calls.changes import change
from callscribe.calls.events import Decision, Effect, EffectKind
from callscribe.foundation.errors import ConflictError, NotFoundError, StorageUnavailableError
from tests.fakes.world import CALL_ID, World, outcome

CHANGED = ConflictError("changed")


def driven(call: Call) -> Decision:
    return Decision(replace(call, drives=call.drives + 1))


async def test_saves_what_was_decided_and_returns_it(world: World) -> None:
    world.given()
    decision = await change(world.calls, world.clock, CALL_ID, driven)
    assert decision.call == world.call
    assert world.call.drives == 2


async def test_a_decision_that_changes_nothing_is_not_written(world: World) -> None:
    before = world.given()
    decision = await change(world.calls, world.clock, CALL_ID, Decision)
    assert decision == Decision(before)
    assert world.calls.count("save") == 0


@pytest.mark.parametrize("conflicts", [1, 4])
async def test_decides_again_on_the_row_that_won(world: World, conflicts: int) -> None:
    world.given()
    world.calls.fail("save", CHANGED, times=conflicts)
    await change(world.calls, world.clock, CALL_ID, driven)
    assert world.calls.count("read") == conflicts + 1
    assert world.call.drives == 2


async def test_gives_up_after_five_conflicts(world: World) -> None:
    world.given()
    world.calls.fail("save", CHANGED, times=5)
    work = change(world.calls, world.clock, CALL_ID, driven)
    assert isinstance(await outcome(work), ConflictError)
    assert world.calls.count("save") == 5


async def test_an_unknown_call_is_not_found(world: World) -> None:
    work = change(world.calls, world.clock, CALL_ID, driven)
    assert isinstance(await outcome(work), NotFoundError)


async def test_a_call_is_active_before_it_is_alive_again(world: World) -> None:
    world.given()
    world.calls.log.clear()

    def reopened(call: Call) -> Decision:
        return replace(driven(call), effects=(Effect(EffectKind.REOPEN),))

    await change(world.calls, world.clock, CALL_ID, reopened)
    assert [entry[0] for entry in world.calls.log] == ["read", "remember", "save"]


async def test_an_outage_is_the_callers_to_outlast(world: World) -> None:
    world.given()
    world.calls.fail("save", StorageUnavailableError("no reply"))
    work = change(world.calls, world.clock, CALL_ID, driven)
    assert isinstance(await outcome(work), StorageUnavailableError)
