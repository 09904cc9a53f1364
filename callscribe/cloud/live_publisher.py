"""A hub's client for the live feed, with nothing on the way but authentication.

A message that fails is lost (it is said again in the transcript), so there is nothing to repeat, to
redirect or to log; a dozen policies on the way cost a third of what publishing does.
"""

import time
from functools import lru_cache
from typing import Any

import jwt
from azure.core.credentials import AzureKeyCredential
from azure.core.credentials_async import AsyncTokenCredential
from azure.core.pipeline import PipelineRequest
from azure.core.pipeline.policies import AsyncBearerTokenCredentialPolicy, SansIOHTTPPolicy
from azure.core.pipeline.transport import AioHttpTransport
from azure.core.rest import HttpRequest
from azure.messaging.webpubsubservice.aio import WebPubSubServiceClient

SCOPE = "https://webpubsub.azure.com/.default"
TOKEN_SECONDS = 60
RENEWED_SECONDS = 30
"""As long one token serves all messages to an address, as an identity's would in Azure."""


class AccessKey(SansIOHTTPPolicy[HttpRequest, Any]):
    """Signs requests with the hub's access key, where there is no identity.

    https://learn.microsoft.com/azure/azure-web-pubsub/reference-rest-api-data-plane
    """

    def __init__(self, credential: AzureKeyCredential) -> None:
        super().__init__()
        self._credential = credential

    def on_request(self, request: PipelineRequest[HttpRequest]) -> None:
        """Sign one request: its address is the token's audience."""
        sent = request.http_request
        begun = int(time.time()) // RENEWED_SECONDS * RENEWED_SECONDS
        token = _token(self._credential.key, sent.url, begun + RENEWED_SECONDS + TOKEN_SECONDS)
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
    """Return a client that sends what it is told once."""
    authentication = (
        AccessKey(credential)
        if isinstance(credential, AzureKeyCredential)
        else AsyncBearerTokenCredentialPolicy[HttpRequest, Any](credential, SCOPE)
    )
    return WebPubSubServiceClient(
        endpoint, name, credential, transport=transport, policies=[authentication]
    )
