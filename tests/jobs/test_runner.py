"""Jobs are done, put off, or done with."""

from typing import Any

import pytest

from callscribe.calls.call import State, Transcription
from callscribe.foundation.errors import TelephonyRefusedError
from callscribe.foundation.jobs import Job
from tests.fakes.world import BUSY, CALL_ID, CONNECTION, LOST, World, minutes, outcome


def transcribe(attempt: int = 2) -> Job:
    return Job("transcribe", CALL_ID, attempt)


async def test_a_queue_that_is_late_costs_only_the_attempt_that_it_holds(world: World) -> None:
    """What the queue should have driven long ago is driven here, and its job does nothing then."""
    world.given(transcription=Transcription.STARTING, transcription_attempts=2)
    world.telephony.idle = True
    for _ in range(8):
        await world.passing(60)
        await world.watch.reconcile()
        await world.runner.run(transcribe(2))
    assert len(world.telephony.starts) == 3
    assert world.call.transcription_attempts == 5
    assert world.call.transcription is Transcription.FAILED


@pytest.mark.parametrize(
    "changes",
    [
        {"transcription": Transcription.ACTIVE},
        {"transcription": Transcription.STOPPED},
        {"transcription": Transcription.FAILED},
        {"state": State.ENDED},
        {"transcription_attempts": 3},
    ],
)
async def test_a_restart_that_nobody_waits_for_any_more_is_not_done(
    world: World, changes: dict[str, Any]
) -> None:
    waiting = {"transcription": Transcription.STARTING, "transcription_attempts": 2}
    world.given(**(waiting | changes))
    await world.runner.run(transcribe())
    assert world.telephony.log == []


async def test_a_restart_asks_acs_before_it_starts(world: World) -> None:
    world.given(transcription=Transcription.STARTING, transcription_attempts=2)
    world.telephony.up[CONNECTION].transcribing = True
    await world.runner.run(transcribe())
    assert world.telephony.starts == []
    assert world.call.transcription is Transcription.ACTIVE


async def test_a_restart_of_a_call_that_is_gone_ends_it(world: World) -> None:
    world.given(transcription=Transcription.STARTING, transcription_attempts=2)
    world.telephony.up.clear()
    await world.runner.run(transcribe())
    assert world.call.state is State.ENDED


async def test_the_same_job_twice_starts_once(world: World) -> None:
    world.given(transcription=Transcription.STARTING, transcription_attempts=2)
    await world.runner.run(transcribe())
    await world.runner.run(transcribe())
    assert world.telephony.starts == [CALL_ID]


@pytest.mark.parametrize("error", [BUSY, LOST])
async def test_a_job_that_cannot_be_done_now_is_queued_again(
    world: World, error: Exception
) -> None:
    world.given(transcription=Transcription.STARTING, transcription_attempts=2)
    world.telephony.fail("poll", error)
    await world.runner.run(transcribe())
    assert world.jobs.queued == [(transcribe(), 15)]


async def test_a_job_that_acs_refuses_is_left_to_reconciling(world: World) -> None:
    world.given(transcription=Transcription.STARTING, transcription_attempts=2)
    world.telephony.fail("poll", TelephonyRefusedError("Denied", http_status=403))
    await world.runner.run(transcribe())
    assert world.jobs.queued == []
    await minutes(world, 2)
    assert world.telephony.starts == [CALL_ID]


@pytest.mark.parametrize("kind", ["finish", "transcribe"])
async def test_a_job_for_an_unknown_call_is_done_with(world: World, kind: Any) -> None:
    await world.runner.run(Job(kind, CALL_ID))
    assert world.jobs.queued == []


async def test_a_bug_in_a_job_raises_so_that_the_host_keeps_the_message(world: World) -> None:
    world.given(state=State.ENDED)
    world.transcripts.fail("rows", ZeroDivisionError())
    failure = await outcome(world.runner.run(Job("finish", CALL_ID)))
    assert isinstance(failure, ZeroDivisionError)
