"""What was lost is found out by asking ACS, and trouble with one call keeps from no other."""

from dataclasses import replace

import pytest

from callscribe.calls.call import Machine, State, Transcription
from callscribe.foundation.errors import TelephonyRefusedError
from callscribe.foundation.identifiers import new_call_id
from callscribe.foundation.moments import Ms, Seconds, elapsed, later
from callscribe.stream.upstream import Kind
from tests.fakes.clock import START
from tests.fakes.telephony import Up
from tests.fakes.transcribing import STARTING
from tests.fakes.wishes import OFF
from tests.fakes.world import (
    BUSY,
    CALL_ID,
    CONNECTION,
    LOST,
    World,
    given_unanswered,
    minutes,
    outcome,
)

OFF_MACHINE = Machine()


async def test_a_call_that_is_as_expected_is_only_put_off(world: World) -> None:
    before = world.given()
    await world.watch.reconcile()
    assert world.call == before
    assert world.telephony.operations == []
    assert world.calls.rows[CALL_ID].next_at == later(world.clock.now(), Seconds(20))


@pytest.mark.parametrize("wanted", [True, False])
async def test_acs_is_asked_at_each_round_that_is_due(world: World, wanted: bool) -> None:  # noqa: FBT001 - a case
    """Every 20 s where transcription is wanted, so with the 15 s of a round every 30; else 60."""
    world.given() if wanted else world.given(wish=OFF, machine=OFF_MACHINE)
    await minutes(world, 4)
    assert world.telephony.count("poll") == (8 if wanted else 4)


async def test_a_lost_call_connected_is_made_good(world: World) -> None:
    world.given(state=State.CONNECTING, machine=OFF_MACHINE, connected_at=None)
    await minutes(world, 1)
    assert world.call.state is State.CONNECTED
    assert world.call.connected_at is not None
    assert elapsed(START, world.call.connected_at) <= 30
    assert len(world.telephony.starts) == 1


async def test_a_lost_transcription_started_is_made_good(world: World) -> None:
    world.given(machine=STARTING)
    world.telephony.up[CONNECTION].runs = "en-US"
    await minutes(world, 1)
    assert world.call.transcription is Transcription.ACTIVE
    assert world.telephony.operations == []


async def test_transcription_that_is_found_stopped_is_started_again(world: World) -> None:
    """TranscriptionFailed or TranscriptionStopped was lost."""
    world.given()
    world.telephony.up[CONNECTION].runs = None
    await minutes(world, 1)
    assert [each.number for each in world.telephony.starts] == [2]


async def test_a_start_that_never_helps_is_tried_as_long_as_the_call_lasts(world: World) -> None:
    world.given(machine=STARTING)
    world.telephony.idle = True
    await minutes(world, 20)
    before = len(world.telephony.operations)
    await minutes(world, 5)
    assert len(world.telephony.operations) > before > 10
    assert world.call.state is State.CONNECTED


async def test_a_call_that_rang_until_nobody_answered_is_missed(world: World) -> None:
    given_unanswered(world)
    world.telephony.up.clear()
    await minutes(world, 2)
    assert world.call.state is State.MISSED
    assert world.calls.rows == {}
    assert world.telephony.log == []


async def test_a_call_that_acs_streams_was_answered_though_nobody_saved_that(
    world: World,
) -> None:
    """The worker died in the moment of the answer, and no callback came."""
    given_unanswered(world)
    await world.transcripts.put(
        CALL_ID,
        f"c-{START + 1000:013d}",
        {
            "ConnectionId": "stream",
            "CallConnectionId": CONNECTION,
            "CorrelationId": "correlation",
            "OpenedAt": "2026-11-22T18:54:04.000Z",
        },
    )
    await minutes(world, 1)
    call = world.call
    assert (call.state, call.connection_id) == (State.CONNECTED, CONNECTION)
    assert call.answered_at == later(START, Seconds(1))


async def test_a_stream_that_names_no_call_of_acs_proves_nothing(world: World) -> None:
    given_unanswered(world)
    world.telephony.up.clear()
    await world.receive(world.upstream(Kind.CONNECT, 0))
    await minutes(world, 2)
    assert world.call.state is State.MISSED


@pytest.mark.parametrize("error", [BUSY, TelephonyRefusedError("Denied", http_status=403), LOST])
async def test_trouble_with_one_call_does_not_keep_from_the_others(
    world: World, error: Exception
) -> None:
    other = new_call_id(Ms(START + 1), "other")
    world.given(state=State.CONNECTING, connected_at=None)
    world.calls.put(replace(world.call, id=other, connection_id="other"))
    world.telephony.up["other"] = Up(runs="en-US")
    world.telephony.fail("poll", error)
    await world.passing(15)
    await world.watch.reconcile()
    assert sorted(stored.call.state for stored in world.calls.saved.values()) == [
        State.CONNECTED,
        State.CONNECTING,
    ]


async def test_a_storage_outage_stops_the_round_and_not_the_next(world: World) -> None:
    world.given()
    world.telephony.up.clear()
    world.calls.fail("due", LOST)
    assert await outcome(world.watch.reconcile()) is LOST
    await minutes(world, 2)
    assert world.call.state is State.ENDED
