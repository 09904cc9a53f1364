"""By ticket everybody may dial: who comes in has a ticket of the call, and nobody else does."""

import asyncio
import json
import secrets
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest
import pytest_asyncio

from callscribe.foundation.clock import SystemClock
from callscribe.foundation.identifiers import new_call_id
from emulator.stack import Stack
from tests.handlers.acs_peer import AcsPeer
from tests.handlers.conftest import running_app
from tests.handlers.surface import Surface, until
from tests.handlers.wire import SPOKEN, Answer, Call, assert_refused, callback, frame

pytestmark = pytest.mark.asyncio(loop_scope="session")
STRANGERS = 500
LINES = 20


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def app(new_stack: Callable[..., Stack], acs: AcsPeer) -> AsyncIterator[Surface]:
    """Yield an app that lets streams in by ticket, behind a hub that lets everybody dial."""
    async with running_app(new_stack, acs, WEBPUBSUB_STREAM_ADMISSION="ticket") as surface:
        yield surface


def ticket_of(call: Call) -> str:
    """Return the ticket in the address that ACS was given."""
    (ticket,) = parse_qs(urlsplit(call.stream_url).query)["ticket"]
    return ticket


def unknown() -> str:
    """Return the id of a call that never was."""
    return new_call_id(SystemClock().now(), secrets.token_hex())


async def dial(
    app: Surface, call_id: str, ticket: str, sent: dict[str, str] | None = None, **headers: str
) -> Answer:
    """Post `connect` as Web PubSub does for a client without a token of its own."""
    named = {name.replace("_", "-"): [value] for name, value in headers.items()}
    body = {"claims": {}, "query": {"call": [call_id], "ticket": [ticket]}, "headers": named}
    nobody = {"ce-userId": "", "ce-id": "0"} | (sent or {})
    return await app.upstream(call_id, json.dumps(body).encode(), "sys.connect", nobody)


async def assert_nothing_came_of_it(app: Surface, call: Call, work: Any) -> str:
    """Hold that a dial is refused, as any other is, and that nothing is stored."""
    before = await app.stored(call.id)
    message = assert_refused(await work, 401, "unauthorized")
    assert await app.stored(call.id) == before
    return message


async def test_a_ticket_of_the_call_opens_its_stream(app: Surface, call: Call) -> None:
    opened = app.event_headers(call.id, "sys.connect")
    answer = await dial(app, call.id, ticket_of(call), opened | {"ce-userId": ""})
    assert (answer.status, answer.json()) == (200, {"userId": call.id})
    assert len(answer.headers.getall("ce-connectionState")) == 1
    assert (await app.row(call.id, "c"))["Proof"] == "ticket"
    headers = app.next_headers(opened, answer)
    assert (await app.upstream(call.id, frame(), headers=headers)).status == 204
    assert (await app.row(call.id, "s"))["Text"] == SPOKEN


async def test_it_is_stored_nowhere(app: Surface, call: Call) -> None:
    assert (await dial(app, call.id, ticket_of(call))).status == 200
    assert ticket_of(call) not in repr(await app.stored(call.id))


async def test_acs_may_dial_the_address_again(app: Surface, call: Call) -> None:
    for _ in range(3):
        assert (await dial(app, call.id, ticket_of(call))).status == 200
    assert len(await app.rows(call.id, "c")) == 3


async def test_a_client_on_the_address_is_heard_through_web_pubsub(
    app: Surface, call: Call
) -> None:
    foreign = {"Authorization": f"Bearer {app.acs.token()}"}
    async with app.http.ws_connect(call.stream_url, headers=foreign) as socket:
        await socket.send_str(frame().decode())

        async def stored() -> bool:
            return len(await app.rows(call.id, "s")) == 1

        await until(stored)
        assert not socket.closed


async def test_every_refusal_is_the_same(app: Surface, call: Call) -> None:
    """Forged, another call's, a call that never was: nobody learns which calls there are."""
    other, forged = await app.ring(), secrets.token_urlsafe(32)
    good = ticket_of(call)
    dials = [(call.id, forged), (call.id, ticket_of(other)), (unknown(), good), ("", good)]
    dials += [(call.id, ""), (call.id, f"{good}x"), (call.id.lower(), good), ("../x", good)]
    told = {await assert_nothing_came_of_it(app, call, dial(app, *each)) for each in dials}
    assert told == {"the sender could not be verified"}


async def test_without_a_signature_a_ticket_is_worth_nothing(app: Surface, call: Call) -> None:
    work = dial(app, call.id, ticket_of(call), {"ce-signature": ""})
    await assert_nothing_came_of_it(app, call, work)


async def test_a_call_that_is_too_old_to_be_up_gets_no_stream(app: Surface) -> None:
    rang = datetime.now(UTC) - timedelta(hours=31, minutes=1)
    call = await app.ring(eventTime=rang.isoformat())
    await assert_nothing_came_of_it(app, call, dial(app, call.id, ticket_of(call)))


@pytest.mark.parametrize(("minutes", "good"), [(9, True), (11, False)])
async def test_nor_does_one_that_acs_ended_more_than_ten_minutes_ago(
    app: Surface, call: Call, minutes: int, *, good: bool
) -> None:
    ended = datetime.now(UTC) - timedelta(minutes=minutes)
    over = callback(call, "CallDisconnected", time=ended.isoformat())
    assert (await app.call_back(call.id, [over])).status == 200
    if good:
        assert (await dial(app, call.id, ticket_of(call))).status == 200
    else:
        await assert_nothing_came_of_it(app, call, dial(app, call.id, ticket_of(call)))


async def test_acs_dials_for_the_calls_own_connection(app: Surface, call: Call) -> None:
    work = dial(app, call.id, ticket_of(call), x_ms_call_connection_id="another")
    await assert_nothing_came_of_it(app, call, work)
    own = call.connection_id
    answer = await dial(app, call.id, ticket_of(call), x_ms_call_connection_id=own)
    assert answer.status == 200


async def test_acss_own_token_is_noted_where_it_arrives(app: Surface, call: Call) -> None:
    bearer = f"Bearer {app.acs.token()}"
    assert (await dial(app, call.id, ticket_of(call), Authorization=bearer)).status == 200
    assert (await app.row(call.id, "c"))["Proof"] == "ticket+acs"
    assert app.logged("streamOpened", callId=call.id, proof="ticket+acs")


@pytest.mark.parametrize("bad", ["forged", "expired", "for another", "unsigned"])
async def test_a_bad_one_spoils_a_good_ticket(app: Surface, call: Call, bad: str) -> None:
    acs = app.acs
    tokens = {
        "forged": acs.token(key=acs.other_key),
        "expired": acs.token(exp=1),
        "for another": acs.token(aud="another"),
        "unsigned": acs.token(key="", algorithm="none"),
    }
    work = dial(app, call.id, ticket_of(call), Authorization=f"Bearer {tokens[bad]}")
    await assert_nothing_came_of_it(app, call, work)


async def stranger(app: Surface, number: int, known: Call) -> int:
    """Dial as somebody does who knows the hub, and perhaps a call; return the answer's status."""
    hub = known.stream_url.partition("?")[0]
    call_id, ticket = known.id if number % 2 else unknown(), secrets.token_urlsafe(32)
    query = ["", f"?call={call_id}", f"?call={call_id}&ticket={ticket}"][number % 3]
    try:
        async with app.http.ws_connect(f"{hub}{query}"):
            return 101
    except aiohttp.WSServerHandshakeError as refused:
        return refused.status


async def partitions(app: Surface) -> set[str]:
    """Return the ids of all calls of which a transcript has any row."""
    rows = app.table("Transcripts").list_entities(select=["PartitionKey"])
    return {row["PartitionKey"] async for row in rows}


async def talk(app: Surface, call: Call) -> None:
    """Say some lines on a call's stream, each once the one before is stored."""
    async with app.http.ws_connect(call.stream_url) as socket:
        for number in range(LINES):
            await socket.send_bytes(frame(text=f"Line {number}.", offset=number * 10_000_000))

            async def stored(least: int = number + 1) -> bool:
                return len(await app.rows(call.id, "s")) >= least

            await until(stored)
        assert not socket.closed


async def test_a_storm_of_strangers_leaves_the_calls_streams_untouched(app: Surface) -> None:
    before = await partitions(app)
    calls = [await app.ring() for _ in range(4)]
    strangers = (stranger(app, number, calls[number % 4]) for number in range(STRANGERS))
    talking = [asyncio.create_task(talk(app, call)) for call in calls]
    statuses = await asyncio.gather(*strangers)
    await asyncio.gather(*talking)
    assert set(statuses) == {401}
    for call in calls:
        said = [row["Text"] for row in await app.rows(call.id, "s")]
        assert said == [f"Line {number}." for number in range(LINES)]
        row = await app.row(call.id, "c")
        assert (row["Missing"], row["Proof"]) == (0, "ticket")
    assert await partitions(app) - before == {call.id for call in calls}
