"""Who may post a stream's events in Azure: Web PubSub's managed identity, by its Entra token."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from azure.data.tables.aio import TableServiceClient

from callscribe.foundation.clock import SystemClock
from callscribe.foundation.identifiers import new_call_id
from emulator.stack import Stack
from tests.handlers.acs_peer import AcsPeer
from tests.handlers.conftest import TIMES, surface_settings
from tests.handlers.surface import ACCESS_KEY, Surface
from tests.handlers.wire import Call, assert_refused, frame

pytestmark = pytest.mark.asyncio(loop_scope="session")

TENANT = "11111111-2222-4333-8444-555555555555"
IDENTITY = "66666666-7777-4888-9999-aaaaaaaaaaaa"
VERSION_1 = f"https://sts.windows.net/{TENANT}/"
VERSION_2 = f"https://login.microsoftonline.com/{TENANT}/v2.0"
CLIENT = "0a0a0a0a-0000-4000-8000-0b0b0b0b0b0b"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def entra_app(new_stack: Callable[..., Stack], acs: AcsPeer) -> AsyncIterator[Surface]:
    """Yield an app that believes tokens of the tenant, whose keys the local issuer publishes."""
    settings = surface_settings(acs) | {
        "WEBPUBSUB_ACCESS_KEY": ACCESS_KEY,
        "WEBPUBSUB_UPSTREAM_CODE": "",
        "WEBPUBSUB_UPSTREAM_AUDIENCE": f"api://stream,{CLIENT}",
        "WEBPUBSUB_UPSTREAM_TENANT": TENANT,
        "WEBPUBSUB_UPSTREAM_OBJECT_ID": IDENTITY,
        "WEBPUBSUB_UPSTREAM_JWKS_URL": f"{acs.url}/calling/keys",
    }
    without = ["acs", "web-pubsub"]
    async with new_stack(without=without, overrides=settings, times=TIMES) as stack:
        http = aiohttp.ClientSession()
        tables = TableServiceClient.from_connection_string(stack.azurite.connection_string)
        async with http, tables:
            surface = Surface(stack, acs, http, tables)
            yield surface
            assert surface.leaks() == []


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def call(entra_app: Surface) -> Call:
    """Return a call that the app has answered."""
    return await entra_app.ring()


def _token(app: Surface, **changes: Any) -> str:
    told: dict[str, Any] = {
        "iss": VERSION_2,
        "aud": CLIENT,
        "tid": TENANT,
        "oid": IDENTITY,
    } | changes
    return app.acs.token(**told)


async def _post(app: Surface, call: Call, token: str, **headers: str) -> int:
    sent = {"ce-signature": "", "Authorization": f"Bearer {token}"} | headers
    answer = await app.upstream(call.id, frame(), headers=sent, code="")
    if answer.status != 204:
        assert_refused(answer, answer.status, "unauthorized")
    return answer.status


@pytest.mark.parametrize(
    "claims",
    [{}, {"iss": VERSION_1, "aud": "api://stream"}, {"aud": [CLIENT, "api://stream"]}],
    ids=["version 2", "version 1", "both audiences"],
)
async def test_the_managed_identitys_token_is_enough(
    entra_app: Surface, call: Call, claims: dict[str, Any]
) -> None:
    stored = len(await entra_app.rows(call.id, "s-"))

    assert await _post(entra_app, call, _token(entra_app, **claims)) == 204

    assert len(await entra_app.rows(call.id, "s-")) == stored + 1


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://sts.windows.net/another/"},
        {"iss": f"{VERSION_2}.evil.example"},
        {"aud": "api://another"},
        {"aud": [CLIENT, "api://another"]},
        {"aud": None},
        {"tid": "22222222-2222-4333-8444-555555555555"},
        {"tid": None},
        {"oid": "77777777-7777-4888-9999-aaaaaaaaaaaa"},
        {"oid": None},
        {"exp": 1},
        {"exp": None},
    ],
)
async def test_any_other_token_stores_nothing(
    entra_app: Surface, call: Call, claims: dict[str, Any]
) -> None:
    before = await entra_app.stored(call.id)

    assert await _post(entra_app, call, _token(entra_app, **claims)) == 401

    assert await entra_app.stored(call.id) == before


async def test_a_token_that_somebody_else_signed_is_refused(entra_app: Surface, call: Call) -> None:
    forged = _token(entra_app, key=entra_app.acs.other_key)
    assert await _post(entra_app, call, forged) == 401
    unsigned = _token(entra_app, key="", algorithm="none")
    assert await _post(entra_app, call, unsigned) == 401


async def test_acs_own_token_is_no_proof_here(entra_app: Surface, call: Call) -> None:
    assert await _post(entra_app, call, entra_app.acs.token()) == 401


async def test_what_a_connection_was_let_in_for_is_compared_here_too(
    entra_app: Surface, call: Call
) -> None:
    other = await entra_app.ring()
    sent = {"ce-signature": "", "Authorization": f"Bearer {_token(entra_app)}"}
    opened = entra_app.event_headers(call.id, "sys.connect") | sent
    answer = await entra_app.upstream(call.id, b"{}", headers=opened, code="")
    headers = entra_app.next_headers(opened, answer)
    before = await entra_app.stored(other.id)
    changed = headers | {"ce-userId": other.id}
    answer = await entra_app.upstream(other.id, frame(), headers=changed, code="")
    assert_refused(answer, 404, "notFound")
    assert await entra_app.stored(other.id) == before
    stored = len(await entra_app.rows(call.id, "s-"))
    assert (await entra_app.upstream(call.id, frame(), headers=headers, code="")).status == 204
    assert len(await entra_app.rows(call.id, "s-")) == stored + 1


async def test_a_signature_is_no_proof_here(entra_app: Surface, call: Call) -> None:
    signed = {
        "ce-connectionId": "a-connection",
        "ce-signature": entra_app.signature("a-connection"),
    }
    answer = await entra_app.upstream(call.id, frame(), headers=signed, code="")
    assert_refused(answer, 401, "unauthorized")


@asynccontextmanager
async def _another(
    entra_app: Surface, new_stack: Callable[..., Stack], **changes: str
) -> AsyncIterator[Surface]:
    """Start another instance of the app, which knows no keys yet, over the same storage."""
    acs, settings = entra_app.acs, entra_app.stack.settings
    same = {name: settings[name] for name in settings if name.startswith("WEBPUBSUB_")}
    same |= {name: settings[name] for name in ("TranscriptStorage", "AzureWebJobsStorage")}
    overrides = surface_settings(acs) | same | changes
    without = ["azurite", "web-pubsub", "acs"]
    async with new_stack(without=without, overrides=overrides, times=TIMES) as stack:
        yield entra_app.beside(stack)


async def test_an_unknown_key_within_the_cooldown_is_unavailable_and_not_unauthorized(
    entra_app: Surface, call: Call, new_stack: Callable[..., Stack]
) -> None:
    """It may be a key that Entra has just begun to use: waited for, then 503."""
    async with _another(entra_app, new_stack) as app:
        assert await _post(app, call, _token(app)) == 204
        fetches = app.acs.key_fetches
        headers = {
            "Authorization": f"Bearer {_token(app, headers={'kid': 'new'})}",
            "ce-signature": "",
        }
        work = (app.upstream(call.id, frame(), headers=headers, code="") for _ in range(3))
        for answer in await asyncio.gather(*work):
            assert_refused(answer, 503, "unavailable")
        assert app.acs.key_fetches == fetches


async def test_an_unknown_key_of_somebody_elses_token_is_refused_at_once(
    entra_app: Surface, call: Call
) -> None:
    """Nobody can hold requests open who does not know whose tokens are taken."""
    assert await _post(entra_app, call, _token(entra_app)) == 204
    odd = _token(entra_app, headers={"kid": "invented"}, oid="somebody")
    assert await _post(entra_app, call, odd) == 401
    assert entra_app.logged("refused")[-1]["why"] == "wrong oid"


async def test_who_invents_key_ids_holds_nothing_and_keeps_no_new_key_out(
    entra_app: Surface, call: Call, new_stack: Callable[..., Stack]
) -> None:
    """An instance that knows no key yet; who names no call has none fetched for it."""
    async with _another(entra_app, new_stack) as app:
        fetches, unknown = app.acs.key_fetches, new_call_id(SystemClock().now(), "invented")

        async def invent(number: int) -> int:
            token = _token(app, headers={"kid": f"invented-{number}"})
            sent = {"ce-signature": "", "Authorization": f"Bearer {token}"}
            return (await app.upstream(unknown, frame(), headers=sent, code="")).status

        assert set(await asyncio.gather(*map(invent, range(40)))) == {401}
        assert app.acs.key_fetches == fetches
        assert await _post(app, call, _token(app)) == 204
        assert app.acs.key_fetches == fetches + 1


@pytest_asyncio.fixture(loop_scope="session")
async def cold(entra_app: Surface, new_stack: Callable[..., Stack]) -> AsyncIterator[Surface]:
    """Yield another instance of the app, which does not get its keys at the first try."""
    url = f"{entra_app.acs.url}/stumbling/keys"
    async with _another(entra_app, new_stack, WEBPUBSUB_UPSTREAM_JWKS_URL=url) as stumbling:
        yield stumbling


async def test_a_first_fetch_that_fails_hangs_up_no_stream(
    cold: Surface, entra_app: Surface, call: Call
) -> None:
    cold.acs.stumbles = 1
    before = len(await entra_app.rows(call.id, "s-"))
    answers = await asyncio.gather(*(_post(cold, call, _token(cold)) for _ in range(20)))
    assert answers == [204] * 20
    assert len(await entra_app.rows(call.id, "s-")) == before + 20
    assert cold.acs.stumbles == 0
    assert cold.leaks() == []


async def test_a_validation_needs_no_token(entra_app: Surface) -> None:
    answer = await entra_app.request(
        "OPTIONS", "/api/stream", headers={"WebHook-Request-Origin": "localhost"}
    )
    assert (answer.status, answer.headers.get("WebHook-Allowed-Origin")) == (200, "localhost")


async def test_a_dial_by_ticket_on_a_new_instance_is_judged_by_its_ticket(
    entra_app: Surface, call: Call, new_stack: Callable[..., Stack]
) -> None:
    """It has no user yet and its key is not known yet: the call that it names has that fetched."""
    async with _another(entra_app, new_stack, WEBPUBSUB_STREAM_ADMISSION="ticket") as app:
        fetches = app.acs.key_fetches
        query = {"call": [call.id], "ticket": ["A" * 43]}
        headers = {"ce-userId": "", "ce-signature": "", "Authorization": f"Bearer {_token(app)}"}
        body = json.dumps({"query": query}).encode()
        answer = await app.upstream(call.id, body, "sys.connect", headers, code="")
        assert_refused(answer, 401, "unauthorized")
        assert app.acs.key_fetches > fetches
        assert "key" not in app.logged("refused")[-1]["why"]
