"""Azure Web PubSub: addresses for the stream and for viewers, and the live feed."""

import asyncio

from azure.core.exceptions import AzureError
from azure.messaging.webpubsubservice.aio import WebPubSubServiceClient

from callscribe.foundation import log
from callscribe.foundation.errors import UnavailableError
from callscribe.foundation.json_input import Json

PUBLISH_SECONDS = 1.0
MOST_WAITING = 200


class WebPubSubStream:
    """Keeps the promise of ports.StreamHub."""

    def __init__(self, client: WebPubSubServiceClient, minutes: int) -> None:
        self._client = client
        self._minutes = minutes

    async def stream_url(self, call_id: str) -> str:
        """Return the WebSocket address for a call's words, with its token.

        The token names the call and grants nothing: `ce-userId` then is on every event.
        """
        try:
            token = await self._client.get_client_access_token(
                user_id=call_id, minutes_to_expire=self._minutes
            )
        except AzureError as error:
            raise UnavailableError("Web PubSub issued no token") from error
        return str(token["url"])


class WebPubSubFeed:
    """Keeps the promise of ports.LiveFeed: publishing never holds up who publishes."""

    def __init__(self, client: WebPubSubServiceClient) -> None:
        self._client = client
        self._waiting: set[asyncio.Task[None]] = set()

    def publish(self, call_id: str, message: Json) -> None:
        """Send a message to whoever watches the call, within a second or not at all."""
        if len(self._waiting) >= MOST_WAITING:
            return
        task = asyncio.get_running_loop().create_task(self._send(call_id, message))
        self._waiting.add(task)
        task.add_done_callback(self._waiting.discard)

    async def viewer_url(self, call_id: str, minutes: int) -> str:
        """Return a receive-only WebSocket address for one call."""
        try:
            token = await self._client.get_client_access_token(
                groups=[call_id], minutes_to_expire=minutes
            )
        except AzureError as error:
            raise UnavailableError("Web PubSub issued no token") from error
        return str(token["url"])

    async def drain(self) -> None:
        """Wait until nothing is on its way."""
        await asyncio.gather(*self._waiting, return_exceptions=True)

    async def _send(self, call_id: str, message: Json) -> None:
        try:
            async with asyncio.timeout(PUBLISH_SECONDS):
                await self._client.send_to_group(
                    call_id, {**message, "callId": call_id}, content_type="application/json"
                )
        except (AzureError, TimeoutError) as error:
            log.warning("notPublished", call_id, why=type(error).__name__)
