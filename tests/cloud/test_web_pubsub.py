"""Addresses grant what they must and no more; the live feed never holds anybody up."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Self

import aiohttp
import jwt
import pytest
import pytest_asyncio
from aiohttp import web
from azure.core.credentials import AccessToken
from azure.core.exceptions import ClientAuthenticationError
from azure.messaging.webpubsubservice.aio import WebPubSubServiceClient
from yarl import URL

from callscribe.cloud.transport import new_session, share
from callscribe.cloud.web_pubsub import (
    MOST_WAITING,
    PUBLISH_SECONDS,
    WebPubSubFeed,
    WebPubSubStream,
)
from callscribe.foundation.errors import UnavailableError
from tests.cloud.hub import feed_at, hub
from tests.emulator.web_pubsub.peers import serving

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


def claims(url: str) -> dict[str, object]:
    token = URL(url).query["access_token"]
    found: dict[str, object] = jwt.decode(token, options={"verify_signature": False})
    return found


def minutes(url: str) -> float:
    return (int(str(claims(url)["exp"])) - time.time()) / 60


async def test_the_streams_token_names_the_call_and_grants_nothing() -> None:
    async with hub() as running:
        url = await running.stream.stream_url("call")
        assert claims(url)["sub"] == "call"
        assert not {"role", "webpubsub.group"} & claims(url).keys()
        assert 1438 < minutes(url) <= 1440


async def test_a_stream_connects_as_its_call() -> None:
    async with hub() as running:
        await running.emulator.open(await running.stream.stream_url("call"))
        connection = await running.emulator.last("open")
        assert (connection["hub"], connection["userId"]) == ("stream", "call")


async def test_a_viewers_token_is_for_one_group_and_an_hour_at_most() -> None:
    async with hub() as running:
        url = await running.feed.viewer_url("call", 60)
        assert claims(url)["webpubsub.group"] == ["call"]
        assert "role" not in claims(url)
        assert 58 < minutes(url) <= 60


@pytest.mark.parametrize(
    "request_of_viewer",
    [
        {"type": "sendToGroup", "group": "call", "data": "x", "ackId": 1},
        {"type": "joinGroup", "group": "other", "ackId": 1},
    ],
)
async def test_a_viewer_can_neither_send_nor_look_elsewhere(
    request_of_viewer: dict[str, object],
) -> None:
    async with hub() as running:
        url = await running.feed.viewer_url("call", 60)
        viewer = await running.emulator.open(url, protocols=("json.webpubsub.azure.v1",))
        await viewer.receive_json()  # that it is connected
        await viewer.send_json(request_of_viewer)
        ack = await viewer.receive_json()
        assert (ack["type"], ack["success"], ack["error"]["name"]) == ("ack", False, "Forbidden")


async def test_a_hub_that_issues_no_token_is_unavailable(session: aiohttp.ClientSession) -> None:
    """With an identity instead of a key, the token comes from the service."""

    class Identity:
        async def get_token(self, *_scopes: str, **_options: object) -> AccessToken:
            raise ClientAuthenticationError("no role")

        async def close(self) -> None:
            pass

        async def __aenter__(self) -> Self:
            return self

        async def __aexit__(self, *_: object) -> None:
            pass

    client = WebPubSubServiceClient(
        "https://127.0.0.1:1", "stream", Identity(), transport=share(session), retry_total=0
    )
    with pytest.raises(UnavailableError):
        await WebPubSubStream(client, 60).stream_url("call")
    with pytest.raises(UnavailableError):
        await WebPubSubFeed(client).viewer_url("call", 60)


async def test_publishing_returns_at_once_and_gives_up_after_a_second(
    session: aiohttp.ClientSession,
) -> None:
    async def hang(_request: web.Request) -> web.StreamResponse:
        await asyncio.sleep(3600)
        return web.Response(status=202)

    async with serving_posts(hang) as url, asyncio.timeout(60):
        feed = feed_at(session, url)
        started = time.monotonic()
        feed.publish("call", MESSAGE)
        await feed.drain()
        assert time.monotonic() - started >= PUBLISH_SECONDS


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
        assert 0 < sent <= MOST_WAITING
        before = sent
        feed.publish("call", MESSAGE)
        await feed.drain()
        assert sent == before + 1


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
