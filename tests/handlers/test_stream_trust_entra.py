"""Who may post a stream's events in Azure: Web PubSub's managed identity, by its Entra token."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from azure.data.tables.aio import TableServiceClient

from emulator.stack import Stack
from tests.handlers.acs_peer import AcsPeer
from tests.handlers.conftest import surface_settings
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
    async with new_stack(without=["acs", "web-pubsub"], overrides=settings) as stack:
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
    told: dict[str, Any] = {"iss": VERSION_2, "aud": CLIENT, "tid": TENANT, "oid": IDENTITY}
    forged = entra_app.acs.token(key=entra_app.acs.other_key, **told)
    assert await _post(entra_app, call, forged) == 401
    unsigned = entra_app.acs.token(key="", algorithm="none", **told)
    assert await _post(entra_app, call, unsigned) == 401


async def test_acs_own_token_is_no_proof_here(entra_app: Surface, call: Call) -> None:
    assert await _post(entra_app, call, entra_app.acs.token()) == 401


async def test_a_signature_is_no_proof_here(entra_app: Surface, call: Call) -> None:
    signed = {
        "ce-connectionId": "a-connection",
        "ce-signature": entra_app.signature("a-connection"),
    }
    answer = await entra_app.upstream(call.id, frame(), headers=signed, code="")
    assert_refused(answer, 401, "unauthorized")


async def test_an_unknown_key_within_the_cooldown_does_not_hang_up_the_stream(
    entra_app: Surface, call: Call
) -> None:
    """It may be a key that Entra has just begun to use: 503, so that the event can come again."""
    assert await _post(entra_app, call, _token(entra_app)) == 204
    fetches = entra_app.acs.key_fetches
    told: dict[str, Any] = {"iss": VERSION_2, "aud": CLIENT, "tid": TENANT, "oid": IDENTITY}
    headers = {
        "Authorization": f"Bearer {entra_app.acs.token(headers={'kid': 'new'}, **told)}",
        "ce-signature": "",
    }
    for _ in range(3):
        answer = await entra_app.upstream(call.id, frame(), headers=headers, code="")
        assert_refused(answer, 503, "unavailable")
    assert entra_app.acs.key_fetches == fetches


async def test_a_validation_needs_no_token(entra_app: Surface) -> None:
    answer = await entra_app.request(
        "OPTIONS", "/api/stream", headers={"WebHook-Request-Origin": "localhost"}
    )
    assert (answer.status, answer.headers.get("WebHook-Allowed-Origin")) == (200, "localhost")
