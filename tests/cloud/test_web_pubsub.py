"""Addresses grant what they must and no more."""

import time
from collections.abc import AsyncIterator
from typing import Self

import aiohttp
import jwt
import pytest
import pytest_asyncio
from azure.core.credentials import AccessToken, AzureKeyCredential
from azure.core.exceptions import ClientAuthenticationError
from azure.messaging.webpubsubservice.aio import WebPubSubServiceClient
from yarl import URL

from callscribe.cloud.live_publisher import WebPubSubFeed
from callscribe.cloud.transport import new_session, share
from callscribe.cloud.web_pubsub import TicketedStream, WebPubSubStream
from callscribe.foundation.errors import UnavailableError
from tests.cloud.hub import hub
from tests.emulator.web_pubsub.peers import KEY


@pytest_asyncio.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with new_session() as running:
        yield running


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


async def test_a_front_replaces_the_host_in_the_address_and_not_in_the_token() -> None:
    async with hub() as running:
        stream = WebPubSubStream(running.client, 60, "front.example")
        url = await stream.stream_url("call")
        assert url.startswith("ws://front.example/client/hubs/stream?access_token=")
        assert claims(url)["aud"] == f"{running.emulator.url}/client/hubs/stream"


@pytest.mark.parametrize(
    ("endpoint", "host", "address"),
    [
        ("https://one.example", None, "wss://one.example"),
        ("http://localhost:8080", None, "ws://localhost:8080"),
        ("https://one.example", "front.example", "wss://front.example"),
    ],
)
async def test_an_address_with_a_ticket_asks_nobody(
    endpoint: str, host: str | None, address: str
) -> None:
    async with hub() as running:
        stream = TicketedStream(running.client, endpoint, "one`two", host)
        url = await stream.stream_url("CALL", "a-_9")
        assert url == f"{address}/client/hubs/one%60two?call=CALL&ticket=a-_9"


async def test_whether_a_stream_is_open_is_asked_of_web_pubsub() -> None:
    async with hub() as running:
        # Nobody handles this hub's events, so whoever has a token is let in.
        client = WebPubSubServiceClient(running.emulator.url, "live", AzureKeyCredential(KEY))
        async with client:
            stream = WebPubSubStream(client, 60)
            assert not await stream.has_stream("call")
            await running.watch(await stream.stream_url("call"))
            assert await stream.has_stream("call")


async def test_a_web_pubsub_that_refuses_does_not_tell() -> None:
    async with hub() as running:
        wrong = AzureKeyCredential("another key" * 4)
        client = WebPubSubServiceClient(running.emulator.url, "live", wrong)
        async with client:
            with pytest.raises(UnavailableError):
                await WebPubSubStream(client, 60).has_stream("call")


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
