"""An answer that may have failed is asked for again, and a refusal believed only at first."""

import pytest

from callscribe.calls.call import State
from callscribe.foundation.errors import (
    TelephonyRefusedError,
    TelephonyUnavailableError,
    UnavailableError,
)
from callscribe.foundation.moments import Seconds
from tests.fakes.clock import START
from tests.fakes.wire import incoming
from tests.fakes.world import BUSY, CALL_ID, CONNECTION, LOST, World

REFUSED = TelephonyRefusedError("the call no longer rings", http_status=400)


@pytest.mark.parametrize("error", [BUSY, TelephonyUnavailableError("timed out"), LOST])
async def test_what_may_pass_is_tried_again(world: World, error: Exception) -> None:
    world.telephony.fail("answer", error, times=3)
    await world.deliver(incoming())
    assert world.call.state is State.CONNECTING
    assert world.telephony.count("answer") == 4


async def test_what_is_tried_again_is_the_same_request(world: World) -> None:
    """Each token is another; with another one the repeated request would not be a repetition."""
    world.stream.fail("stream_url", UnavailableError("no token"))
    world.telephony.fail("answer", BUSY, times=3)
    await world.deliver(incoming())
    assert world.call.state is State.CONNECTING
    assert world.stream.count("stream_url") == 2


async def test_an_answer_whose_reply_was_lost_takes_effect_once(world: World) -> None:
    world.telephony.fail("answer", BUSY, times=2, after=True)
    await world.deliver(incoming())
    assert len(world.telephony.answers) == 1
    assert world.call.connection_id == CONNECTION


async def test_tries_until_25_seconds_after_the_ring_and_then_leaves_it_to_callbacks(
    world: World,
) -> None:
    world.telephony.fail("answer", BUSY, times=1_000)
    await world.deliver(incoming())
    # The last pause is cut, so that a last try has a second.
    assert world.clock.now() == START + 24_000
    assert world.call.state is State.ANSWERING


async def test_an_answer_that_hangs_is_given_up_when_the_ring_is_nearly_over(
    world: World,
) -> None:
    world.telephony.hang("answer", 300)
    await world.deliver(incoming())
    assert world.clock.now() == START + 25_000


async def test_respects_retry_after(world: World) -> None:
    asked = TelephonyUnavailableError("ACS answered 429", http_status=429, retry_after=Seconds(7))
    world.telephony.fail("answer", asked)
    await world.deliver(incoming())
    assert world.call.answered_at == START + 7_000


async def test_a_retry_after_beyond_the_ring_is_cut_to_a_last_try_within_it(world: World) -> None:
    asked = TelephonyUnavailableError("ACS answered 429", http_status=429, retry_after=Seconds(600))
    world.telephony.fail("answer", asked, times=9, seconds=5)
    await world.deliver(incoming())
    assert world.clock.now() == START + 25_000
    assert world.call.state is State.ANSWERING


async def test_pauses_grow_to_four_seconds(world: World) -> None:
    world.telephony.fail("answer", BUSY, times=1_000)
    await world.deliver(incoming())
    assert world.telephony.count("answer") == 10  # after 0, 0.5, 1.5, 3.5, 7.5, 11.5, … s


async def test_a_refusal_of_the_first_attempt_is_believed(world: World) -> None:
    world.telephony.expired.add("context")
    await world.deliver(incoming())
    call = world.call
    assert call.reason
    assert (call.state, call.reason.code) == (State.MISSED, 400)
    assert CALL_ID not in world.calls.rows
    assert world.jobs.of("finish") == [60, 600]


@pytest.mark.parametrize("status", [401, 403])
async def test_a_refusal_of_our_identity_is_a_failure_with_a_remedy(
    world: World, status: int
) -> None:
    world.telephony.fail("answer", TelephonyRefusedError("Denied", http_status=status))
    await world.deliver(incoming())
    assert world.call.state is State.FAILED
    assert world.call.reason
    assert world.call.reason.remedy


@pytest.mark.parametrize("after", [False, True])
async def test_a_refusal_after_an_attempt_without_a_reply_is_not_believed(
    world: World, *, after: bool
) -> None:
    world.telephony.fail("answer", BUSY, after=after)
    world.telephony.fail("answer", REFUSED)
    await world.deliver(incoming())
    assert world.call.state is State.ANSWERING


async def test_a_refusal_on_a_later_drive_is_not_believed(world: World) -> None:
    world.given(state=State.ANSWERING, connection_id=None, lease_until=START - 1)
    world.telephony.expired.add("context")
    await world.deliver(incoming())
    assert world.call.state is State.ANSWERING
