"""Callbacks start transcription, and start it again while that may help; the reason is shown."""

import asyncio

import pytest

from callscribe.calls.call import State, Transcription
from callscribe.foundation.errors import TelephonyRefusedError
from tests.fakes.world import BUSY, CALL_ID, CONNECTION, LOST, World, given_unanswered


async def test_starts_transcription_once_the_intent_is_saved(world: World) -> None:
    given_unanswered(world)
    world.telephony.hang("start", 1)
    delivery = asyncio.create_task(world.follow(world.event("CallConnected")))
    await world.passing(0.5)
    assert world.call.transcription is Transcription.STARTING
    assert world.telephony.starts == []
    await delivery
    assert world.telephony.starts == [CALL_ID]


async def test_transcription_that_runs_already_is_a_success(world: World) -> None:
    given_unanswered(world)
    world.telephony.up[CONNECTION].transcribing = True
    refused = TelephonyRefusedError("conflict", http_status=409)
    world.telephony.fail("start", refused)
    await world.follow(world.event("CallConnected"))
    assert world.call.transcription is Transcription.ACTIVE


async def test_a_start_whose_reply_was_lost_is_a_success(world: World) -> None:
    given_unanswered(world)
    world.telephony.fail("start", BUSY, after=True)
    await world.follow(world.event("CallConnected"))
    assert world.call.transcription is Transcription.ACTIVE
    assert world.jobs.of("transcribe") == []


async def test_a_start_for_a_call_that_is_gone_closes_it(world: World) -> None:
    given_unanswered(world)
    world.telephony.up.clear()
    await world.follow(world.event("CallConnected"))
    assert world.call.state is State.ENDED
    assert CALL_ID not in world.calls.checked


async def test_a_start_that_may_work_later_is_queued_for_later(world: World) -> None:
    given_unanswered(world)
    world.telephony.fail("start", BUSY)
    await world.follow(world.event("CallConnected"))
    assert world.call.transcription is Transcription.STARTING
    assert world.jobs.of("transcribe") == [1]


async def test_a_start_that_can_never_work_is_told_with_its_remedy(world: World) -> None:
    given_unanswered(world)
    refused = TelephonyRefusedError("cognitive services missing", http_status=405, sub_code=8522)
    world.telephony.fail("start", refused)
    await world.follow(world.event("CallConnected"))
    call = world.call
    assert (call.state, call.transcription) == (State.CONNECTED, Transcription.FAILED)
    assert call.reason
    assert "COGNITIVE_SERVICES_ENDPOINT" in str(call.reason.remedy)


async def test_watchers_are_told_last_what_was_decided_last(world: World) -> None:
    given_unanswered(world)
    world.telephony.fail("start", TelephonyRefusedError("", http_status=405, sub_code=8520))
    await world.follow(world.event("CallConnected"))
    assert [message["transcription"] for message in world.feed.of(CALL_ID)] == [
        "starting",
        "failed",
    ]


@pytest.mark.parametrize("kind", ["TranscriptionFailed", "TranscriptionStopped"])
async def test_lost_transcription_is_restarted_a_bounded_number_of_times(
    world: World, kind: str
) -> None:
    """Never a start-stop loop: the delays grow, then the reason is shown."""
    world.given(transcription=Transcription.STARTING)
    for _ in range(10):
        await world.passing(20)
        world.telephony.up[CONNECTION].transcribing = False
        await world.follow(world.event(kind, code=500, sub_code=8578, message="no WebSocket"))
        await world.passing(20)
        for job in world.jobs.take():
            await world.runner.run(job)
    assert world.call.transcription is Transcription.FAILED
    assert world.call.reason
    assert world.call.reason.text
    assert world.jobs.of("transcribe") == [1, 2, 4, 8]
    assert len(world.telephony.starts) == 4


@pytest.mark.parametrize("after", [False, True])
async def test_a_restart_job_is_queued_although_storage_fails_for_a_while(
    world: World, *, after: bool
) -> None:
    world.given()
    world.jobs.fail("put", LOST, times=3, after=after)
    await world.follow(world.event("TranscriptionFailed", code=500, sub_code=8580))
    assert 1 in world.jobs.of("transcribe")
