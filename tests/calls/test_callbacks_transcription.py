"""Callbacks start transcription, and start it again for as long as the call lasts."""

import asyncio

import pytest

from callscribe.calls.call import Machine, State, Transcription
from callscribe.calls.transcription import at_setup
from callscribe.foundation.errors import TelephonyRefusedError
from tests.fakes.telephony import Up
from tests.fakes.wishes import ENGLISH
from tests.fakes.world import BUSY, CONNECTION, LOST, World, given_unanswered, minutes, seconds


async def test_starts_transcription_once_the_intent_is_saved(world: World) -> None:
    given_unanswered(world)
    world.telephony.hang("start", 1)
    delivery = asyncio.create_task(world.follow(world.event("CallConnected")))
    await world.passing(0.5)
    assert world.call.transcription is Transcription.STARTING
    assert world.telephony.starts == []
    await delivery
    assert world.telephony.starts == [world.call.transcribing.out]


async def test_a_start_that_finds_transcription_running_is_found_to_be_a_success(
    world: World,
) -> None:
    given_unanswered(world)
    world.telephony.up[CONNECTION].runs = "en-US"
    refused = TelephonyRefusedError("conflict", http_status=400, sub_code=8500)
    world.telephony.fail("start", refused, times=1_000)
    await world.follow(world.event("CallConnected"))
    await minutes(world, 1)
    assert world.call.transcription is Transcription.ACTIVE
    assert world.call.problem is None


@pytest.mark.parametrize("sub_code", [None, 8528])
async def test_a_refusal_that_nobody_has_documented_is_not_the_last_word(
    world: World, sub_code: int | None
) -> None:
    """An unknown 400 may mean that it runs already: ACS is asked."""
    given_unanswered(world)
    world.telephony.fail(
        "start", TelephonyRefusedError("odd", http_status=400, sub_code=sub_code), times=1_000
    )
    await world.follow(world.event("CallConnected"))
    world.telephony.up[CONNECTION].runs = "en-US"
    await minutes(world, 1)
    assert world.call.transcription is Transcription.ACTIVE


async def test_failed_does_not_stay_where_acs_says_that_it_runs(world: World) -> None:
    given_unanswered(world)
    refused = TelephonyRefusedError("no such locale", http_status=400, sub_code=8523)
    world.telephony.fail("start", refused)
    await world.follow(world.event("CallConnected"))
    refused_call = world.call
    assert refused_call.transcription is Transcription.FAILED
    world.telephony.up[CONNECTION].runs = "en-US"
    await minutes(world, 1)
    assert world.call.transcription is Transcription.ACTIVE
    assert world.call.problem is None


async def test_a_start_whose_reply_was_lost_is_a_success(world: World) -> None:
    given_unanswered(world)
    world.telephony.fail("start", BUSY, after=True)
    await world.follow(world.event("CallConnected"))
    await world.follow(world.event("TranscriptionStarted", context="t1"))
    await minutes(world, 1)
    assert world.call.transcription is Transcription.ACTIVE
    assert len(world.telephony.starts) == 1


async def test_what_runs_since_setup_is_confirmed_by_its_number(world: World) -> None:
    world.given(state=State.CONNECTING, machine=Machine(transcribing=at_setup(ENGLISH)))
    await world.follow(world.event("CallConnected"))
    await world.follow(world.event("TranscriptionStarted", context="t1"))
    assert world.call.transcription is Transcription.ACTIVE
    assert world.telephony.starts == []


@pytest.mark.parametrize("kind", ["TranscriptionFailed", "TranscriptionStopped"])
async def test_lost_transcription_is_started_again_for_as_long_as_the_call_lasts(
    world: World, kind: str
) -> None:
    """ACS is asked ever more seldom, and never given up."""
    world.given()
    for _ in range(20):
        number = world.call.transcribing.number
        world.telephony.up[CONNECTION].runs = None
        event = world.event(kind, code=500, sub_code=8578, message="x", context=f"t{number}")
        await world.follow(event)
        lost = world.call
        assert lost.transcription is Transcription.STARTING
        assert lost.problem
        await seconds(world, 45)
        assert world.call.transcription is not Transcription.FAILED
    assert len(world.telephony.starts) == 20
    await world.follow(world.event("TranscriptionStarted", context="t21"))
    assert world.call.transcription is Transcription.ACTIVE


async def test_a_language_that_is_refused_is_tried_again_every_five_minutes(
    world: World,
) -> None:
    """Who mends the setup need not do anything about the call."""
    given_unanswered(world)
    refused = TelephonyRefusedError("no such locale", http_status=400, sub_code=8523)
    world.telephony.fail("start", refused, times=2)
    await world.follow(world.event("CallConnected"))
    await minutes(world, 4)
    assert world.telephony.count("start") == 1
    await minutes(world, 7)
    assert world.telephony.count("start") == 3
    await world.follow(world.event("TranscriptionStarted", context="t3"))
    assert world.call.transcription is Transcription.ACTIVE


@pytest.mark.parametrize("after", [False, True])
async def test_a_wake_up_is_queued_although_storage_fails_for_a_while(
    world: World, *, after: bool
) -> None:
    world.given()
    world.jobs.fail("put", LOST, times=3, after=after)
    await world.follow(world.event("TranscriptionFailed", code=500, sub_code=8580))
    assert world.jobs.of("wake")


async def test_a_call_that_ended_meanwhile_is_not_started_again(world: World) -> None:
    world.given()
    await world.follow(world.event("TranscriptionFailed", code=500, sub_code=8580, context="t1"))
    world.telephony.up.clear()
    await world.follow(world.event("CallDisconnected"))
    await minutes(world, 1)
    assert world.telephony.starts == []
    assert world.call.state is State.ENDED


async def test_a_hundred_failures_of_an_earlier_start_are_history(world: World) -> None:
    world.given()
    world.telephony.up[CONNECTION] = Up(runs=None)
    failed = world.event("TranscriptionFailed", code=500, sub_code=8580, context="t1")
    await world.follow(failed)
    await seconds(world, 10)
    await world.follow(world.event("TranscriptionStarted", context="t2"))
    running = world.call
    for number in range(100):
        await world.follow(
            world.event("TranscriptionFailed", id=f"late {number}", code=403, context="t1")
        )
    assert world.call == running
