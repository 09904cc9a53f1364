"""Jobs are done, put off, or put where people find them."""

from dataclasses import replace

import pytest

from callscribe.calls.call import State
from callscribe.foundation.errors import StorageUnavailableError
from callscribe.foundation.jobs import Job
from callscribe.jobs.runner import REPORT, WAKE
from tests.fakes.transcribing import STOPPED
from tests.fakes.world import BUSY, CALL_ID, LOST, World, outcome

FINISH, WAKE_UP = Job("finish", CALL_ID), Job("wake", CALL_ID)


async def test_a_wake_up_does_what_is_due(world: World) -> None:
    world.given(machine=STOPPED)
    await world.runner.run(WAKE_UP)
    await world.runner.run(WAKE_UP)
    assert [each.number for each in world.telephony.starts] == [2]


async def test_a_wake_up_of_a_call_that_is_over_does_nothing(world: World) -> None:
    world.given(state=State.ENDED, machine=STOPPED)
    await world.runner.run(WAKE_UP)
    assert world.telephony.log == []


async def test_a_report_that_cannot_be_written_now_is_queued_again(world: World) -> None:
    world.given(state=State.ENDED)
    world.transcripts.fail("rows", LOST)
    await world.runner.run(FINISH)
    [(job, seconds)] = world.jobs.queued
    assert (job.kind, job.tries) == ("finish", 1)
    assert seconds <= REPORT.first


@pytest.mark.parametrize(
    ("job", "policy", "poisoned"), [(FINISH, REPORT, 1), (WAKE_UP, WAKE, 0)], ids=["report", "wake"]
)
async def test_the_last_try_of_a_report_goes_to_people_and_a_wake_up_to_the_watch(
    world: World, job: Job, policy: object, poisoned: int
) -> None:
    attempts = REPORT.attempts if policy is REPORT else WAKE.attempts
    world.given(state=State.ENDED if job is FINISH else State.CONNECTED)
    world.transcripts.out = world.calls.out = StorageUnavailableError("out")
    await world.runner.run(Job(job.kind, CALL_ID, tries=(attempts or 1) - 1))
    assert world.jobs.queued == []
    assert [each.kind for each in world.jobs.poisoned] == [job.kind] * poisoned


async def test_a_wake_up_while_acs_is_out_is_left_to_the_calls_own_tries(world: World) -> None:
    world.given(machine=STOPPED)
    world.telephony.fail("start", BUSY)
    await world.runner.run(WAKE_UP)
    assert world.call.transcribing.tries == 1
    assert world.call.transcribing.next_at is not None
    assert {job.kind for job, _ in world.jobs.queued} == {"wake"}


@pytest.mark.parametrize("job", [FINISH, WAKE_UP], ids=["finish", "wake"])
async def test_a_job_for_an_unknown_call_is_done_with(world: World, job: Job) -> None:
    await world.runner.run(job)
    assert world.jobs.queued == []


async def test_a_bug_in_a_job_raises_so_that_the_host_keeps_the_message(world: World) -> None:
    world.calls.put(replace(world.usual(), state=State.ENDED))
    world.transcripts.fail("rows", ZeroDivisionError())
    failure = await outcome(world.runner.run(FINISH))
    assert isinstance(failure, ZeroDivisionError)
