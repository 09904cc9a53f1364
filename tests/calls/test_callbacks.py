"""Callbacks are decided upon, acted upon, then written down, however they come."""

import asyncio
from dataclasses import replace

import pytest

from callscribe.calls.call import Machine, State
from callscribe.calls.call_events import Callbacks
from callscribe.calls.participants import Participant, Roster
from callscribe.calls.transcription import at_setup
from callscribe.foundation.errors import (
    ConflictError,
    NotFoundError,
    StorageUnavailableError,
    UnavailableError,
)
from callscribe.foundation.moments import iso
from tests.fakes.clock import START
from tests.fakes.wishes import ENGLISH
from tests.fakes.world import CALL_ID, CONNECTION, LOST, World, given_unanswered, minutes, outcome

STARTING = Machine(transcribing=at_setup(ENGLISH))


async def test_a_callback_before_the_answer_returned_tells_the_connection(world: World) -> None:
    given_unanswered(world)
    await world.follow(world.event("CallConnected", server_call_id="s", correlation_id="c"))
    call = world.call
    assert (call.state, call.connection_id) == (State.CONNECTED, CONNECTION)
    assert (call.server_call_id, call.correlation_id) == ("s", "c")


async def test_a_callback_twice_in_sequence_is_acted_upon_once(world: World) -> None:
    given_unanswered(world)
    event = world.event("CallConnected")
    await world.follow(event)
    await world.follow(event)
    assert len(world.telephony.starts) == 1
    assert len(world.transcripts.keys(CALL_ID, "e")) == 1


@pytest.mark.parametrize("deliveries", [2, 3])
async def test_callbacks_at_once_start_transcription_once(world: World, deliveries: int) -> None:
    given_unanswered(world)
    event = world.event("CallConnected")
    world.calls.meet("save", deliveries)
    await asyncio.gather(*(world.follow(event) for _ in range(deliveries)))
    assert len(world.telephony.starts) == 1


async def test_a_replayed_callback_changes_nothing(world: World) -> None:
    world.given(machine=STARTING)
    event = world.event("TranscriptionStarted")
    await world.follow(event)
    after = world.calls.saved[CALL_ID]
    await world.passing(240)
    await world.follow(event)
    assert world.calls.saved[CALL_ID] == after


async def test_an_end_before_the_beginning_wins(world: World) -> None:
    given_unanswered(world)
    late = world.event("CallConnected")
    await world.passing(1)
    await world.follow(world.event("CallDisconnected"))
    await world.follow(late)
    assert world.call.state is State.ENDED
    assert world.telephony.starts == []
    assert len(world.transcripts.keys(CALL_ID, "e")) == 2


async def test_the_end_queues_both_reports_then_forgets_the_call_as_active(world: World) -> None:
    world.given()
    await world.follow(world.event("CallDisconnected", code=200, sub_code=7000))
    assert world.jobs.of("finish") == [60, 600]
    assert CALL_ID not in world.calls.rows
    assert world.call.reason
    assert (world.call.reason.code, world.call.reason.sub_code) == (200, 7000)


async def test_a_missed_call_that_is_connected_after_all_is_active_before_it_is_alive(
    world: World,
) -> None:
    given_unanswered(world, State.MISSED)
    world.calls.rows.clear()
    world.calls.fail("save", ConflictError("changed"), times=5)
    await outcome(world.follow(world.event("CallConnected")))
    assert CALL_ID in world.calls.rows
    await world.follow(world.event("CallConnected"))
    assert world.call.state is State.CONNECTED


@pytest.mark.parametrize("state", [State.CONNECTED, State.ENDED])
async def test_another_calls_event_is_not_found_and_changes_nothing(
    world: World, state: State
) -> None:
    world.given(state=state)
    before = world.calls.saved[CALL_ID]
    mine = world.event("CallDisconnected")
    foreign = world.event("CallDisconnected", call_connection_id="other", id="foreign")
    assert isinstance(await outcome(world.follow(mine, foreign)), NotFoundError)
    assert world.calls.saved[CALL_ID] == before
    assert world.transcripts.keys(CALL_ID) == []


async def test_an_event_that_turns_out_to_be_anothers_changes_nothing(world: World) -> None:
    """The call's connection becomes known between the check and the decision."""
    given_unanswered(world)
    world.transcripts.hang("has", 1)
    foreign = world.event("CallDisconnected", call_connection_id="other")
    delivery = asyncio.create_task(outcome(world.follow(foreign)))
    await world.passing(0.5)
    known = world.calls.put(replace(world.call, connection_id=CONNECTION))
    assert isinstance(await delivery, NotFoundError)
    assert world.call == known


async def test_an_unknown_call_is_not_found_after_one_read(world: World) -> None:
    assert isinstance(await outcome(world.follow(world.event("CallConnected"))), NotFoundError)
    assert world.calls.log == [("read", CALL_ID)]
    assert world.transcripts.log == []


async def test_an_unknown_type_is_written_down_and_changes_nothing(world: World) -> None:
    before = world.given()
    await world.follow(world.event("SomethingNew", code=299, message="news", details="d"))
    assert world.call == before
    [row] = world.transcripts.of_kind(CALL_ID, "e")
    assert (row["Type"], row["Code"], row["Message"], row["Details"]) == (
        "SomethingNew",
        299,
        "news",
        "d",
    )


async def test_an_event_without_a_time_has_one_row_however_often_it_comes(world: World) -> None:
    world.given()
    event = world.event("ParticipantsUpdated", time=None)
    await world.follow(event)
    await world.passing(1)
    await world.follow(event)
    [row] = world.transcripts.of_kind(CALL_ID, "e")
    assert "Time" not in row


async def test_unreadable_events_do_not_spoil_the_others(world: World) -> None:
    world.given()
    events = (world.event("CallDisconnected"),)
    await world.call_back(Callbacks(events, ("event 0: expected `object`",)))
    assert world.call.state is State.ENDED


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("place", ["read", "save", "has", "put", "jobs", "listed"])
async def test_a_storage_outage_in_the_middle_is_outlasted(
    world: World, place: str, *, after: bool
) -> None:
    world.given()
    target = {"has": world.transcripts, "put": world.transcripts, "jobs": world.jobs}
    method = "put" if place == "jobs" else place
    target.get(place, world.calls).fail(method, LOST, times=6, after=after)
    await world.follow(world.event("CallDisconnected"))
    assert world.call.state is State.ENDED
    assert len(world.transcripts.keys(CALL_ID, "e")) == 1
    if (place, after) != ("save", True):  # a lost reply hides the effects: see reconciling
        assert set(world.jobs.of("finish")) == {60, 600}
        assert CALL_ID not in world.calls.rows


async def test_the_timeline_comes_last_so_that_a_crash_leaves_the_event_to_be_done_again(
    world: World,
) -> None:
    world.given()
    world.jobs.fail("put", LOST, times=1_000)
    event = world.event("CallDisconnected")
    assert isinstance(await outcome(world.follow(event)), UnavailableError)
    assert world.transcripts.keys(CALL_ID, "e") == []
    assert CALL_ID in world.calls.rows  # so that reconciling closes it


async def test_an_end_is_written_down_although_its_call_stays_listed(world: World) -> None:
    """That list is our own: the watch takes the call off it later."""
    world.given()
    world.telephony.up.clear()
    world.calls.fail("close", LOST, times=1_000)
    await world.follow(world.event("CallDisconnected"))
    assert len(world.transcripts.keys(CALL_ID, "e")) == 1
    assert CALL_ID in world.calls.rows
    world.calls.heal()
    await minutes(world, 1)
    assert CALL_ID not in world.calls.rows


async def test_an_outage_longer_than_the_deadline_is_unavailable(world: World) -> None:
    world.given()
    world.transcripts.fail("has", LOST, times=1_000)
    assert isinstance(
        await outcome(world.follow(world.event("CallDisconnected"))), StorageUnavailableError
    )
    assert START + 28_000 <= world.clock.now() <= START + 30_000


async def test_who_loses_a_race_decides_again_on_what_won(world: World) -> None:
    world.given(machine=STARTING)
    started, ended = world.event("TranscriptionStarted"), world.event("CallDisconnected")
    world.calls.meet("save", 2)
    await asyncio.gather(world.follow(started), world.follow(ended))
    assert world.call.state is State.ENDED
    assert world.jobs.of("finish") == [60, 600]


async def test_a_call_that_failed_to_be_answered_is_closed(world: World) -> None:
    given_unanswered(world)
    await world.follow(world.event("AnswerFailed", code=500, sub_code=9999, message="oh"))
    assert world.call.reason
    assert (world.call.state, world.call.reason.text) == (State.MISSED, "oh")
    assert world.jobs.of("finish") == [60, 600]


async def test_who_is_on_the_call_is_noted_from_its_callbacks(world: World) -> None:
    """Who only listens is found from the list on, and was there until the call ended."""
    world.given()
    listed = Roster(1, (Participant("8:acs:listener"),))
    await world.follow(world.event("ParticipantsUpdated", roster=listed))
    assert ("8:acs:listener", CALL_ID) in world.calls.links
    await world.passing(60)
    await world.follow(world.event("CallDisconnected"))
    [row] = [row for key, row in world.transcripts.calls[CALL_ID].items() if key[:2] == "p-"]
    assert row["LeftAt"] == iso(world.clock.now())
