"""The Web PubSub adapters as the app makes them, over an emulator."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import aiohttp
from azure.core.credentials import AzureKeyCredential
from azure.messaging.webpubsubservice.aio import WebPubSubServiceClient

from callscribe.adapters.transport import new_session, share
from callscribe.adapters.web_pubsub import WebPubSubFeed, WebPubSubStream
from tests.emulator.web_pubsub.peers import KEY, Emulator, emulator_server


@dataclass
class Hub:
    """The emulator and the adapters for it."""

    emulator: Emulator
    stream: WebPubSubStream
    feed: WebPubSubFeed

    async def watch(self, url: str) -> aiohttp.ClientWebSocketResponse:
        """Open a watcher's socket, and return it once it is in its group."""
        watcher = await self.emulator.open(url)
        await self.emulator.last("open")
        return watcher


def feed_at(session: aiohttp.ClientSession, url: str) -> WebPubSubFeed:
    """Return the live feed of the Web PubSub at `url`."""
    return WebPubSubFeed(_client(session, url, "live", retry_total=0))


@asynccontextmanager
async def hub() -> AsyncIterator[Hub]:
    """Yield an emulator that is up, and the adapters for it."""
    async with emulator_server() as emulator, new_session() as session:
        stream = WebPubSubStream(_client(session, emulator.url, "stream"), 1440)
        feed = feed_at(session, emulator.url)
        yield Hub(emulator, stream, feed)
        await feed.drain()


def _client(
    session: aiohttp.ClientSession, url: str, name: str, **options: int
) -> WebPubSubServiceClient:
    credential = AzureKeyCredential(KEY)
    return WebPubSubServiceClient(url, name, credential, transport=share(session), **options)
