"""Of several deliveries one answers: the one with the lease, until the lease expires."""

import asyncio
from dataclasses import replace

import pytest

from callscribe.calls.call import State, Transcription
from callscribe.foundation.errors import StillAnsweringError, UnavailableError
from callscribe.foundation.moments import Ms
from tests.fakes.clock import START
from tests.fakes.wire import incoming
from tests.fakes.world import CALL_ID, CONNECTION, LOST, World, outcome


async def test_claims_with_the_intent_before_the_effect(world: World) -> None:
    """A worker that dies after the answer leaves behind what it had asked for."""
    world.telephony.hang("answer", 1)
    delivery = asyncio.create_task(world.deliver(incoming()))
    await world.passing(0.5)
    claimed = world.call
    assert (claimed.state, claimed.drives) == (State.ANSWERING, 1)
    assert claimed.transcription is Transcription.STARTING
    assert claimed.lease_id
    assert claimed.lease_until == START + 8_000
    assert CALL_ID in world.calls.rows
    await delivery


@pytest.mark.parametrize("deliveries", [2, 3])
async def test_of_deliveries_at_once_one_answers_and_all_are_acknowledged(
    world: World, deliveries: int
) -> None:
    world.calls.meet("create", deliveries)
    await asyncio.gather(*(world.deliver(incoming()) for _ in range(deliveries)))
    assert world.telephony.count("answer") == 1
    assert (world.call.state, world.call.drives) == (State.CONNECTING, 1)


@pytest.mark.parametrize("deliveries", [2, 3])
async def test_of_deliveries_that_find_an_expired_claim_one_takes_over(
    world: World, deliveries: int
) -> None:
    world.given(state=State.ANSWERING, connection_id=None, lease_until=START - 1)
    world.calls.meet("save", deliveries)
    await asyncio.gather(*(world.deliver(incoming()) for _ in range(deliveries)))
    assert world.telephony.count("answer") == 1
    assert (world.call.state, world.call.drives) == (State.CONNECTING, 2)


async def test_a_crash_after_the_claim_is_made_good_by_the_next_delivery(world: World) -> None:
    world.telephony.hang("answer", 60)
    died = asyncio.create_task(world.deliver(incoming()))
    await world.passing(1)
    died.cancel()
    await world.passing(1)
    await world.deliver(incoming())
    assert world.clock.now() >= START + 8_000  # the lease has to expire first
    assert len(world.telephony.answers) == 1
    assert (world.call.state, world.call.drives) == (State.CONNECTING, 2)


async def test_a_crash_after_the_answer_is_made_good_with_the_same_effect(world: World) -> None:
    world.telephony.fail("answer", asyncio.CancelledError(), after=True)
    assert isinstance(await outcome(world.deliver(incoming())), asyncio.CancelledError)
    assert world.call.state is State.ANSWERING
    await world.deliver(incoming())
    assert len(world.telephony.answers) == 1
    assert (world.call.state, world.call.connection_id) == (State.CONNECTING, CONNECTION)


@pytest.mark.parametrize("after", [False, True])
async def test_a_claim_without_a_reply_is_known_by_its_id(world: World, *, after: bool) -> None:
    world.calls.fail("create", LOST, after=after)
    await world.deliver(incoming())
    assert (world.call.state, world.call.drives) == (State.CONNECTING, 1)


@pytest.mark.parametrize("after", [False, True])
async def test_a_takeover_without_a_reply_is_known_by_its_id(world: World, *, after: bool) -> None:
    world.given(state=State.ANSWERING, connection_id=None, lease_until=START - 1)
    world.calls.fail("save", LOST, after=after)
    await world.deliver(incoming())
    assert (world.call.state, world.call.drives) == (State.CONNECTING, 2)


async def test_a_claim_that_cannot_be_stored_asks_for_another_delivery(world: World) -> None:
    world.calls.fail("create", LOST, times=1_000)
    assert isinstance(await outcome(world.deliver(incoming())), UnavailableError)
    assert world.telephony.log == []
    assert world.clock.now() <= START + 30_000


async def test_the_claim_is_renewed_while_acs_takes_its_time(world: World) -> None:
    world.telephony.hang("answer", 20)
    first = asyncio.create_task(world.deliver(incoming()))
    await world.passing(9)  # longer than the lease
    await world.deliver(incoming())
    await first
    assert world.telephony.count("answer") == 1
    assert (world.call.state, world.call.drives) == (State.CONNECTING, 1)


async def test_a_claim_that_cannot_be_renewed_does_not_disturb_the_answer(world: World) -> None:
    world.telephony.hang("answer", 10)
    delivery = asyncio.create_task(world.deliver(incoming()))
    await world.passing(1)
    world.calls.hang("read", 3)
    world.calls.fail("read", LOST)
    await delivery
    assert world.call.state is State.CONNECTING


async def test_a_renewal_takes_nothing_from_who_took_over(world: World) -> None:
    world.telephony.hang("answer", 5)
    delivery = asyncio.create_task(world.deliver(incoming()))
    await world.passing(1)
    taken = world.calls.put(replace(world.call, lease_id="other", lease_until=Ms(START + 9_000)))
    await world.passing(3.5)
    assert world.call == taken
    await delivery


async def test_waits_20_seconds_for_another_delivery_and_asks_to_come_again(
    world: World,
) -> None:
    world.given(state=State.ANSWERING, connection_id=None, lease_until=START + 60_000)
    assert isinstance(await outcome(world.deliver(incoming())), StillAnsweringError)
    assert world.clock.now() == START + 20_000
    assert world.telephony.log == []


async def test_a_delivery_that_waited_takes_over_an_answer_that_goes_on_too_long(
    world: World,
) -> None:
    """The handler is slower than Event Grid's 30 s: the second delivery overlaps the first."""
    world.given(state=State.ANSWERING, connection_id=None, lease_until=START + 12_000)
    await world.deliver(incoming())
    assert (world.call.state, world.call.drives) == (State.CONNECTING, 2)
