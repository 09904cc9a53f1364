"""The live feed of calls: one Web PubSub group for each call, with its viewers as members.

Its client has only authentication in its pipeline. A message that fails is lost (what was said is
in the transcript), so retries, redirects and logs are not needed: the SDK's dozen policies take a
third of the time that publishing does.
"""

import asyncio
import time
from functools import lru_cache
from typing import Any

import jwt
from azure.core.credentials import AzureKeyCredential
from azure.core.credentials_async import AsyncTokenCredential
from azure.core.exceptions import AzureError
from azure.core.pipeline import PipelineRequest
from azure.core.pipeline.policies import AsyncBearerTokenCredentialPolicy, SansIOHTTPPolicy
from azure.core.pipeline.transport import AioHttpTransport
from azure.core.rest import HttpRequest
from azure.messaging.webpubsubservice.aio import WebPubSubServiceClient

from callscribe.cloud.web_pubsub import client_url
from callscribe.foundation import log
from callscribe.foundation.json_input import Json
from callscribe.foundation.moments import Seconds

SCOPE = "https://webpubsub.azure.com/.default"
# How long a token is valid after the last request that it signs: clocks may differ.
TOKEN = Seconds(60)
# How long one token signs all messages to an address: making one for each costs time.
RENEWED = Seconds(30)
# What viewers would see later than this is no longer live; the transcript has it.
PUBLISH = Seconds(1)
# A hub that hangs must not fill the memory with messages.
MOST_WAITING = 200


class WebPubSubFeed:
    """Implements calls.ports.LiveFeed: publishing never delays the publisher."""

    def __init__(self, client: WebPubSubServiceClient, publish_seconds: Seconds = PUBLISH) -> None:
        self._client = client
        self._publish_seconds = publish_seconds
        self._waiting: set[asyncio.Task[None]] = set()

    def publish(self, call_id: str, message: Json) -> None:
        """Send a message to the viewers of the call, within a second or not at all.

        While 200 messages are on their way, further ones are dropped.
        """
        if len(self._waiting) >= MOST_WAITING:
            return
        # The loop itself keeps only a weak reference to a task:
        # https://docs.python.org/3/library/asyncio-task.html#asyncio.create_task
        task = asyncio.get_running_loop().create_task(self._send(call_id, message))
        self._waiting.add(task)
        task.add_done_callback(self._waiting.discard)

    async def viewer_url(self, call_id: str, minutes: int) -> str:
        """Return a receive-only WebSocket address for one call, valid for so many minutes.

        Raises UnavailableError when Web PubSub issues no token.
        """
        return await client_url(self._client, minutes, groups=[call_id])

    async def drain(self) -> None:
        """Wait until no message is on its way."""
        await asyncio.gather(*self._waiting, return_exceptions=True)

    async def _send(self, call_id: str, message: Json) -> None:
        try:
            async with asyncio.timeout(self._publish_seconds):
                await self._client.send_to_group(
                    call_id, {**message, "callId": call_id}, content_type="application/json"
                )
        except (AzureError, TimeoutError) as error:
            log.warning("notPublished", call_id, why=type(error).__name__)


class AccessKey(SansIOHTTPPolicy[HttpRequest, Any]):
    """Signs requests with the hub's access key, where no identity is used.

    https://learn.microsoft.com/azure/azure-web-pubsub/reference-rest-api-data-plane
    """

    def __init__(self, credential: AzureKeyCredential) -> None:
        super().__init__()
        self._credential = credential

    def on_request(self, request: PipelineRequest[HttpRequest]) -> None:
        """Sign one request: its address is the token's audience."""
        sent = request.http_request
        now = time.time()
        until = int(now - now % RENEWED + RENEWED + TOKEN)
        token = _token(self._credential.key, sent.url, until)
        sent.headers["Authorization"] = f"Bearer {token}"


@lru_cache(maxsize=256)
def _token(key: str, address: str, until: int) -> str:
    return jwt.encode({"aud": address, "exp": until}, key, algorithm="HS256")


def lean_hub(
    endpoint: str,
    name: str,
    credential: AzureKeyCredential | AsyncTokenCredential,
    transport: AioHttpTransport,
) -> WebPubSubServiceClient:
    """Return a client of a hub that sends each request once, and only authenticates it."""
    authentication = (
        AccessKey(credential)
        if isinstance(credential, AzureKeyCredential)
        else AsyncBearerTokenCredentialPolicy[HttpRequest, Any](credential, SCOPE)
    )
    return WebPubSubServiceClient(
        endpoint, name, credential, transport=transport, policies=[authentication]
    )
