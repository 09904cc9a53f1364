"""A call whose end was lost ends when it can have ended, and every end takes effect."""

import asyncio
from dataclasses import replace

import pytest

from callscribe.calls.call import EndedBy, Machine, State
from callscribe.calls.decide import LONGEST_CALL
from callscribe.calls.results import Reason
from callscribe.foundation.errors import TelephonyRefusedError
from callscribe.foundation.moments import Ms, Seconds, iso, later
from tests.fakes.clock import START
from tests.fakes.telephony import Up
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


def minute(number: float) -> Ms:
    """Return a moment by its minute from the beginning of the call."""
    return later(START, Seconds(number * 60))


async def closed(world: World, number: int, at: float, **columns: str) -> None:
    """Have a stream of the call closed in a minute of it."""
    row = {"ConnectionId": f"stream {number}", "ClosedAt": iso(minute(at))}
    await world.transcripts.put(CALL_ID, f"c-{START + number:013d}000000", {**row, **columns})


async def test_a_lost_call_disconnected_is_made_good(world: World) -> None:
    world.given()
    world.telephony.up.clear()
    await minutes(world, 1)
    assert (world.call.state, world.call.ended_by) == (State.ENDED, EndedBy.INFERRED)
    assert world.jobs.of("finish") == [60, 600]
    assert world.calls.rows == {}


async def test_acs_must_say_twice_that_it_does_not_know_a_call(world: World) -> None:
    """It may say so a moment after the answer, when it does not know it yet."""
    world.given()
    known = world.telephony.up.pop(CONNECTION)
    await seconds(world, 15)
    assert world.call.line.unknown_at
    world.telephony.up[CONNECTION] = known
    await minutes(world, 5)
    assert world.call.state is State.CONNECTED
    assert world.call.line.unknown_at is None


@pytest.mark.parametrize("state", ["disconnected"])
async def test_a_call_that_acs_calls_disconnected_is_over(world: World, state: str) -> None:
    world.given()
    world.telephony.up[CONNECTION] = Up(state)
    await seconds(world, 15)
    assert (world.call.state, world.call.ended_by) == (State.ENDED, EndedBy.INFERRED)
    assert world.calls.rows == {}


async def test_the_true_reason_replaces_what_was_inferred_just_before(world: World) -> None:
    """TranscriptionStopped and a 404 may come before CallDisconnected."""
    world.given()
    world.telephony.up.clear()
    await world.follow(world.event("TranscriptionStopped", context="t1"))
    await minutes(world, 1)
    assert world.call.reason == Reason("ACS no longer knows the call.")
    end = world.event("CallDisconnected", code=200, sub_code=7000, message="Hung up.")
    await world.follow(end)
    assert world.call.ended_by is EndedBy.CALLBACK
    assert world.call.reason == Reason("Hung up.", 200, 7000)
    assert world.jobs.of("finish") == [60, 600, 60, 600]


async def test_a_call_whose_end_was_lost_ended_when_its_last_stream_did(world: World) -> None:
    world.given()
    world.telephony.up.clear()
    await closed(world, 1, 0.5, CloseReason="Normal")
    await closed(world, 2, 0.2, CloseReason="ServiceReload")
    opened = {"ConnectionId": "stream 1", "OpenedAt": iso(minute(0.1))}
    await world.transcripts.put(CALL_ID, "c-9", dict(opened))
    await minutes(world, 1)
    assert world.call.ended_at == minute(0.5)
    assert world.call.reason == Reason("ACS no longer knows the call.")


@pytest.mark.parametrize("columns", [{"CloseReason": "ServiceReload"}, {"ClosedAt": ""}])
async def test_a_call_whose_end_no_stream_tells_ended_when_found_out(
    world: World, columns: dict[str, str]
) -> None:
    """The last stream was cut from a call that went on, or its end was lost, too."""
    world.given()
    world.telephony.up.clear()
    await closed(world, 1, 0.1)
    await closed(world, 2, 0.2, OpenedAt=iso(minute(0.15)), **columns)
    await minutes(world, 1)
    assert world.call.ended_at == minute(0.5)  # when ACS had said so for the second time


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
    await seconds(world, 30)
    call = world.call
    assert (call.state, call.ended_at, call.ended_by) == (State.ENDED, minute(9), EndedBy.LIMIT)
    assert call.reason is not None
    assert (call.reason.code, call.reason.remedy is not None) == (code, code == 403)
    assert world.calls.rows == {}


async def test_a_call_that_is_up_after_the_longest_time_is_hung_up(world: World) -> None:
    world.given()
    await world.passing(LONGEST_CALL)
    await minutes(world, 1)
    assert world.telephony.hung_up == [(CONNECTION, True)]
    assert world.call.state is State.ENDED


async def test_an_orphan_is_forgotten_after_five_minutes(world: World) -> None:
    """The worker died between the row of active calls and the record."""
    await world.calls.open(replace(world.usual(), connection_id=None), START, None)
    await minutes(world, 4)
    assert CALL_ID in world.calls.rows
    await minutes(world, 2)
    assert world.calls.rows == {}


@pytest.mark.parametrize("state", [State.ENDED, State.MISSED, State.FAILED])
@pytest.mark.parametrize("connection_id", [None, CONNECTION])
async def test_a_call_that_ended_without_its_effects_is_closed(
    world: World, state: State, connection_id: str | None
) -> None:
    call = world.given(state=state, connection_id=connection_id)
    await world.calls.open(replace(call, state=State.CONNECTED), START, None)
    await seconds(world, 15)
    assert world.jobs.of("finish") == [60, 600]
    assert world.calls.rows == {}
    assert world.call.closed_at


async def test_an_end_whose_reply_was_lost_is_closed_in_a_round_of_the_watch(
    world: World,
) -> None:
    world.given()
    world.telephony.up.clear()
    world.calls.fail("save", LOST, after=True)
    await world.follow(world.event("CallDisconnected"))
    assert CALL_ID in world.calls.rows
    await seconds(world, 30)
    assert world.calls.rows == {}
    assert world.jobs.of("finish") == [60, 600]


class TestOpenedAgain:
    """No call that is up is without its row: whoever deletes that has first saved the call."""

    @pytest.mark.parametrize("place", ["save", "put", "close"])
    @pytest.mark.parametrize("pause", [0.0, 0.01, 0.03, 0.06])
    async def test_a_call_that_is_connected_just_as_it_counts_as_missed_stays_listed(
        self, world: World, place: str, pause: float
    ) -> None:
        given_unanswered(world)
        world.calls.rows[CALL_ID] = replace(world.calls.rows[CALL_ID], connection_id=None)
        await world.passing(60)
        (world.jobs if place == "put" else world.calls).hang(place, 0.05, times=2)
        round_ = asyncio.create_task(world.watch.reconcile())
        await world.passing(pause)
        await world.follow(world.event("CallConnected"))
        await round_
        assert world.call.state is State.CONNECTED
        assert CALL_ID in world.calls.rows
        await minutes(world, 2)
        assert CALL_ID in world.calls.rows
        assert world.telephony.up[CONNECTION].runs == "en-US"

    async def test_a_call_that_is_connected_after_it_counts_as_missed_is_listed_again(
        self, world: World
    ) -> None:
        given_unanswered(world)
        world.calls.put(replace(world.call, machine=Machine()))
        await minutes(world, 1)
        missed = world.call
        assert missed.state is State.MISSED
        assert world.calls.rows == {}
        await world.follow(world.event("CallConnected"))
        up = world.call
        assert up.state is State.CONNECTED
        await minutes(world, 1)
        assert world.telephony.up[CONNECTION].runs == "en-US"
        world.telephony.up.clear()
        await minutes(world, 1)
        assert world.call.state is State.ENDED

    async def test_a_call_that_another_opened_while_it_was_closed_is_kept(
        self, world: World
    ) -> None:
        call = world.given(state=State.ENDED, ended_by=EndedBy.INFERRED)
        await world.calls.open(call, START, None)
        world.telephony.up[CONNECTION] = Up(runs="en-US")
        world.calls.hang("save", 1)
        round_ = asyncio.create_task(outcome(world.watch.reconcile()))
        await world.passing(0.5)
        await world.follow(world.event("CallConnected"))
        await round_
        assert world.call.state is State.CONNECTED
        assert CALL_ID in world.calls.rows
