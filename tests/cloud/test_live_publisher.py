"""The live feed never delays the publisher, and its client authenticates each message itself."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import aiohttp
import jwt
import pytest
import pytest_asyncio
from aiohttp import web
from azure.core.credentials import AzureKeyCredential

from callscribe.cloud.live_publisher import MOST_WAITING, PUBLISH, RENEWED, TOKEN, lean_hub
from callscribe.cloud.transport import new_session
from callscribe.foundation.moments import Seconds
from tests.cloud.hub import feed_at
from tests.cloud.identity import Identity, Recording
from tests.emulator.web_pubsub.peers import serving

SERVICE = "https://some.webpubsub.azure.com"
SEND = f"{SERVICE}/api/hubs/live/groups/call/:send"
KEY = "an-access-key-that-is-long-enough-for-its-hash"
MESSAGE: dict[str, object] = {"type": "segment", "text": "hello"}


@pytest_asyncio.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with new_session() as running:
        yield running


@asynccontextmanager
async def serving_posts(
    answer: Callable[[web.Request], Awaitable[web.StreamResponse]],
) -> AsyncIterator[str]:
    """Serve a Web PubSub that answers every message like this."""
    app = web.Application()
    app.router.add_post("/{path:.*}", answer)
    async with serving(app) as url:
        yield url


async def test_publishing_returns_at_once_and_gives_up_after_a_second(
    session: aiohttp.ClientSession, caplog: pytest.LogCaptureFixture
) -> None:
    async def hang(_request: web.Request) -> web.StreamResponse:
        await asyncio.Event().wait()
        raise AssertionError

    assert Seconds(1) == PUBLISH
    async with serving_posts(hang) as url, asyncio.timeout(60):
        feed = feed_at(session, url, Seconds(0.1))
        feed.publish("call", MESSAGE)
        assert "notPublished" not in caplog.text
        await feed.drain()
    assert '"why": "TimeoutError"' in caplog.text


async def test_who_publishes_faster_than_is_taken_loses_messages_and_no_memory(
    session: aiohttp.ClientSession,
) -> None:
    sent = 0
    taken = asyncio.Event()

    async def slowly(_request: web.Request) -> web.StreamResponse:
        nonlocal sent
        sent += 1
        await taken.wait()
        return web.Response(status=202)

    async with serving_posts(slowly) as url:
        feed = feed_at(session, url)
        for _ in range(MOST_WAITING + 50):
            feed.publish("call", MESSAGE)
        await asyncio.sleep(0)
        taken.set()
        await feed.drain()
        assert sent == MOST_WAITING
        feed.publish("call", MESSAGE)
        await feed.drain()
        assert sent == MOST_WAITING + 1


@pytest.mark.parametrize("status", [400, 401, 403, 404, 429, 500, 503])
async def test_a_refused_message_is_lost_without_a_second_try(
    session: aiohttp.ClientSession, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    requests = []

    async def refuse(request: web.Request) -> web.StreamResponse:
        requests.append(request.path)
        return web.Response(status=status, headers={"Retry-After": "1"})

    async with serving_posts(refuse) as url:
        feed = feed_at(session, url)
        feed.publish("call", MESSAGE)
        await feed.drain()
    assert requests == ["/api/hubs/live/groups/call/:send"]
    assert "notPublished" in caplog.text
    assert "hello" not in caplog.text


async def test_a_service_that_is_gone_is_no_error(session: aiohttp.ClientSession) -> None:
    feed = feed_at(session, "http://127.0.0.1:1")
    feed.publish("call", MESSAGE)
    await feed.drain()


async def test_a_message_that_cannot_be_sent_is_no_error(session: aiohttp.ClientSession) -> None:
    feed = feed_at(session, "http://127.0.0.1:1")
    feed.publish("call", {"text": object()})
    await feed.drain()


async def test_by_key_the_token_is_for_the_address_alone() -> None:
    transport = Recording(202)
    before = time.time()
    await lean_hub(SERVICE, "live", AzureKeyCredential(KEY), transport).send_to_group("call", {})
    after = time.time()
    assert transport.sent.url.startswith(f"{SEND}?")
    token = transport.sent.headers["Authorization"].removeprefix("Bearer ")
    claims = jwt.decode(token, KEY, algorithms=["HS256"], audience=transport.sent.url)
    assert set(claims) == {"aud", "exp"}
    assert before + TOKEN <= claims["exp"] <= after + TOKEN + RENEWED


async def test_a_token_for_one_address_is_never_used_for_another() -> None:
    transport = Recording(202)
    hub = lean_hub(SERVICE, "live", AzureKeyCredential(KEY), transport)
    tokens = []
    for group in ("one", "other"):
        await hub.send_to_group(group, {})
        tokens.append(transport.sent.headers["Authorization"])
    assert tokens[0] != tokens[1]


async def test_by_identity_the_token_is_the_identitys() -> None:
    transport = Recording(202)
    identity = Identity("https://webpubsub.azure.com/.default")
    await lean_hub(SERVICE, "live", identity, transport).send_to_group("call", {})
    assert transport.sent.url.startswith(f"{SEND}?")
    assert transport.sent.headers["Authorization"] == "Bearer the-token"
