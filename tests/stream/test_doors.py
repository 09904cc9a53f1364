"""By ticket a stream is let in that shows one of its call's; all else is refused alike."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from callscribe.calls.call import EndedBy, State
from callscribe.calls.tickets import with_ticket
from callscribe.foundation.errors import (
    CallscribeError,
    StorageUnavailableError,
    UnauthorizedError,
)
from callscribe.foundation.identifiers import new_call_id
from callscribe.foundation.moments import Seconds, later
from callscribe.stream.doors import MOST_WAITING
from callscribe.stream.state import restore
from callscribe.stream.upstream import Kind, UpstreamEvent
from tests.fakes.clock import START
from tests.fakes.settings import settings
from tests.fakes.wire import STREAM_ID, speech
from tests.fakes.world import CALL_ID, CONNECTION, LOST, STREAM, World, outcome

TICKET = "t" * 43
OTHER_ID = new_call_id(START, "another call")
HOUR = 3_600


@pytest.fixture
def world() -> World:
    return World(settings(WEBPUBSUB_STREAM_ADMISSION="ticket"))


def given(world: World, **changes: Any) -> None:
    world.given(**changes)
    until = later(START, Seconds(2 * HOUR))
    world.calls.put(with_ticket(world.call, TICKET, until, START))


def dial(
    world: World, call: str = CALL_ID, ticket: str = TICKET, **headers: list[str]
) -> UpstreamEvent:
    query = {"call": [call], "ticket": [ticket]}
    body = {"query": query, "headers": {name.replace("_", "-"): headers[name] for name in headers}}
    return world.upstream(Kind.CONNECT, 0, body, **{"ce-userid": call})


async def refusal(world: World, event: UpstreamEvent) -> BaseException | None:
    """Dial; return why that was refused, and hold that nothing was stored."""
    before, rows = world.calls.saved.copy(), world.transcripts.log.copy()
    failure = await outcome(world.receive(event, 10))
    assert (world.calls.saved, world.transcripts.log) == (before, rows)
    return failure


async def test_with_a_ticket_a_stream_is_let_in_at_one_read(world: World) -> None:
    given(world)
    state = await world.receive(dial(world), 10)
    assert [method for method, *_ in world.calls.log][:1] == ["read"]
    [row] = world.transcripts.of_kind(CALL_ID, "c")
    assert row["Proof"] == "ticket"
    assert TICKET not in repr(row)
    reads = world.calls.count("read")
    await world.receive(world.upstream(Kind.MESSAGE, 2, speech(), state))
    assert world.calls.count("read") == reads
    assert len(world.transcripts.keys(CALL_ID, "s")) == 1


async def test_web_pubsub_is_told_whose_it_is(world: World) -> None:
    given(world)
    assert world.entrance.user(dial(world)) == CALL_ID
    assert World().entrance.user(dial(world)) is None


@pytest.mark.parametrize("door", ["token", "ticket"])
async def test_the_event_is_read_by_the_doors_own_rule(door: str) -> None:
    world = World(settings(WEBPUBSUB_STREAM_ADMISSION=door))
    body = dial(world).body
    headers = {"ce-type": "azure.webpubsub.sys.connect", "ce-userid": CALL_ID}
    assert world.entrance.event(headers, body, START).call_id == CALL_ID
    without = {"ce-type": "azure.webpubsub.sys.connect"}
    if door == "ticket":
        assert world.entrance.event(without, body, START).call_id == CALL_ID
    else:
        with pytest.raises(CallscribeError):
            world.entrance.event(without, body, START)


async def test_an_address_holds_an_hour_longer_than_a_call_may_last(world: World) -> None:
    event, headers = dial(world), {"ce-type": "azure.webpubsub.sys.connect"}
    longest = later(START, Seconds(31 * HOUR))
    assert world.entrance.event(headers, event.body, longest).call_id == CALL_ID
    with pytest.raises(UnauthorizedError):
        world.entrance.event(headers, event.body, later(longest, Seconds(1)))


@pytest.mark.parametrize(("call", "ticket"), [(CALL_ID, "x" * 43), (OTHER_ID, TICKET)])
async def test_another_ticket_and_another_call_are_refused(
    world: World, call: str, ticket: str
) -> None:
    given(world)
    assert isinstance(await refusal(world, dial(world, call, ticket)), UnauthorizedError)


async def test_one_calls_ticket_opens_no_other_call(world: World) -> None:
    given(world)
    world.calls.put(replace(with_ticket(world.usual(), "o" * 43, START, START), id=OTHER_ID))
    assert isinstance(await refusal(world, dial(world, OTHER_ID)), UnauthorizedError)


async def test_a_ticket_ends(world: World) -> None:
    given(world)
    await world.passing(2 * HOUR)
    assert isinstance(await refusal(world, dial(world)), UnauthorizedError)


@pytest.mark.parametrize(
    ("state", "ago", "by", "let_in"),
    [
        (State.ENDED, 599, EndedBy.CALLBACK, True),
        (State.ENDED, 601, EndedBy.CALLBACK, False),
        (State.ENDED, 601, EndedBy.INFERRED, True),
        (State.MISSED, HOUR, None, True),
        (State.ERASED, 1, EndedBy.INFERRED, False),
    ],
)
async def test_a_good_ticket_opens_what_the_call_may_have(
    world: World, state: State, ago: int, by: EndedBy | None, *, let_in: bool
) -> None:
    given(world, state=state, ended_at=later(START, Seconds(-ago)), ended_by=by)
    failure = await outcome(world.receive(dial(world), 10))
    assert (failure is None) is let_in
    assert let_in or isinstance(failure, UnauthorizedError)


@pytest.mark.parametrize(
    ("told", "known", "let_in"),
    [
        ([CONNECTION], CONNECTION, True),
        (["another"], CONNECTION, False),
        (["another"], None, True),
        ([], CONNECTION, True),
    ],
)
async def test_acs_dials_for_the_calls_own_connection(
    world: World, told: list[str], known: str | None, *, let_in: bool
) -> None:
    given(world, connection_id=known)
    event = dial(world, x_ms_call_connection_id=told)
    if let_in:
        assert await world.receive(event, 10)
    else:
        assert isinstance(await refusal(world, event), UnauthorizedError)


class TestStorageOut:
    """This door fails closed: who has proved nothing is let in nowhere."""

    async def test_it_is_outlasted(self, world: World) -> None:
        given(world)
        world.calls.fail("read", LOST, times=4)
        state = restore(await world.receive(dial(world), 10) or "", STREAM)
        assert state.written

    async def test_where_it_stays_out_nobody_is_let_in(self, world: World) -> None:
        given(world)
        world.calls.fail("read", LOST, times=1_000)
        assert isinstance(await refusal(world, dial(world)), StorageUnavailableError)
        assert START + 8_000 <= world.clock.now() <= START + 10_000

    async def test_one_that_is_slow_costs_a_stranger_a_place(self, world: World) -> None:
        given(world)
        world.calls.hang("read", 60, times=2)
        assert isinstance(await refusal(world, dial(world)), StorageUnavailableError)
        assert world.clock.now() <= START + 10_000
        assert await world.receive(dial(world), 10)

    async def test_of_one_call_one_waits(self, world: World) -> None:
        given(world)
        world.calls.hang("read", 5, times=3)
        first = asyncio.create_task(world.receive(dial(world), 20))
        assert isinstance(await refusal(world, dial(world)), StorageUnavailableError)
        assert world.clock.now() == START + 1_000
        assert await first

    async def test_of_an_instance_four_wait(self, world: World) -> None:
        world.calls.hang("read", 5, times=2 * MOST_WAITING + 1)
        ids = [new_call_id(START, f"call {number}") for number in range(MOST_WAITING + 1)]
        dials = [asyncio.create_task(outcome(world.receive(dial(world, each), 20))) for each in ids]
        failures = await asyncio.gather(*dials)
        refused = [isinstance(each, UnauthorizedError) for each in failures]
        assert refused == [True] * MOST_WAITING + [False]
        assert isinstance(failures[-1], StorageUnavailableError)
        given(world)
        assert await world.receive(dial(world), 10)

    async def test_no_time_left_is_no_read_at_all(self, world: World) -> None:
        given(world)
        failure = await outcome(world.receive(dial(world), 0))
        assert isinstance(failure, StorageUnavailableError)

    async def test_who_has_a_ticket_is_let_in_though_its_row_cannot_be_written(
        self, world: World
    ) -> None:
        given(world)
        world.transcripts.fail("merge", LOST, times=1_000)
        state = await world.receive(dial(world), 10)
        assert world.clock.now() <= START + 2_000
        assert not restore(state or "", STREAM).written
        world.transcripts.heal()
        reads = world.calls.count("read")
        await world.receive(world.upstream(Kind.MESSAGE, 2, speech(), state))
        assert world.calls.count("read") == reads
        assert world.transcripts.keys(CALL_ID, "c") == [f"c-{STREAM_ID}"]


async def test_strangers_wait_for_nothing_where_storage_is_well(world: World) -> None:
    given(world)
    dials = [dial(world, new_call_id(START, f"nobody {number}")) for number in range(500)]
    failures = await asyncio.gather(*(outcome(world.receive(each, 10)) for each in dials))
    assert all(isinstance(each, UnauthorizedError) for each in failures)
    assert not any(world.transcripts.calls.values())
    assert await world.receive(dial(world), 10)
