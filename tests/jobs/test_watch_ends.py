"""A call whose end was lost ends when it can have ended, and every end takes effect."""

from dataclasses import replace

import pytest

from callscribe.calls.call import EndedBy, State
from callscribe.calls.decide import LONGEST_CALL
from callscribe.foundation.errors import TelephonyRefusedError
from callscribe.foundation.moments import Ms, Seconds, iso, later
from tests.fakes.clock import START
from tests.fakes.world import BUSY, CALL_ID, LOST, World, minutes


def minute(number: float) -> Ms:
    """Return a moment by its minute from the beginning of the call."""
    return later(START, Seconds(number * 60))


async def closed(world: World, number: int, at: float, **columns: str) -> None:
    """Have a stream of the call closed in a minute of it."""
    row = {"ConnectionId": f"stream {number}", "ClosedAt": iso(minute(at))}
    await world.transcripts.put(CALL_ID, f"c-{number:013d}", {**row, **columns})


async def test_a_lost_call_disconnected_is_made_good(world: World) -> None:
    world.given()
    world.telephony.up.clear()
    await minutes(world, 2)
    assert (world.call.state, world.call.ended_by) == (State.ENDED, EndedBy.INFERRED)
    assert world.calls.rows == {}


async def test_a_call_whose_end_was_lost_ended_when_its_last_stream_did(world: World) -> None:
    world.given()
    await closed(world, 1, 0.5, CloseReason="Normal")
    await closed(world, 2, 0.2, CloseReason="ServiceReload")
    world.telephony.up.clear()
    await minutes(world, 3)
    assert world.call.state is State.ENDED
    assert world.call.ended_at == minute(0.5)


@pytest.mark.parametrize(
    ("error", "code"),
    [(TelephonyRefusedError("Denied", http_status=403), 403), (BUSY, 503)],
)
async def test_a_call_that_acs_tells_nothing_of_is_over_after_the_longest_time(
    world: World, error: Exception, code: int
) -> None:
    world.given()
    await closed(world, 1, 9)
    world.telephony.fail("poll", error, times=1_000)
    await minutes(world, 2)
    assert world.call.state is State.CONNECTED
    await world.passing(LONGEST_CALL)
    await minutes(world, 1)
    call = world.call
    assert (call.state, call.ended_at, call.ended_by) == (State.ENDED, minute(9), EndedBy.LIMIT)
    assert call.reason is not None
    assert (call.reason.code, call.reason.remedy is not None) == (code, code == 403)
    assert world.calls.rows == {}


async def test_an_orphan_is_forgotten_after_five_minutes(world: World) -> None:
    """A worker died between the list and the record."""
    await world.calls.open(replace(world.usual(), connection_id=None), START, None)
    await minutes(world, 4)
    assert CALL_ID in world.calls.rows
    await minutes(world, 2)
    assert world.calls.rows == {}


@pytest.mark.parametrize("state", [State.ENDED, State.MISSED, State.FAILED])
async def test_a_call_that_ended_without_its_effects_is_closed(world: World, state: State) -> None:
    call = world.given(state=state)
    await world.calls.open(call, START, None)
    await world.watch.reconcile()
    assert world.jobs.of("finish") == [60, 600]
    assert world.calls.rows == {}


async def test_an_end_whose_reply_was_lost_is_closed_by_the_watch(world: World) -> None:
    world.given()
    world.calls.fail("save", LOST, after=True)
    world.telephony.up.clear()
    await world.follow(world.event("CallDisconnected"))
    await minutes(world, 1)
    assert world.calls.rows == {}
