"""An incoming call is answered once, whatever is delivered twice, lost, late or refused."""

import asyncio
from dataclasses import replace

import pytest

from callscribe.domain.call import State, Transcription
from callscribe.domain.errors import (
    ConflictError,
    StillAnsweringError,
    StorageUnavailableError,
    TelephonyRefusedError,
    TelephonyUnavailableError,
    UnavailableError,
)
from tests.fakes.clock import START
from tests.fakes.settings import settings
from tests.services.world import CALL_ID, CALLEE, CONNECTION, World, incoming, outcome

LOST = StorageUnavailableError("no reply")
BUSY = TelephonyUnavailableError("ACS answered 503", http_status=503)
REFUSED = TelephonyRefusedError("the call no longer rings", http_status=400)


async def test_answers_and_saves_what_acs_tells(world: World) -> None:
    await world.answering.deliver(incoming())
    call = world.call
    assert (call.state, call.connection_id) == (State.CONNECTING, CONNECTION)
    assert (call.server_call_id, call.correlation_id) == ("server", "correlation")
    assert call.answered_at == world.clock.now()
    [picked] = world.telephony.answers
    assert picked.context == "context"
    assert CALL_ID in picked.stream_url


async def test_claims_with_the_intent_before_the_effect(world: World) -> None:
    """A worker that dies after the answer leaves behind what it had asked for."""
    world.telephony.hang("answer", 1)
    delivery = asyncio.create_task(world.answering.deliver(incoming()))
    await world.passing(0.5)
    claimed = world.call
    assert (claimed.state, claimed.drives) == (State.ANSWERING, 1)
    assert claimed.transcription is Transcription.STARTING
    assert claimed.claim_id
    assert claimed.claim_until == START + 8_000
    assert CALL_ID in world.calls.checked
    await delivery


async def test_writes_the_event_to_the_timeline_without_its_context(world: World) -> None:
    await world.answering.deliver(incoming())
    [row] = world.transcripts.of_kind(CALL_ID, "e")
    assert row == {
        "Type": "IncomingCall",
        "Time": "2026-11-22T18:54:03.000Z",
        "EventId": "event-1",
        "ReceivedAt": "2026-11-22T18:54:03.000Z",
    }


async def test_the_context_is_nowhere_in_what_is_stored(world: World) -> None:
    await world.answering.deliver(incoming(context="bearer-like"))
    assert "bearer-like" not in repr((world.call, world.transcripts.calls))


async def test_answers_although_the_timeline_cannot_be_written(world: World) -> None:
    world.transcripts.fail("put", LOST)
    await world.answering.deliver(incoming())
    assert world.call.state is State.CONNECTING


@pytest.mark.parametrize(
    ("start", "caller", "transcribing"),
    [
        ("setup", "4:+14255550123", True),
        ("setup", "8:acs:user", False),
        ("connected", "4:+1", False),
    ],
)
async def test_transcribes_from_the_answer_on_where_that_works(
    start: str, caller: str, *, transcribing: bool
) -> None:
    world = World(settings=settings(TRANSCRIPTION_START=start))
    await world.answering.deliver(incoming(caller=caller))
    [picked] = world.telephony.answers
    assert picked.transcribing is transcribing


async def test_a_second_delivery_is_acknowledged_without_asking_acs(world: World) -> None:
    await world.answering.deliver(incoming())
    await world.answering.deliver(incoming())
    assert world.telephony.count("answer") == 1


@pytest.mark.parametrize("state", [State.CONNECTED, State.ENDED, State.MISSED, State.FAILED])
async def test_a_call_past_answering_is_acknowledged(world: World, state: State) -> None:
    before = world.given(state=state)
    await world.answering.deliver(incoming())
    assert world.call == before
    assert world.telephony.log == []


@pytest.mark.parametrize("deliveries", [2, 3])
async def test_of_deliveries_at_once_one_answers_and_all_are_acknowledged(
    world: World, deliveries: int
) -> None:
    world.calls.meet("create", deliveries)
    await asyncio.gather(*(world.answering.deliver(incoming()) for _ in range(deliveries)))
    assert world.telephony.count("answer") == 1
    assert (world.call.state, world.call.drives) == (State.CONNECTING, 1)


@pytest.mark.parametrize("deliveries", [2, 3])
async def test_of_deliveries_that_find_an_expired_claim_one_takes_over(
    world: World, deliveries: int
) -> None:
    world.given(state=State.ANSWERING, connection_id="", claim_until=START - 1)
    world.calls.meet("save", deliveries)
    await asyncio.gather(*(world.answering.deliver(incoming()) for _ in range(deliveries)))
    assert world.telephony.count("answer") == 1
    assert (world.call.state, world.call.drives) == (State.CONNECTING, 2)


async def test_a_crash_after_the_claim_is_made_good_by_the_next_delivery(world: World) -> None:
    world.telephony.hang("answer", 60)
    died = asyncio.create_task(world.answering.deliver(incoming()))
    await world.passing(1)
    died.cancel()
    await world.passing(1)
    await world.answering.deliver(incoming())
    assert world.clock.now() >= START + 8_000  # the claim has to expire first
    assert len(world.telephony.answers) == 1
    assert (world.call.state, world.call.drives) == (State.CONNECTING, 2)


async def test_a_crash_after_the_answer_is_made_good_with_the_same_effect(world: World) -> None:
    world.telephony.fail("answer", asyncio.CancelledError(), after=True)
    assert isinstance(await outcome(world.answering.deliver(incoming())), asyncio.CancelledError)
    assert world.call.state is State.ANSWERING
    await world.answering.deliver(incoming())
    assert len(world.telephony.answers) == 1
    assert (world.call.state, world.call.connection_id) == (State.CONNECTING, CONNECTION)


@pytest.mark.parametrize("after", [False, True])
async def test_a_claim_without_a_reply_is_known_by_its_id(world: World, *, after: bool) -> None:
    world.calls.fail("create", LOST, after=after)
    await world.answering.deliver(incoming())
    assert (world.call.state, world.call.drives) == (State.CONNECTING, 1)


@pytest.mark.parametrize("after", [False, True])
async def test_a_takeover_without_a_reply_is_known_by_its_id(world: World, *, after: bool) -> None:
    world.given(state=State.ANSWERING, connection_id="", claim_until=START - 1)
    world.calls.fail("save", LOST, after=after)
    await world.answering.deliver(incoming())
    assert (world.call.state, world.call.drives) == (State.CONNECTING, 2)


async def test_a_claim_that_cannot_be_stored_asks_for_another_delivery(world: World) -> None:
    world.calls.fail("create", LOST, times=1_000)
    assert isinstance(await outcome(world.answering.deliver(incoming())), UnavailableError)
    assert world.telephony.log == []
    assert world.clock.now() <= START + 26_000


@pytest.mark.parametrize("error", [BUSY, TelephonyUnavailableError("timed out"), LOST])
async def test_what_may_pass_is_tried_again(world: World, error: Exception) -> None:
    world.telephony.fail("answer", error, times=3)
    await world.answering.deliver(incoming())
    assert world.call.state is State.CONNECTING
    assert world.telephony.count("answer") == 4


async def test_what_is_tried_again_is_the_same_request(world: World) -> None:
    """Each token is another; with another one the repeated request would not be a repetition."""
    world.stream.fail("stream_url", UnavailableError("no token"))
    world.telephony.fail("answer", BUSY, times=3)
    await world.answering.deliver(incoming())
    assert world.call.state is State.CONNECTING
    assert world.stream.count("stream_url") == 2


async def test_an_answer_whose_reply_was_lost_takes_effect_once(world: World) -> None:
    world.telephony.fail("answer", BUSY, times=2, after=True)
    await world.answering.deliver(incoming())
    assert len(world.telephony.answers) == 1
    assert world.call.connection_id == CONNECTION


async def test_tries_until_25_seconds_after_the_ring_and_then_leaves_it_to_callbacks(
    world: World,
) -> None:
    world.telephony.fail("answer", BUSY, times=1_000)
    await world.answering.deliver(incoming())
    assert world.clock.now() == START + 25_000
    assert world.call.state is State.ANSWERING


async def test_an_answer_that_hangs_is_given_up_when_the_ring_is_nearly_over(
    world: World,
) -> None:
    world.telephony.hang("answer", 300)
    await world.answering.deliver(incoming())
    assert world.clock.now() == START + 25_000


async def test_respects_retry_after(world: World) -> None:
    asked = TelephonyUnavailableError("ACS answered 429", http_status=429, retry_after=7)
    world.telephony.fail("answer", asked)
    await world.answering.deliver(incoming())
    assert world.call.answered_at == START + 7_000


async def test_a_retry_after_beyond_the_ring_does_not_hold_the_delivery(world: World) -> None:
    asked = TelephonyUnavailableError("ACS answered 429", http_status=429, retry_after=600)
    world.telephony.fail("answer", asked, times=9, seconds=5)
    await world.answering.deliver(incoming())
    assert world.clock.now() == START + 25_000


async def test_pauses_grow_to_four_seconds(world: World) -> None:
    world.telephony.fail("answer", BUSY, times=1_000)
    await world.answering.deliver(incoming())
    assert world.telephony.count("answer") == 9  # after 0, 0.5, 1.5, 3.5, 7.5, 11.5, … s


async def test_a_refusal_of_the_first_attempt_is_believed(world: World) -> None:
    world.telephony.expired.add("context")
    await world.answering.deliver(incoming())
    call = world.call
    assert (call.state, call.reason.code) == (State.MISSED, 400)
    assert CALL_ID not in world.calls.checked
    assert world.jobs.of("finish") == [60, 600]


@pytest.mark.parametrize("status", [401, 403])
async def test_a_refusal_of_our_identity_is_a_failure_with_a_remedy(
    world: World, status: int
) -> None:
    world.telephony.fail("answer", TelephonyRefusedError("Denied", http_status=status))
    await world.answering.deliver(incoming())
    assert world.call.state is State.FAILED
    assert world.call.reason.remedy


@pytest.mark.parametrize("after", [False, True])
async def test_a_refusal_after_an_attempt_without_a_reply_is_not_believed(
    world: World, *, after: bool
) -> None:
    world.telephony.fail("answer", BUSY, after=after)
    world.telephony.fail("answer", REFUSED)
    await world.answering.deliver(incoming())
    assert world.call.state is State.ANSWERING


async def test_a_refusal_on_a_later_drive_is_not_believed(world: World) -> None:
    world.given(state=State.ANSWERING, connection_id="", claim_until=START - 1)
    world.telephony.expired.add("context")
    await world.answering.deliver(incoming())
    assert world.call.state is State.ANSWERING


async def test_the_claim_is_renewed_while_acs_takes_its_time(world: World) -> None:
    world.telephony.hang("answer", 20)
    first = asyncio.create_task(world.answering.deliver(incoming()))
    await world.passing(9)  # longer than the lease
    await world.answering.deliver(incoming())
    await first
    assert world.telephony.count("answer") == 1
    assert (world.call.state, world.call.drives) == (State.CONNECTING, 1)


async def test_a_claim_that_cannot_be_renewed_does_not_disturb_the_answer(world: World) -> None:
    world.telephony.hang("answer", 10)
    delivery = asyncio.create_task(world.answering.deliver(incoming()))
    await world.passing(1)
    world.calls.hang("read", 3)
    world.calls.fail("read", LOST)
    await delivery
    assert world.call.state is State.CONNECTING


async def test_a_renewal_takes_nothing_from_who_took_over(world: World) -> None:
    world.telephony.hang("answer", 5)
    delivery = asyncio.create_task(world.answering.deliver(incoming()))
    await world.passing(1)
    taken = world.calls.put(replace(world.call, claim_id="other", claim_until=START + 9_000))
    await world.passing(3.5)
    assert world.call == taken
    await delivery


async def test_an_event_that_comes_too_late_is_a_missed_call(world: World) -> None:
    await world.passing(26)
    await world.answering.deliver(incoming())
    assert world.call.state is State.MISSED
    assert world.telephony.log == []
    assert world.transcripts.keys(CALL_ID, "e")


async def test_waits_20_seconds_for_another_delivery_and_asks_to_come_again(
    world: World,
) -> None:
    world.given(state=State.ANSWERING, connection_id="", claim_until=START + 60_000)
    assert isinstance(await outcome(world.answering.deliver(incoming())), StillAnsweringError)
    assert world.clock.now() == START + 20_000
    assert world.telephony.log == []


async def test_a_delivery_that_waited_takes_over_an_answer_that_goes_on_too_long(
    world: World,
) -> None:
    """The handler is slower than Event Grid's 30 s: the second delivery overlaps the first."""
    world.given(state=State.ANSWERING, connection_id="", claim_until=START + 12_000)
    await world.answering.deliver(incoming())
    assert (world.call.state, world.call.drives) == (State.CONNECTING, 2)


@pytest.mark.parametrize("after", [False, True])
async def test_the_outcome_is_saved_although_storage_fails_for_a_while(
    world: World, *, after: bool
) -> None:
    world.calls.fail("save", LOST, times=5, after=after)
    await world.answering.deliver(incoming())
    assert (world.call.state, world.call.connection_id) == (State.CONNECTING, CONNECTION)


async def test_an_outcome_that_cannot_be_saved_asks_for_another_delivery(world: World) -> None:
    world.calls.fail("save", LOST, times=1_000)
    assert await outcome(world.answering.deliver(incoming())) is not None
    world.calls.heal()
    await world.passing(8)
    await world.answering.deliver(incoming())
    assert len(world.telephony.answers) == 1


async def test_an_outcome_is_decided_again_when_a_callback_was_faster(world: World) -> None:
    world.telephony.hang("answer", 1)
    delivery = asyncio.create_task(world.answering.deliver(incoming()))
    await world.passing(0.5)
    await world.follow(world.event("CallConnected"))
    await delivery
    assert (world.call.state, world.call.connection_id) == (State.CONNECTED, CONNECTION)


async def test_gives_up_on_conflicts_after_five_tries_and_asks_for_another_delivery(
    world: World,
) -> None:
    world.calls.fail("save", ConflictError("changed"), times=5)
    assert isinstance(await outcome(world.answering.deliver(incoming())), ConflictError)


@pytest.mark.parametrize("numbers", ["+18005550199", "+14255550100,4:+18005550199"])
async def test_a_number_on_the_list_is_answered(numbers: str) -> None:
    world = World(settings=settings(ANSWER_NUMBERS=numbers))
    await world.answering.deliver(incoming())
    assert world.call.state is State.CONNECTING


@pytest.mark.parametrize("callee", [CALLEE, "unknown"])
async def test_a_number_that_is_not_ours_is_ignored(callee: str) -> None:
    world = World(settings=settings(ANSWER_NUMBERS="+18005550100"))
    await world.answering.deliver(incoming(callee=callee))
    assert world.calls.log == []
    assert world.telephony.log == []
