"""The Web PubSub adapters as the app makes them, over an emulator."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import aiohttp
from azure.core.credentials import AzureKeyCredential
from azure.messaging.webpubsubservice.aio import WebPubSubServiceClient

from callscribe.cloud.live_publisher import WebPubSubFeed, lean_hub
from callscribe.cloud.transport import new_session, share
from callscribe.cloud.web_pubsub import WebPubSubStream
from callscribe.foundation.moments import Seconds
from tests.emulator.web_pubsub.peers import KEY, Emulator, emulator_server

AMPLE = Seconds(60)


@dataclass
class Hub:
    """The emulator and the adapters for it."""

    emulator: Emulator
    client: WebPubSubServiceClient
    stream: WebPubSubStream
    feed: WebPubSubFeed

    async def watch(self, url: str) -> aiohttp.ClientWebSocketResponse:
        """Open a watcher's socket, and return it once it is in its group."""
        watcher = await self.emulator.open(url)
        await self.emulator.last("open")
        return watcher


def feed_at(
    session: aiohttp.ClientSession, url: str, publish_seconds: Seconds = AMPLE
) -> WebPubSubFeed:
    """Return the live feed of the Web PubSub at `url`; it has ample time for a message."""
    transport = share(session, read_seconds=AMPLE)
    client = lean_hub(url, "live", AzureKeyCredential(KEY), transport)
    return WebPubSubFeed(client, publish_seconds)


@asynccontextmanager
async def hub() -> AsyncIterator[Hub]:
    """Yield an emulator that is up, and the adapters for it."""
    async with emulator_server() as emulator, new_session() as session:
        credential = AzureKeyCredential(KEY)
        client = WebPubSubServiceClient(
            emulator.url, "stream", credential, transport=share(session)
        )
        stream = WebPubSubStream(client, 1440)
        feed = feed_at(session, emulator.url)
        yield Hub(emulator, client, stream, feed)
        await feed.drain()
