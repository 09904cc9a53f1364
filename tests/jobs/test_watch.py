"""What was lost is found out by asking ACS, and trouble with one call keeps from no other."""

from dataclasses import replace

import pytest

from callscribe.calls.call import State, Transcription
from callscribe.foundation.errors import TelephonyRefusedError
from callscribe.foundation.identifiers import new_call_id
from callscribe.foundation.moments import Ms, Seconds, later
from callscribe.stream.upstream import Kind
from tests.fakes.clock import START
from tests.fakes.telephony import Up
from tests.fakes.world import BUSY, CALL_ID, CONNECTION, LOST, World, minutes, outcome


async def test_a_call_that_is_up_and_confirmed_is_left_alone(world: World) -> None:
    before = world.given()
    await minutes(world, 5)
    assert world.call == before
    assert world.telephony.starts == []


async def test_asks_acs_every_two_minutes(world: World) -> None:
    world.given()
    await minutes(world, 10)
    assert world.telephony.count("poll") == 5


async def test_a_lost_call_connected_is_made_good(world: World) -> None:
    world.given(
        state=State.CONNECTING,
        transcription=Transcription.OFF,
        transcription_attempts=0,
        connected_at=None,
    )
    await minutes(world, 1)
    assert world.call.state is State.CONNECTED
    assert world.call.connected_at == later(START, Seconds(60))
    assert world.telephony.starts == [CALL_ID]


async def test_a_lost_transcription_started_is_made_good(world: World) -> None:
    world.given(transcription=Transcription.STARTING)
    world.telephony.up[CONNECTION].transcribing = True
    await minutes(world, 1)
    assert world.call.transcription is Transcription.ACTIVE


async def test_an_unconfirmed_start_is_driven_again_after_asking_acs(world: World) -> None:
    world.given(transcription=Transcription.STARTING)
    await minutes(world, 1)
    assert [asked[0] for asked in world.telephony.log] == ["poll", "start"]
    assert world.call.transcription_attempts == 2


async def test_a_start_that_is_never_confirmed_is_given_up_with_a_reason(world: World) -> None:
    world.given(transcription=Transcription.STARTING)
    world.telephony.idle = True
    await minutes(world, 12)
    assert world.call.transcription is Transcription.FAILED
    assert world.call.reason is not None
    assert world.call.reason.text
    assert len(world.telephony.starts) == 4
    assert world.call.state is State.CONNECTED


async def test_transcription_that_is_found_stopped_is_started_again(world: World) -> None:
    """TranscriptionFailed or TranscriptionStopped was lost."""
    world.given()
    world.telephony.up[CONNECTION].transcribing = False
    await minutes(world, 3)
    assert world.telephony.starts == [CALL_ID]


async def test_a_call_that_rang_until_nobody_answered_is_missed(world: World) -> None:
    world.given(state=State.ANSWERING, connection_id=None, answered_at=None)
    await world.passing(34)
    await world.watch.reconcile()
    assert CALL_ID in world.calls.checked
    await world.passing(2)
    await world.watch.reconcile()
    assert world.call.state is State.MISSED
    assert world.calls.checked == {}
    assert world.telephony.log == []


async def test_a_call_that_acs_streams_was_answered_though_nobody_saved_that(
    world: World,
) -> None:
    """The worker died in the moment of the answer, and no callback came."""
    world.given(state=State.ANSWERING, connection_id=None, answered_at=None, connected_at=None)
    world.telephony.up[CONNECTION] = Up(transcribing=True)
    await world.passing(1)
    names = ("x-ms-call-connection-id", CONNECTION), ("x-ms-call-correlation-id", "correlation")
    headers = {"headers": {name: [value] for name, value in names}}
    await world.receive(world.upstream(Kind.CONNECT, 0, headers))
    await minutes(world, 1)
    call = world.call
    assert (call.state, call.answered_at) == (State.CONNECTING, later(START, Seconds(1)))
    assert (call.connection_id, call.correlation_id) == (CONNECTION, "correlation")
    await minutes(world, 1)
    assert (world.call.state, world.call.transcription) == (State.CONNECTED, Transcription.ACTIVE)


async def test_a_stream_that_names_no_call_of_acs_proves_nothing(world: World) -> None:
    world.given(state=State.ANSWERING, connection_id=None, answered_at=None)
    await world.receive(world.upstream(Kind.CONNECT, 0))
    await minutes(world, 1)
    assert world.call.state is State.MISSED


async def test_an_answering_call_that_callbacks_know_is_asked_about(world: World) -> None:
    world.given(state=State.ANSWERING, answered_at=None)
    await minutes(world, 2)
    assert world.call.state is State.CONNECTED


@pytest.mark.parametrize("error", [BUSY, TelephonyRefusedError("Denied", http_status=403), LOST])
async def test_trouble_with_one_call_does_not_keep_from_the_others(
    world: World, error: Exception
) -> None:
    other = new_call_id(Ms(START + 1), "other")
    world.given(state=State.CONNECTING)
    world.calls.put(replace(world.call, id=other, connection_id="other"))
    world.telephony.up["other"] = Up()
    world.telephony.fail("poll", error)
    await world.passing(60)
    await world.watch.reconcile()
    assert sorted(stored.call.state for stored in world.calls.saved.values()) == [
        State.CONNECTED,
        State.CONNECTING,
    ]


async def test_a_storage_outage_stops_the_round_and_not_the_next(world: World) -> None:
    world.given()
    world.telephony.up.clear()
    await world.passing(120)
    world.calls.fail("active", LOST)
    assert await outcome(world.watch.reconcile()) is LOST
    await world.watch.reconcile()
    assert world.call.state is State.ENDED
