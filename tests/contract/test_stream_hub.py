"""What a StreamHub promises, held by the fake and by Web PubSub alike."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from callscribe.calls.ports import StreamHub
from callscribe.cloud.web_pubsub import TicketedStream
from tests.cloud.hub import hub
from tests.fakes.hubs import FakeStreamHub

TICKET = "t" * 43


class StreamHubContract:
    """The promise; a subclass brings the hub."""

    async def test_an_address_is_a_websocket_with_a_token(self, stream: StreamHub) -> None:
        url = await stream.stream_url("call")
        assert url.startswith(("ws://", "wss://"))
        assert "/client/hubs/stream?access_token=" in url

    async def test_each_call_has_an_address_of_its_own(self, stream: StreamHub) -> None:
        assert await stream.stream_url("one") != await stream.stream_url("two")

    async def test_no_stream_is_open_that_nobody_opened(self, stream: StreamHub) -> None:
        assert not await stream.has_stream("call")


class TicketContract:
    """The promise to a hub that is dialled with tickets."""

    async def test_an_address_has_the_call_and_the_ticket_and_no_token(
        self, tickets: StreamHub
    ) -> None:
        url = await tickets.stream_url("call", TICKET)
        assert url.startswith(("ws://", "wss://"))
        assert url.endswith(f"/client/hubs/stream?call=call&ticket={TICKET}")

    async def test_no_stream_is_open_here_either(self, tickets: StreamHub) -> None:
        assert not await tickets.has_stream("call")


class TestFakeStreamHub(StreamHubContract, TicketContract):
    @pytest.fixture
    def stream(self) -> StreamHub:
        return FakeStreamHub()

    @pytest.fixture
    def tickets(self, stream: StreamHub) -> StreamHub:
        return stream


class TestWebPubSubStream(StreamHubContract):
    @pytest_asyncio.fixture
    async def stream(self) -> AsyncIterator[StreamHub]:
        async with hub() as running:
            yield running.stream


class TestTicketedStream(TicketContract):
    @pytest_asyncio.fixture
    async def tickets(self) -> AsyncIterator[StreamHub]:
        async with hub() as running:
            yield TicketedStream(running.client, "https://one.webpubsub.azure.com", "stream")
