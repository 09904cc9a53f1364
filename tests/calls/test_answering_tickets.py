"""By ticket each delivery that answers has one of its own, saved with its claim as a hash."""

import asyncio
from urllib.parse import parse_qs, urlsplit

import pytest

from callscribe.calls.call import State
from callscribe.calls.tickets import holds, is_ticket
from callscribe.foundation.errors import UnavailableError
from callscribe.foundation.moments import Ms
from tests.fakes.clock import START
from tests.fakes.settings import settings
from tests.fakes.wire import incoming
from tests.fakes.world import CALL_ID, LOST, World

HOUR = 3_600_000


@pytest.fixture
def world() -> World:
    return World(settings(WEBPUBSUB_STREAM_ADMISSION="ticket", LONGEST_CALL_HOURS="2"))


def shown(world: World) -> str:
    """Return the ticket in the address that ACS was given."""
    [picked] = world.telephony.answers
    query = parse_qs(urlsplit(picked.stream_url).query)
    assert query["call"] == [CALL_ID]
    (ticket,) = query["ticket"]
    return ticket


async def test_the_ticket_in_the_address_is_the_calls_own_and_kept_nowhere(world: World) -> None:
    await world.deliver(incoming())
    ticket = shown(world)
    assert is_ticket(ticket)
    assert holds(world.call, ticket, world.clock.now())
    assert ticket not in repr((world.calls.saved, world.transcripts.calls, world.feed.messages))


async def test_it_holds_an_hour_longer_than_a_call_may_last(world: World) -> None:
    await world.deliver(incoming())
    assert holds(world.call, shown(world), Ms(START + 3 * HOUR - 1))
    assert not holds(world.call, shown(world), Ms(START + 3 * HOUR))


async def test_it_is_saved_before_acs_is_asked(world: World) -> None:
    world.telephony.hang("answer", 1)
    delivery = asyncio.create_task(world.deliver(incoming()))
    await world.passing(0.5)
    saved = world.call.tickets
    await delivery
    assert world.call.tickets == saved
    assert holds(world.call, shown(world), START)


@pytest.mark.parametrize("after", [False, True])
async def test_a_claim_without_a_reply_has_one_ticket(world: World, *, after: bool) -> None:
    world.calls.fail("create", LOST, after=after)
    await world.deliver(incoming())
    assert holds(world.call, shown(world), START)
    assert str(world.call.tickets).count("sha256") == 1


async def test_all_tries_of_a_delivery_give_the_same_address(world: World) -> None:
    world.telephony.fail("answer", UnavailableError("503"), times=2)
    await world.deliver(incoming())
    assert holds(world.call, shown(world), START)
    assert str(world.call.tickets).count("sha256") == 1


async def test_who_takes_over_adds_one_and_the_first_still_holds(world: World) -> None:
    """ACS may have taken the first one's request: its address is dialled then."""
    world.telephony.hang("answer", 60)
    died = asyncio.create_task(world.deliver(incoming()))
    await world.passing(1)
    first = world.call.tickets
    died.cancel()
    await world.passing(8)
    await world.deliver(incoming())
    assert holds(world.call, shown(world), world.clock.now())
    assert first is not None
    assert str(world.call.tickets).startswith(first[:-1])
    assert world.call.drives == 2


async def test_by_token_there_is_none() -> None:
    world = World()
    await world.deliver(incoming())
    assert world.call.state is State.CONNECTING
    assert world.call.tickets is None
    assert "ticket=" not in world.telephony.answers[0].stream_url
