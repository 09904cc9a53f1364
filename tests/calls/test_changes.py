"""A change is decided on what is stored, and again on what won when a race is lost."""

from dataclasses import replace

import pytest

from callscribe.calls.call import Call, EndedBy, State
from callscribe.calls.changes import change
from callscribe.calls.events import Decision
from callscribe.foundation.deadline import Deadline
from callscribe.foundation.errors import ConflictError, NotFoundError, StorageUnavailableError
from callscribe.foundation.moments import Seconds
from tests.fakes.clock import START
from tests.fakes.world import CALL_ID, LOST, World, outcome

CHANGED = ConflictError("changed")


def driven(call: Call) -> Decision:
    return Decision(replace(call, drives=call.drives + 1))


def ended(call: Call) -> Decision:
    return Decision(replace(call, state=State.ENDED, ended_at=START))


async def test_saves_what_was_decided_and_returns_it(world: World) -> None:
    before = world.given()
    changed = await change(world.calls, CALL_ID, driven)
    assert changed.decision.call == changed.stored.call == world.call
    assert changed.stored == world.calls.saved[CALL_ID]
    assert (changed.before, changed.new) == (before, True)
    assert world.call.drives == 2


async def test_a_decision_that_changes_nothing_is_not_written(world: World) -> None:
    before = world.given()
    changed = await change(world.calls, CALL_ID, Decision)
    assert changed.decision == Decision(before)
    assert not changed.new
    assert world.calls.count("save") == 0


async def test_a_call_that_was_read_a_moment_ago_is_not_read_again(world: World) -> None:
    world.given()
    known = world.calls.saved[CALL_ID]
    await change(world.calls, CALL_ID, driven, known)
    assert world.calls.log == [("save", CALL_ID, "connected")]


async def test_where_it_was_changed_since_it_is_read_again(world: World) -> None:
    world.given()
    known = world.calls.saved[CALL_ID]
    await change(world.calls, CALL_ID, driven, known)
    await change(world.calls, CALL_ID, driven, known)
    assert world.call.drives == 3
    assert world.calls.count("read") == 1


@pytest.mark.parametrize("conflicts", [1, 4])
async def test_decides_again_on_the_row_that_won(world: World, conflicts: int) -> None:
    world.given()
    world.calls.fail("save", CHANGED, times=conflicts)
    await change(world.calls, CALL_ID, driven)
    assert world.calls.count("read") == conflicts + 1
    assert world.call.drives == 2


async def test_gives_up_after_five_conflicts(world: World) -> None:
    world.given()
    world.calls.fail("save", CHANGED, times=5)
    assert isinstance(await outcome(change(world.calls, CALL_ID, driven)), ConflictError)
    assert world.calls.count("save") == 5


async def test_an_unknown_call_is_not_found(world: World) -> None:
    work = change(world.calls, CALL_ID, driven)
    assert isinstance(await outcome(work), NotFoundError)


async def test_a_call_is_listed_as_active_before_it_is_up_again(world: World) -> None:
    world.given(state=State.ENDED, ended_by=EndedBy.INFERRED)

    def reopened(call: Call) -> Decision:
        return Decision(replace(call, state=State.CONNECTED), reopened=True)

    await change(world.calls, CALL_ID, reopened)
    assert [entry[0] for entry in world.calls.log] == ["read", "open", "save"]


async def test_of_a_call_that_ends_the_row_of_active_calls_is_read_before_it_is_saved(
    world: World,
) -> None:
    """So that the row of one that somebody opens again in the meantime is not deleted."""
    world.given()
    listed = world.calls.rows[CALL_ID].etag
    changed = await change(world.calls, CALL_ID, ended)
    assert [entry[0] for entry in world.calls.log] == ["read", "listed", "save"]
    assert changed.listed == listed


async def test_an_outage_is_outlasted(world: World) -> None:
    world.given()
    world.calls.fail("save", LOST, times=5)
    await change(world.calls, CALL_ID, driven, None, Deadline.after(Seconds(10)))
    assert world.call.drives == 2


async def test_a_save_whose_reply_was_lost_is_found_to_be_done(world: World) -> None:
    """The rule is applied again, to what it has written itself: ours say the same then."""
    world.given()
    world.calls.fail("save", LOST, after=True)
    changed = await change(world.calls, CALL_ID, ended)
    assert (world.call.state, changed.new) == (State.ENDED, False)


async def test_an_outage_that_outlasts_the_deadline_is_unavailable(world: World) -> None:
    world.given()
    world.calls.fail("read", LOST, times=1_000)
    work = change(world.calls, CALL_ID, driven, None, Deadline.after(Seconds(10)))
    assert isinstance(await outcome(work), StorageUnavailableError)
    assert world.clock.now() <= START + 10_000
