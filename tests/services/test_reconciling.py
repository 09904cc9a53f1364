"""What was lost is found out by asking ACS; jobs are done, put off, or done with."""

from dataclasses import replace
from typing import Any

import pytest

from callscribe.domain.call import State, Transcription
from callscribe.domain.errors import (
    StorageUnavailableError,
    TelephonyRefusedError,
    TelephonyUnavailableError,
)
from callscribe.domain.identifiers import new_call_id
from callscribe.domain.jobs import Job
from callscribe.domain.moments import iso
from callscribe.domain.upstream import Kind
from callscribe.services.reconciling import LONGEST_CALL_SECONDS
from tests.fakes.clock import START
from tests.fakes.telephony import Up
from tests.services.world import CALL_ID, CONNECTION, World, outcome

LOST = StorageUnavailableError("no reply")
BUSY = TelephonyUnavailableError("ACS answered 503", http_status=503)


async def minutes(world: World, count: int) -> None:
    """Let minutes pass, with everything that is due in them."""
    for _ in range(count):
        for _ in range(4):
            await world.passing(15)
            for job in world.jobs.take():
                await world.reconciling.run(job)
        await world.reconciling.reconcile()


async def test_a_call_that_is_up_and_confirmed_is_left_alone(world: World) -> None:
    before = world.given()
    await minutes(world, 5)
    assert world.call == before
    assert world.telephony.starts == []


async def test_asks_acs_every_two_minutes(world: World) -> None:
    world.given()
    await minutes(world, 10)
    assert world.telephony.count("look") == 5


async def test_a_lost_call_connected_is_made_good(world: World) -> None:
    world.given(
        state=State.CONNECTING,
        transcription=Transcription.OFF,
        transcription_attempts=0,
        connected_at=None,
    )
    await minutes(world, 1)
    assert (world.call.state, world.call.connected_at) == (State.CONNECTED, START + 60_000)
    assert world.telephony.starts == [CALL_ID]


async def test_a_lost_call_disconnected_is_made_good(world: World) -> None:
    world.given()
    world.telephony.up.clear()
    await minutes(world, 3)
    assert world.call.state is State.ENDED
    assert world.jobs.of("finish") == [60, 600]
    assert world.calls.checked == {}


def minute(number: float) -> str:
    return iso(START + int(number * 60_000))


async def closed(world: World, number: int, at: str, **columns: str) -> None:
    row = {"ConnectionId": f"stream {number}", "ClosedAt": at}
    await world.transcripts.put(CALL_ID, f"c-{number:013d}", {**row, **columns})


async def test_a_call_whose_end_was_lost_ended_when_its_last_stream_did(world: World) -> None:
    world.given()
    world.telephony.up.clear()
    await closed(world, 1, minute(1.5), CloseReason="Normal")
    await closed(world, 2, minute(1.2), CloseReason="ServiceReload")
    await world.transcripts.put(CALL_ID, "c-9", {"ConnectionId": "stream 1", "OpenedAt": minute(1)})
    await minutes(world, 2)
    assert world.call.ended_at == START + 90_000
    assert world.call.reason.text == "ACS no longer knows the call."


@pytest.mark.parametrize("columns", [{"CloseReason": "ServiceReload"}, {"ClosedAt": ""}])
async def test_a_call_whose_end_no_stream_tells_ended_when_found_out(
    world: World, columns: dict[str, str]
) -> None:
    """The last stream was cut from a call that went on, or its end was lost, too."""
    world.given()
    world.telephony.up.clear()
    await closed(world, 1, minute(0.5))
    await closed(world, 2, minute(1.5), OpenedAt=minute(1), **columns)
    await minutes(world, 2)
    assert world.call.ended_at == START + 120_000


async def test_a_call_that_was_up_after_its_last_stream_ended_no_earlier(world: World) -> None:
    world.given(transcription=Transcription.STOPPED)
    await closed(world, 1, minute(0.5))
    await minutes(world, 3)
    world.telephony.up.clear()
    await minutes(world, 1)
    assert world.call.ended_at == START + 120_000


@pytest.mark.parametrize(
    ("error", "code"),
    [(TelephonyRefusedError("Denied", http_status=403), 403), (BUSY, 503)],
)
async def test_a_call_that_acs_tells_nothing_of_is_over_after_the_longest_time(
    world: World, error: Exception, code: int
) -> None:
    world.given()
    await closed(world, 1, minute(9))
    world.telephony.fail("look", error, times=1_000)
    await world.passing(LONGEST_CALL_SECONDS)
    await world.reconciling.reconcile()
    assert world.call.state is State.CONNECTED
    await minutes(world, 1)
    call = world.call
    assert (call.state, call.ended_at) == (State.ENDED, START + 9 * 60_000)
    assert (call.reason.code, bool(call.reason.remedy)) == (code, code == 403)
    assert world.calls.checked == {}


async def test_a_lost_transcription_started_is_made_good(world: World) -> None:
    world.given(transcription=Transcription.STARTING)
    world.telephony.up[CONNECTION].transcribing = True
    await minutes(world, 1)
    assert world.call.transcription is Transcription.ACTIVE


async def test_an_unconfirmed_start_is_driven_again_after_asking_acs(world: World) -> None:
    world.given(transcription=Transcription.STARTING)
    await minutes(world, 1)
    assert [asked[0] for asked in world.telephony.log] == ["look", "start"]
    assert world.call.transcription_attempts == 2


async def test_a_queue_that_is_late_costs_only_the_attempt_that_it_holds(world: World) -> None:
    """What the queue should have driven long ago is driven here, and its job does nothing then."""
    world.given(transcription=Transcription.STARTING, transcription_attempts=2)
    world.telephony.idle = True
    for _ in range(8):
        await world.passing(60)
        await world.reconciling.reconcile()
        await world.reconciling.run(transcribe(2))
    assert len(world.telephony.starts) == 3
    assert world.call.transcription_attempts == 5
    assert world.call.transcription is Transcription.FAILED


async def test_a_start_that_is_never_confirmed_is_given_up_with_a_reason(world: World) -> None:
    world.given(transcription=Transcription.STARTING)
    world.telephony.idle = True
    await minutes(world, 12)
    assert world.call.transcription is Transcription.FAILED
    assert world.call.reason.text
    assert len(world.telephony.starts) == 4
    assert world.call.state is State.CONNECTED


async def test_transcription_that_is_found_stopped_is_started_again(world: World) -> None:
    """TranscriptionFailed or TranscriptionStopped was lost."""
    world.given()
    world.telephony.up[CONNECTION].transcribing = False
    await minutes(world, 3)
    assert world.telephony.starts == [CALL_ID]


async def test_a_call_that_rang_until_nobody_answered_is_missed(world: World) -> None:
    world.given(state=State.ANSWERING, connection_id="", answered_at=None)
    await world.passing(34)
    await world.reconciling.reconcile()
    assert CALL_ID in world.calls.checked
    await world.passing(2)
    await world.reconciling.reconcile()
    assert world.call.state is State.MISSED
    assert world.calls.checked == {}
    assert world.telephony.log == []


async def test_a_call_that_acs_streams_was_answered_though_nobody_saved_that(
    world: World,
) -> None:
    """The worker died in the moment of the answer, and no callback came."""
    world.given(state=State.ANSWERING, connection_id="", answered_at=None, connected_at=None)
    world.telephony.up[CONNECTION] = Up(transcribing=True)
    await world.passing(1)
    names = ("x-ms-call-connection-id", CONNECTION), ("x-ms-call-correlation-id", "correlation")
    headers = {"headers": {name: [value] for name, value in names}}
    await world.transcribing.connect(world.upstream(Kind.CONNECT, 0, headers))
    await minutes(world, 1)
    call = world.call
    assert (call.state, call.answered_at) == (State.CONNECTING, START + 1_000)
    assert (call.connection_id, call.correlation_id) == (CONNECTION, "correlation")
    await minutes(world, 1)
    assert (world.call.state, world.call.transcription) == (State.CONNECTED, Transcription.ACTIVE)


async def test_a_stream_that_names_no_call_of_acs_proves_nothing(world: World) -> None:
    world.given(state=State.ANSWERING, connection_id="", answered_at=None)
    await world.transcribing.connect(world.upstream(Kind.CONNECT, 0))
    await minutes(world, 1)
    assert world.call.state is State.MISSED


async def test_an_answering_call_that_callbacks_know_is_asked_about(world: World) -> None:
    world.given(state=State.ANSWERING, answered_at=None)
    await minutes(world, 2)
    assert world.call.state is State.CONNECTED


async def test_an_orphan_is_forgotten_after_five_minutes(world: World) -> None:
    await world.calls.remember(CALL_ID, START)
    await minutes(world, 4)
    assert CALL_ID in world.calls.checked
    await minutes(world, 2)
    assert world.calls.checked == {}


@pytest.mark.parametrize("state", [State.ENDED, State.MISSED, State.FAILED])
async def test_a_call_that_ended_without_its_effects_is_closed(world: World, state: State) -> None:
    world.given(state=state)
    await world.calls.remember(CALL_ID, START)
    await world.reconciling.reconcile()
    assert world.jobs.of("finish") == [60, 600]
    assert world.calls.checked == {}


async def test_an_end_whose_reply_was_lost_is_closed_within_the_next_minute(world: World) -> None:
    world.given()
    world.calls.fail("save", LOST, after=True)
    await world.follow(world.event("CallDisconnected"))
    assert CALL_ID in world.calls.checked
    await minutes(world, 1)
    assert world.calls.checked == {}
    assert world.jobs.of("finish") == [60, 600]


@pytest.mark.parametrize("error", [BUSY, TelephonyRefusedError("Denied", http_status=403), LOST])
async def test_trouble_with_one_call_does_not_keep_from_the_others(
    world: World, error: Exception
) -> None:
    other = new_call_id(START + 1, "other")
    world.given(state=State.CONNECTING)
    world.calls.put(replace(world.call, id=other, connection_id="other"))
    world.telephony.up["other"] = Up()
    world.telephony.fail("look", error)
    await world.passing(60)
    await world.reconciling.reconcile()
    assert sorted(stored.call.state for stored in world.calls.saved.values()) == [
        State.CONNECTED,
        State.CONNECTING,
    ]


async def test_a_storage_outage_stops_the_round_and_not_the_next(world: World) -> None:
    world.given()
    world.telephony.up.clear()
    await world.passing(120)
    world.calls.fail("active", LOST)
    assert await outcome(world.reconciling.reconcile()) is LOST
    await world.reconciling.reconcile()
    assert world.call.state is State.ENDED


def transcribe(attempt: int = 2) -> Job:
    return Job("transcribe", CALL_ID, attempt)


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
    await world.reconciling.run(transcribe())
    assert world.telephony.log == []


async def test_a_restart_asks_acs_before_it_starts(world: World) -> None:
    world.given(transcription=Transcription.STARTING, transcription_attempts=2)
    world.telephony.up[CONNECTION].transcribing = True
    await world.reconciling.run(transcribe())
    assert world.telephony.starts == []
    assert world.call.transcription is Transcription.ACTIVE


async def test_a_restart_of_a_call_that_is_gone_ends_it(world: World) -> None:
    world.given(transcription=Transcription.STARTING, transcription_attempts=2)
    world.telephony.up.clear()
    await world.reconciling.run(transcribe())
    assert world.call.state is State.ENDED


async def test_the_same_job_twice_starts_once(world: World) -> None:
    world.given(transcription=Transcription.STARTING, transcription_attempts=2)
    await world.reconciling.run(transcribe())
    await world.reconciling.run(transcribe())
    assert world.telephony.starts == [CALL_ID]


@pytest.mark.parametrize("error", [BUSY, LOST])
async def test_a_job_that_cannot_be_done_now_is_queued_again(
    world: World, error: Exception
) -> None:
    world.given(transcription=Transcription.STARTING, transcription_attempts=2)
    world.telephony.fail("look", error)
    await world.reconciling.run(transcribe())
    assert world.jobs.queued == [(transcribe(), 15)]


async def test_a_job_that_acs_refuses_is_left_to_reconciling(world: World) -> None:
    world.given(transcription=Transcription.STARTING, transcription_attempts=2)
    world.telephony.fail("look", TelephonyRefusedError("Denied", http_status=403))
    await world.reconciling.run(transcribe())
    assert world.jobs.queued == []
    await minutes(world, 2)
    assert world.telephony.starts == [CALL_ID]


@pytest.mark.parametrize("kind", ["finish", "transcribe"])
async def test_a_job_for_an_unknown_call_is_done_with(world: World, kind: Any) -> None:
    await world.reconciling.run(Job(kind, CALL_ID))
    assert world.jobs.queued == []


async def test_a_bug_in_a_job_raises_so_that_the_host_keeps_the_message(world: World) -> None:
    world.given()
    world.transcripts.fail("rows", ZeroDivisionError())
    failure = await outcome(world.reconciling.run(Job("finish", CALL_ID)))
    assert isinstance(failure, ZeroDivisionError)
