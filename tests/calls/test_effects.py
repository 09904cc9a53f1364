"""What was decided is done after the save, and watchers are told whatever becomes of it."""

import json
from dataclasses import replace
from typing import Any

import pytest

from callscribe.calls.call import HangUp, Machine, State, Transcription
from callscribe.calls.call_columns import call_columns
from callscribe.calls.events import Decision, HungUp, StreamClosed, Want, Woken
from callscribe.calls.transcription import OperationKind, Transcribing
from callscribe.calls.wish import Change, Why
from callscribe.foundation.deadline import Deadline
from callscribe.foundation.errors import (
    NotFoundError,
    StorageUnavailableError,
    TelephonyRefusedError,
    TelephonyUnavailableError,
)
from callscribe.foundation.jobs import Job
from callscribe.foundation.moments import Seconds, later
from tests.fakes.clock import START
from tests.fakes.telephony import Up
from tests.fakes.wishes import GERMAN
from tests.fakes.world import BUSY, CALL_ID, CONNECTION, LOST, World, minutes, outcome

NOTHING_RUNS = Machine(transcribing=Transcribing(number=1))
DUE = Woken()


def given_silent(world: World, **changes: Any) -> None:
    """Have the usual call stored: connected, transcription wanted and not started."""
    world.given(machine=NOTHING_RUNS, **changes)


async def test_watchers_are_told_how_the_call_stands_when_that_changes(world: World) -> None:
    given_silent(world)
    await world.effects.tell(CALL_ID, DUE)
    assert world.feed.of(CALL_ID) == [
        {"type": "state", "state": "connected", "transcription": "starting", "callId": CALL_ID}
    ]
    await world.effects.tell(CALL_ID, DUE)
    assert len(world.feed.of(CALL_ID)) == 1


async def test_an_unknown_call_is_not_found(world: World) -> None:
    assert isinstance(await outcome(world.effects.tell(CALL_ID, DUE)), NotFoundError)


async def test_acs_is_asked_once_the_operation_is_saved(world: World) -> None:
    given_silent(world)
    await world.effects.tell(CALL_ID, DUE)
    assert world.telephony.operations == [world.call.transcribing.out]
    order = [entry[0] for entry in world.calls.log]
    assert order == ["read", "track", "save"]


async def test_an_operation_whose_worker_died_is_found_out_and_made_again(world: World) -> None:
    given_silent(world)
    world.telephony.fail("start", ZeroDivisionError())
    assert isinstance(await outcome(world.effects.tell(CALL_ID, DUE)), ZeroDivisionError)
    died = world.call
    assert died.transcription is Transcription.STARTING
    await minutes(world, 1)
    assert [each.number for each in world.telephony.starts] == [3]
    assert world.call.transcription is Transcription.ACTIVE


async def test_a_refusal_that_may_pass_is_tried_again_soon(world: World) -> None:
    given_silent(world)
    refusal = TelephonyRefusedError("busy", http_status=409, sub_code=8519)
    world.telephony.fail("start", refusal)
    await world.effects.tell(CALL_ID, DUE)
    assert world.call.problem
    assert (world.call.problem.code, world.call.problem.sub_code) == (409, 8519)
    assert world.call.transcription_next_at
    [pause] = world.jobs.of("wake")
    assert 0.8 <= pause <= 4
    await world.passing(5)
    for job in world.jobs.take():
        await world.runner.run(job)
    assert [each.number for each in world.telephony.starts] == [3]


async def test_what_acs_asks_to_be_left_alone_for_is_waited(world: World) -> None:
    given_silent(world)
    asked = TelephonyUnavailableError("ACS answered 429", http_status=429, retry_after=Seconds(60))
    world.telephony.fail("start", asked)
    await world.effects.tell(CALL_ID, DUE)
    assert world.call.transcription_next_at == later(START, Seconds(60))
    assert world.jobs.of("wake") == []  # the watch is early enough
    await minutes(world, 2)
    assert len(world.telephony.starts) == 1


async def test_an_answer_that_never_came_is_asked_for_and_never_guessed(world: World) -> None:
    given_silent(world)
    world.telephony.fail("start", TelephonyUnavailableError("timed out"), after=True)
    await world.effects.tell(CALL_ID, DUE)
    assert world.call.transcribing.out
    assert world.call.transcribing.out.unknown
    await minutes(world, 2)
    assert world.call.transcription is Transcription.ACTIVE
    assert len(world.telephony.starts) == 1


async def test_what_people_must_mend_is_shown_with_what_helps(world: World) -> None:
    given_silent(world)
    refusal = TelephonyRefusedError("cognitive services missing", http_status=405, sub_code=8522)
    world.telephony.fail("start", refusal)
    await world.effects.tell(CALL_ID, DUE)
    assert world.call.transcription is Transcription.FAILED
    assert world.call.problem
    assert "COGNITIVE_SERVICES_ENDPOINT" in str(world.call.problem.remedy)
    assert world.call.transcription_next_at == later(START, Seconds(300))
    assert [message["transcription"] for message in world.feed.of(CALL_ID)] == [
        "starting",
        "failed",
    ]


async def test_a_start_for_a_call_that_is_gone_has_acs_asked_and_then_once_more(
    world: World,
) -> None:
    given_silent(world)
    world.telephony.up.clear()
    await world.effects.tell(CALL_ID, DUE)
    assert not world.call.terminal
    await minutes(world, 1)
    assert world.call.state is State.ENDED
    assert CALL_ID not in world.calls.rows


@pytest.mark.parametrize("error", [BUSY, TelephonyRefusedError("Denied", http_status=403)])
async def test_a_look_without_an_answer_changes_nothing(world: World, error: Exception) -> None:
    before = world.given()
    world.calls.put(replace(before, hang_up=HangUp.LEAVE, connection_id=CONNECTION))
    world.telephony.fail("hang_up", BUSY)
    world.telephony.fail("poll", error)
    await world.effects.tell(CALL_ID, HungUp())
    assert world.call.state is State.CONNECTED


async def test_who_hangs_up_asks_acs_and_again_until_the_call_is_over(world: World) -> None:
    world.given(hang_up=HangUp.EVERYONE)
    world.telephony.fail("hang_up", BUSY)
    await world.effects.tell(CALL_ID, DUE)
    assert world.telephony.hung_up == []
    assert [entry[0] for entry in world.telephony.log] == ["hang_up", "poll"]
    await minutes(world, 1)
    assert world.telephony.hung_up == [(CONNECTION, True)]
    assert world.call.state is State.ENDED


async def test_who_leaves_a_call_does_not_end_it_for_the_others(world: World) -> None:
    world.given(hang_up=HangUp.LEAVE)
    await world.effects.tell(CALL_ID, DUE)
    assert world.telephony.hung_up == [(CONNECTION, False)]


async def test_both_reports_are_queued_before_the_call_is_taken_off_the_list(
    world: World,
) -> None:
    world.given()
    world.jobs.fail("put", LOST, times=1_000)
    work = world.follow(world.event("CallDisconnected"))
    assert isinstance(await outcome(work), StorageUnavailableError)
    assert world.call.state is State.ENDED
    assert CALL_ID in world.calls.rows
    world.jobs.heal()
    world.telephony.up.clear()
    await minutes(world, 1)
    assert world.jobs.of("finish") == [60, 600]
    assert CALL_ID not in world.calls.rows


async def test_a_wake_up_that_cannot_be_queued_is_left_to_the_watch(world: World) -> None:
    world.given()
    world.jobs.fail("put", LOST, times=1_000)
    deadline = Deadline.after(Seconds(10))
    await world.effects.tell(CALL_ID, StreamClosed(), None, deadline)
    assert world.clock.now() <= later(START, Seconds(10))
    world.jobs.heal()
    world.telephony.up[CONNECTION] = Up(runs=None)
    await minutes(world, 1)
    assert world.call.transcription is Transcription.ACTIVE


@pytest.mark.parametrize(
    ("next_at", "state", "on", "due"),
    [
        (None, State.CONNECTED, True, 20),
        (None, State.CONNECTED, False, 60),
        (None, State.ANSWERING, True, 10),
        (None, State.CONNECTING, True, 10),
        (4, State.CONNECTED, True, 4),
        (300, State.CONNECTED, True, 20),
    ],
)
async def test_a_call_is_looked_at_in_time(
    world: World, next_at: float | None, state: State, due: float, *, on: bool
) -> None:
    call = world.usual()
    call = replace(call, state=state, wish=replace(call.wish, on=on))
    moment = None if next_at is None else later(START, Seconds(next_at))
    decision = Decision(call, next_at=moment)
    assert world.effects.due(decision) == later(START, Seconds(due))


async def test_a_revision_has_a_row_once_it_is_saved(world: World) -> None:
    world.given()
    stop = Want(Change(on=False, why=Why.PAUSED), "key")
    await world.effects.tell(CALL_ID, stop)
    [*_, row] = world.transcripts.of_kind(CALL_ID, "w")
    assert (row["Revision"], row["On"], row["Why"], row["By"]) == (2, False, "paused", "key")
    assert world.telephony.operations[-1].kind is OperationKind.STOP


async def test_a_revision_whose_row_was_not_written_gets_it_before_the_next(
    world: World,
) -> None:
    """A worker that dies after the save must not leave history with a hole."""
    world.given()
    world.transcripts.fail("insert", ZeroDivisionError(), times=2)
    german = Want(Change(language=GERMAN), "key")
    await outcome(world.effects.tell(CALL_ID, german))
    world.transcripts.heal()
    assert world.transcripts.of_kind(CALL_ID, "w") == []
    await outcome(world.effects.tell(CALL_ID, german))
    await world.effects.tell(CALL_ID, Want(Change(on=False), "key"))
    revisions = [row["Revision"] for row in world.transcripts.of_kind(CALL_ID, "w")]
    assert revisions == list(range(1, world.call.wish.revision + 1))


async def test_a_row_of_history_is_never_overwritten(world: World) -> None:
    world.given()
    await world.transcripts.put(CALL_ID, "w-000002", {"Revision": 2, "Why": "first"})
    await world.effects.tell(CALL_ID, Want(Change(on=False), "key"))
    assert world.transcripts.of_kind(CALL_ID, "w")[-1]["Why"] == "first"


async def test_nothing_of_what_is_logged_is_a_number_or_a_token(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    given_silent(world)
    world.telephony.fail("start", BUSY)
    await world.effects.tell(CALL_ID, DUE)
    lines = [json.loads(record.message) for record in caplog.records]
    assert "transcriptionNotAsked" in [line["event"] for line in lines]
    assert str(call_columns(world.call)["From"]) not in json.dumps(lines)


async def test_a_job_only_says_which_call_is_to_be_woken(world: World) -> None:
    world.given()
    await world.effects.tell(CALL_ID, StreamClosed())
    assert world.jobs.queued == [(Job("wake", CALL_ID), 3)]
