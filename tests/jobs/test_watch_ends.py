"""A call whose end was lost ends when it can have ended, and every end takes effect."""

import pytest

from callscribe.calls.call import Reason, State, Transcription
from callscribe.foundation.errors import TelephonyRefusedError
from callscribe.foundation.moments import Ms, Seconds, iso, later
from callscribe.jobs.watch import LONGEST_CALL
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
    await minutes(world, 3)
    assert world.call.state is State.ENDED
    assert world.jobs.of("finish") == [60, 600]
    assert world.calls.checked == {}


async def test_a_call_whose_end_was_lost_ended_when_its_last_stream_did(world: World) -> None:
    world.given()
    world.telephony.up.clear()
    await closed(world, 1, 1.5, CloseReason="Normal")
    await closed(world, 2, 1.2, CloseReason="ServiceReload")
    await world.transcripts.put(
        CALL_ID, "c-9", {"ConnectionId": "stream 1", "OpenedAt": iso(minute(1))}
    )
    await minutes(world, 2)
    assert world.call.ended_at == minute(1.5)
    assert world.call.reason == Reason("ACS no longer knows the call.")


@pytest.mark.parametrize("columns", [{"CloseReason": "ServiceReload"}, {"ClosedAt": ""}])
async def test_a_call_whose_end_no_stream_tells_ended_when_found_out(
    world: World, columns: dict[str, str]
) -> None:
    """The last stream was cut from a call that went on, or its end was lost, too."""
    world.given()
    world.telephony.up.clear()
    await closed(world, 1, 0.5)
    await closed(world, 2, 1.5, OpenedAt=iso(minute(1)), **columns)
    await minutes(world, 2)
    assert world.call.ended_at == minute(2)


async def test_a_call_that_was_up_after_its_last_stream_ended_no_earlier(world: World) -> None:
    world.given(transcription=Transcription.STOPPED)
    await closed(world, 1, 0.5)
    await minutes(world, 3)
    world.telephony.up.clear()
    await minutes(world, 1)
    assert world.call.ended_at == minute(2)


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
    await world.passing(LONGEST_CALL)
    await world.watch.reconcile()
    assert world.call.state is State.CONNECTED
    await minutes(world, 1)
    call = world.call
    assert (call.state, call.ended_at) == (State.ENDED, minute(9))
    assert call.reason is not None
    assert (call.reason.code, call.reason.remedy is not None) == (code, code == 403)
    assert world.calls.checked == {}


async def test_an_orphan_is_forgotten_after_five_minutes(world: World) -> None:
    await world.calls.remember(CALL_ID, START)
    await minutes(world, 4)
    assert CALL_ID in world.calls.checked
    await minutes(world, 2)
    assert world.calls.checked == {}


@pytest.mark.parametrize("state", [State.ENDED, State.MISSED, State.FAILED])
async def test_a_call_that_ended_without_its_effects_is_closed(world: World, state: State) -> None:
    world.given(state=state)
    await world.calls.remember(CALL_ID, START)
    await world.watch.reconcile()
    assert world.jobs.of("finish") == [60, 600]
    assert world.calls.checked == {}


async def test_an_end_whose_reply_was_lost_is_closed_within_the_next_minute(world: World) -> None:
    world.given()
    world.calls.fail("save", LOST, after=True)
    await world.follow(world.event("CallDisconnected"))
    assert CALL_ID in world.calls.checked
    await minutes(world, 1)
    assert world.calls.checked == {}
    assert world.jobs.of("finish") == [60, 600]
