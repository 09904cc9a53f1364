"""What was lost is found out by asking ACS, and trouble with one call keeps from no other."""

import asyncio
from dataclasses import replace

import pytest

from callscribe.calls.call import Machine, State, Transcription
from callscribe.calls.ports import Active
from callscribe.calls.transcription import at_setup
from callscribe.foundation.columns import Columns
from callscribe.foundation.errors import CallscribeError, TelephonyRefusedError
from callscribe.foundation.identifiers import new_call_id
from callscribe.foundation.moments import Ms, Seconds, later
from callscribe.stream.upstream import Kind
from tests.fakes.clock import START
from tests.fakes.telephony import Up
from tests.fakes.wishes import ENGLISH
from tests.fakes.world import (
    BUSY,
    CALL_ID,
    CONNECTION,
    LOST,
    World,
    given_unanswered,
    minutes,
    outcome,
    seconds,
)

STARTING = Machine(transcribing=at_setup(ENGLISH))


async def test_a_call_that_is_up_and_as_known_is_left_alone_and_not_read(world: World) -> None:
    before = world.given()
    await minutes(world, 5)
    assert world.call == before
    assert world.telephony.starts == []
    assert world.calls.count("read") == 0
    assert world.calls.count("save") == 0


async def test_acs_writes_a_locale_in_another_case_and_that_is_no_news(world: World) -> None:
    world.given()
    world.telephony.up[CONNECTION].runs = "en-us"
    await minutes(world, 5)
    assert world.calls.count("read") == 0


@pytest.mark.parametrize(("on", "polls"), [(True, 20), (False, 10)])
async def test_acs_is_asked_more_often_where_transcription_is_wanted(
    world: World, polls: int, *, on: bool
) -> None:
    world.given(wish=replace(world.usual().wish, on=on))
    if not on:
        world.given(wish=replace(world.usual().wish, on=False), machine=Machine())
    await minutes(world, 10)
    assert polls <= world.telephony.count("poll") <= polls + 1


async def test_a_lost_call_connected_is_made_good(world: World) -> None:
    world.given(state=State.CONNECTING, machine=Machine(), connected_at=None)
    await seconds(world, 15)
    assert world.call.state is State.CONNECTED
    assert world.call.connected_at == later(START, Seconds(15))
    assert len(world.telephony.starts) == 1


async def test_a_lost_transcription_started_is_made_good(world: World) -> None:
    world.given(machine=STARTING)
    world.telephony.up[CONNECTION].runs = "en-US"
    await seconds(world, 15)
    assert world.call.transcription is Transcription.ACTIVE


async def test_a_start_that_is_not_confirmed_is_asked_for_and_made_again(world: World) -> None:
    world.given(state=State.CONNECTING, machine=Machine())
    world.telephony.idle = True
    await minutes(world, 10)
    asked = [entry[0] for entry in world.telephony.log]
    assert asked[:4] == ["poll", "start", "poll", "start"]
    assert "start start" not in " ".join(asked)
    assert len(world.telephony.starts) > 10
    starting = world.call
    assert starting.transcription is Transcription.STARTING
    assert starting.problem
    world.telephony.idle = False
    await minutes(world, 1)
    assert world.call.transcription is Transcription.ACTIVE


async def test_transcription_that_is_found_stopped_is_started_again(world: World) -> None:
    """TranscriptionFailed or TranscriptionStopped was lost."""
    world.given()
    world.telephony.up[CONNECTION].runs = None
    await seconds(world, 35)
    assert len(world.telephony.starts) == 1


async def test_another_language_than_the_one_that_is_wanted_is_changed(world: World) -> None:
    world.given()
    world.telephony.up[CONNECTION].runs = "de-DE"
    await seconds(world, 35)
    assert world.telephony.up[CONNECTION].runs == "en-US"


class TestRinging:
    async def test_a_call_that_rang_until_nobody_answered_is_missed(self, world: World) -> None:
        """Its worker died: the lease, of 8 s, was not renewed, and nobody took it over."""
        given_unanswered(world)
        await seconds(world, 30)
        assert not world.call.terminal
        await seconds(world, 15)
        assert world.call.state is State.MISSED
        assert world.calls.rows == {}
        assert world.telephony.log == []

    async def test_thirty_calls_that_rang_as_the_app_was_killed_are_found_in_time(
        self, world: World
    ) -> None:
        """ACS had answered, and streamed: the app learns that within a round of the watch."""
        given_unanswered(world)
        calls = [new_call_id(Ms(START + each), f"event {each}") for each in range(30)]
        ringing = world.call
        for each in calls:
            world.calls.put(replace(ringing, id=each))
            world.telephony.up[f"connection-{each}"] = Up(runs="en-US")
            columns: Columns = {"CallConnectionId": f"connection-{each}"}
            await world.transcripts.put(each, "c-0000000000000000001", columns)
        await seconds(world, 30)
        assert {world.calls.call(each).state for each in calls} == {State.CONNECTED}

    async def test_a_call_that_acs_streams_was_answered_though_nobody_saved_that(
        self, world: World
    ) -> None:
        """The worker died in the moment of the answer, and its stream was let in unseen."""
        given_unanswered(world)
        world.calls.put(replace(world.call, machine=STARTING))
        world.telephony.up[CONNECTION] = Up(runs="en-US")
        await world.passing(1)
        names = ("x-ms-call-connection-id", CONNECTION), ("x-ms-call-correlation-id", "correlation")
        headers = {"headers": {name: [value] for name, value in names}}
        world.calls.fail("save", LOST, times=10_000)
        await world.receive(world.upstream(Kind.CONNECT, 0, headers))
        world.calls.heal()
        await seconds(world, 15)
        call = world.call
        assert (call.connection_id, call.correlation_id) == (CONNECTION, "correlation")
        await seconds(world, 15)
        assert (world.call.state, world.call.transcription) == (
            State.CONNECTED,
            Transcription.ACTIVE,
        )

    async def test_a_stream_that_names_no_call_of_acs_proves_nothing(self, world: World) -> None:
        given_unanswered(world)
        await world.receive(world.upstream(Kind.CONNECT, 0))
        await minutes(world, 1)
        assert world.call.state is State.MISSED

    async def test_a_call_that_callbacks_know_is_asked_about(self, world: World) -> None:
        world.given(state=State.ANSWERING, answered_at=None)
        await seconds(world, 15)
        assert world.call.state is State.CONNECTED


class TestTrouble:
    OTHER = new_call_id(Ms(START + 1), "other")

    @pytest.mark.parametrize(
        "error",
        [
            BUSY,
            TelephonyRefusedError("Denied", http_status=403),
            LOST,
            CallscribeError("a row of Calls does not say how a call stands"),
            KeyError("CallConnectionId"),
            ValueError(),
            AssertionError(),
        ],
    )
    @pytest.mark.parametrize("place", ["poll", "read", "save", "track"])
    async def test_trouble_with_one_call_does_not_keep_from_the_others(
        self, world: World, error: Exception, place: str
    ) -> None:
        world.given(state=State.CONNECTING)
        world.calls.put(replace(world.call, id=self.OTHER, connection_id="other"))
        world.telephony.up["other"] = Up(runs="en-US")
        (world.telephony if place == "poll" else world.calls).fail(place, error)
        await world.passing(15)
        await world.watch.reconcile()
        states = [stored.call.state for stored in world.calls.saved.values()]
        assert State.CONNECTED in states
        await seconds(world, 60)
        assert {stored.call.state for stored in world.calls.saved.values()} == {State.CONNECTED}

    @pytest.mark.parametrize("key", ["", "no id", "\U0001f600", "a" * 1_000, "01M829QD7R"])
    async def test_a_row_of_another_hand_costs_no_round(self, world: World, key: str) -> None:
        world.given(state=State.CONNECTING)
        world.calls.rows[key] = Active(key, "odd", Ms(0))
        await seconds(world, 15)
        assert world.call.state is State.CONNECTED

    async def test_a_connecting_call_without_a_connection_id_costs_no_round(
        self, world: World
    ) -> None:
        world.given(state=State.CONNECTING)
        world.calls.put(replace(world.call, id=self.OTHER, connection_id=None))
        await seconds(world, 15)
        assert world.call.state is State.CONNECTED

    async def test_a_row_that_does_not_know_the_connection_yet_is_brought_in_step(
        self, world: World
    ) -> None:
        """The worker died after it had saved the answer."""
        world.given(state=State.CONNECTING)
        world.calls.rows[CALL_ID] = replace(world.calls.rows[CALL_ID], connection_id=None)
        world.telephony.up.clear()
        await minutes(world, 1)
        assert world.call.state is State.ENDED

    async def test_one_that_never_gets_one_is_over_after_the_longest_time(
        self, world: World
    ) -> None:
        world.given(state=State.CONNECTING, connection_id=None)
        await world.passing(world.effects.longest - 60)
        await seconds(world, 45)
        assert not world.call.terminal
        await seconds(world, 45)
        assert world.call.state is State.ENDED
        assert world.calls.rows == {}

    async def test_a_storage_outage_stops_the_round_and_not_the_next(self, world: World) -> None:
        world.given()
        world.telephony.up.clear()
        await world.passing(15)
        world.calls.fail("due", LOST)
        assert await outcome(world.watch.reconcile()) is LOST
        await seconds(world, 30)
        assert world.call.state is State.ENDED

    async def test_a_round_is_over_before_the_next_though_acs_hangs(self, world: World) -> None:
        for number in range(200):
            call_id = new_call_id(Ms(START + number), "one")
            world.calls.put(replace(world.usual(), id=call_id, connection_id=f"c{number}"))
        world.telephony.hang("poll", 600, times=10_000)
        await world.watch.reconcile()
        assert world.clock.now() <= later(START, Seconds(15))
        world.telephony.heal()
        for number in range(200):
            world.telephony.up[f"c{number}"] = Up(runs=None)
        await seconds(world, 45)
        assert len(world.telephony.starts) == 200

    async def test_two_rounds_at_once_start_once(self, world: World) -> None:
        world.given(state=State.CONNECTING, machine=Machine())
        world.calls.meet("save", 2)
        await asyncio.gather(world.watch.reconcile(), world.watch.reconcile())
        assert len(world.telephony.starts) == 1
