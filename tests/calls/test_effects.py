"""Effects are done after the save, and watchers are told whatever becomes of them."""

import json
from dataclasses import replace

import pytest

from callscribe.calls.call import Reason, State, Transcription
from callscribe.calls.events import Decision, Effect, EffectKind
from callscribe.foundation.jobs import Job
from callscribe.foundation.moments import Seconds
from tests.fakes.clock import START
from tests.fakes.world import BUSY, CALL_ID, LOST, World, outcome


async def test_watchers_are_told_how_the_call_stands(world: World) -> None:
    await world.effects.perform(Decision(world.given()))
    assert world.feed.of(CALL_ID) == [
        {"type": "state", "state": "connected", "transcription": "active", "callId": CALL_ID}
    ]


async def test_a_call_left_without_transcription_is_logged_for_the_alert(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    reason = Reason("no such locale", 400, 8565)
    await world.effects.perform(Decision(world.given(transcription=Transcription.FAILED)))
    call = world.given(transcription=Transcription.FAILED, reason=reason)
    await world.effects.perform(Decision(call))
    lines = [json.loads(record.message) for record in caplog.records]
    assert [(line["event"], line["code"], line["subCode"]) for line in lines] == [
        ("transcriptionFailed", None, None),
        ("transcriptionFailed", 400, 8565),
    ]


async def test_a_restart_is_queued_for_just_this_attempt(world: World) -> None:
    call = world.given(transcription=Transcription.STARTING, transcription_attempts=3)
    await world.effects.perform(Decision(call, (Effect(EffectKind.START_LATER, Seconds(4)),)))
    assert world.jobs.queued == [(Job("transcribe", CALL_ID, 3), 4)]


async def test_both_reports_are_queued_before_the_call_is_forgotten(world: World) -> None:
    call = world.given(state=State.ENDED)
    await world.calls.remember(CALL_ID, START)
    world.jobs.fail("put", LOST, times=1_000)
    work = world.effects.perform(Decision(call, (Effect(EffectKind.FINISH),)))
    assert await outcome(work) is not None
    assert CALL_ID in world.calls.checked


async def test_reopening_was_done_before_the_save(world: World) -> None:
    await world.effects.perform(Decision(world.given(), (Effect(EffectKind.REOPEN),)))
    assert world.calls.log == []


async def test_a_start_about_which_acs_cannot_be_asked_is_left_to_reconciling(
    world: World,
) -> None:
    call = world.given(transcription=Transcription.STARTING)
    world.telephony.fail("start", BUSY)
    world.telephony.fail("poll", BUSY)
    assert await outcome(world.effects.start(call)) is BUSY
    assert world.call.transcription is Transcription.STARTING


@pytest.mark.parametrize("times", [1, 3])
async def test_a_failed_start_is_decided_upon_although_storage_fails_for_a_while(
    world: World, times: int
) -> None:
    call = world.given(transcription=Transcription.STARTING)
    world.telephony.fail("start", BUSY)
    world.calls.fail("save", LOST, times=times)
    await world.effects.start(call)
    assert world.jobs.of("transcribe") == [1]


async def test_a_start_that_fails_after_the_call_ended_changes_nothing(world: World) -> None:
    call = world.given(transcription=Transcription.STARTING)
    ended = world.calls.put(replace(call, state=State.ENDED))
    world.telephony.fail("start", BUSY)
    await world.effects.start(call)
    assert world.call == ended
    assert world.jobs.queued == []
