"""Jobs are done, put off, or put where people find them."""

import json
from typing import Any

import pytest

from callscribe.calls.call import State, Transcription
from callscribe.calls.events import StreamClosed
from callscribe.foundation.errors import (
    CallscribeError,
    ConflictError,
    StorageRefusedError,
    TelephonyRefusedError,
)
from callscribe.foundation.jobs import Job
from callscribe.jobs.runner import REPORT
from tests.fakes.telephony import Up
from tests.fakes.world import BUSY, CALL_ID, CONNECTION, LOST, World, outcome, seconds

WAKE, FINISH = Job("wake", CALL_ID), Job("finish", CALL_ID)


async def test_a_wake_up_does_what_is_due(world: World) -> None:
    world.given()
    world.telephony.up[CONNECTION] = Up(runs=None)
    await world.effects.tell(CALL_ID, StreamClosed())
    await world.passing(3)
    await world.runner.run(WAKE)
    assert world.telephony.count("poll") == 1
    assert world.call.transcription is Transcription.STARTING
    assert world.call.problem


async def test_a_wake_up_that_comes_early_or_again_does_nothing(world: World) -> None:
    before = world.given()
    for _ in range(3):
        await world.runner.run(WAKE)
    assert world.call == before
    assert world.telephony.log == []
    assert world.jobs.queued == []


@pytest.mark.parametrize("state", [State.ENDED, State.MISSED, State.FAILED])
async def test_nothing_is_due_of_a_call_that_is_over(world: World, state: State) -> None:
    before = world.given(state=state)
    await world.runner.run(WAKE)
    assert world.call == before
    assert world.telephony.log == []


async def test_the_same_job_twice_starts_once(world: World) -> None:
    world.given()
    world.telephony.up[CONNECTION] = Up(runs=None)
    await world.follow(world.event("TranscriptionStopped", context="t1"))
    await world.passing(5)
    await world.runner.run(WAKE)
    await world.runner.run(WAKE)
    assert len(world.telephony.starts) == 1


@pytest.mark.parametrize("error", [BUSY, TelephonyRefusedError("Denied", http_status=403)])
async def test_a_look_without_an_answer_is_left_to_the_watch(
    world: World, error: Exception
) -> None:
    world.given()
    world.telephony.up[CONNECTION] = Up(runs=None)
    await world.effects.tell(CALL_ID, StreamClosed())
    world.telephony.fail("poll", error)
    await world.passing(3)
    await world.runner.run(WAKE)
    await seconds(world, 40)
    assert len(world.telephony.starts) == 1


async def test_a_wake_up_that_cannot_be_done_is_tried_once_more_and_left_to_the_watch(
    world: World,
) -> None:
    world.given()
    world.calls.fail("read", LOST, times=10_000)
    await world.runner.run(WAKE)
    assert world.jobs.queued == [(Job("wake", CALL_ID, 1), 15)]
    await world.runner.run(Job("wake", CALL_ID, 1))
    assert len(world.jobs.queued) == 1
    assert world.jobs.poisoned == []


@pytest.mark.parametrize(
    "error", [LOST, ConflictError("changed"), StorageRefusedError("odd"), CallscribeError("spoilt")]
)
async def test_a_report_that_cannot_be_written_goes_to_poison_after_its_last_try(
    world: World, error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    """Never for ever: 5,760 tries a day for one call, and nobody knows."""
    world.given(state=State.ENDED)
    await world.jobs.put(FINISH, 0)  # type: ignore[arg-type] # at once
    runs = 0
    for _ in range(100):
        world.transcripts.fail("rows", error)
        for job in world.jobs.take():
            runs += 1
            await world.runner.run(job)
        await world.passing(600)
    assert runs == REPORT.attempts == 12
    assert world.jobs.poisoned == [Job("finish", CALL_ID, 12)]
    pauses = [delay for _, delay in world.jobs.queued][1:]
    assert pauses == [15, 30, 60, 120, 240, 480, 960, 1_920, 3_600, 3_600, 3_600]
    [given_up] = [line for line in _lines(caplog) if line["event"] == "jobGivenUp"]
    assert given_up["tries"] == 12


async def test_a_report_outlasts_hours_without_storage(world: World) -> None:
    world.given(state=State.ENDED)
    await world.runner.run(FINISH)
    first = world.call.finished_at
    world.transcripts.fail("rows", LOST, times=10)
    await world.runner.run(FINISH)
    for _ in range(30):
        for job in world.jobs.take():
            await world.runner.run(job)
        await world.passing(600)
    assert world.jobs.poisoned == []
    assert first
    assert world.call.finished_at
    assert world.call.finished_at > first


@pytest.mark.parametrize("kind", ["finish", "wake"])
async def test_a_job_for_an_unknown_call_is_done_with(world: World, kind: Any) -> None:
    await world.runner.run(Job(kind, CALL_ID))
    assert world.jobs.queued == []
    assert world.jobs.poisoned == []


async def test_a_call_that_is_up_is_not_reported_on(world: World) -> None:
    before = world.given()
    await world.runner.run(FINISH)
    assert world.call == before
    assert world.transcripts.log == []
    assert world.jobs.queued == []


async def test_a_bug_in_a_job_raises_so_that_the_host_keeps_the_message(world: World) -> None:
    world.given(state=State.ENDED)
    world.transcripts.fail("rows", ZeroDivisionError())
    failure = await outcome(world.runner.run(FINISH))
    assert isinstance(failure, ZeroDivisionError)


async def test_where_the_queue_is_out_too_the_host_keeps_the_message(world: World) -> None:
    world.given(state=State.ENDED)
    world.transcripts.fail("rows", LOST)
    world.jobs.fail("put", LOST)
    assert await outcome(world.runner.run(FINISH)) is LOST


def _lines(caplog: pytest.LogCaptureFixture) -> list[dict[str, Any]]:
    return [json.loads(record.message) for record in caplog.records]
