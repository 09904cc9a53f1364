"""What a LiveFeed promises, held by the fake and by Web PubSub alike."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass

import pytest
import pytest_asyncio

from callscribe.calls.ports import LiveFeed
from callscribe.foundation.json_input import Json
from tests.cloud.hub import Hub, hub
from tests.fakes.hubs import FakeLiveFeed
from tests.fakes.waiting import until

Received = Callable[[], Awaitable[list[Json]]]


@dataclass
class Feed:
    """The feed, and how to watch a call."""

    live: LiveFeed
    watch: Callable[[str], Awaitable[Received]]


class LiveFeedContract:
    """The promise; a subclass brings the feed."""

    async def test_who_watches_a_call_gets_its_messages_and_no_others(self, feed: Feed) -> None:
        one, two = await feed.watch("one"), await feed.watch("two")
        feed.live.publish("two", {"type": "state", "state": "ended"})
        feed.live.publish("one", {"type": "segment", "text": "hé"})
        assert await until(one, 60) == [{"type": "segment", "text": "hé", "callId": "one"}]
        assert await until(two, 60) == [{"type": "state", "state": "ended", "callId": "two"}]

    async def test_publishing_where_nobody_watches_is_no_error(self, feed: Feed) -> None:
        feed.live.publish("nobody", {"type": "state"})

    async def test_each_call_has_an_address_of_its_own(self, feed: Feed) -> None:
        urls = {await feed.live.viewer_url(call_id, 60) for call_id in ("one", "two")}
        assert len(urls) == 2
        assert all(url.startswith(("ws://", "wss://")) for url in urls)
        assert all("/client/hubs/live?access_token=" in url for url in urls)


class TestFakeLiveFeed(LiveFeedContract):
    @pytest.fixture
    def feed(self) -> Feed:
        fake = FakeLiveFeed()

        async def watch(call_id: str) -> Received:
            async def received() -> list[Json]:
                return fake.of(call_id)

            return received

        return Feed(fake, watch)


class TestWebPubSubFeed(LiveFeedContract):
    @pytest_asyncio.fixture
    async def feed(self) -> AsyncIterator[Feed]:
        async with hub() as running:
            yield Feed(running.feed, lambda call_id: watch(running, call_id))


async def watch(running: Hub, call_id: str) -> Received:
    watcher = await running.watch(await running.feed.viewer_url(call_id, 60))

    async def received() -> list[Json]:
        return [await watcher.receive_json()]

    return received
