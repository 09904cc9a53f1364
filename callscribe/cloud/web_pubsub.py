"""Web PubSub's WebSocket addresses, each with a token for one purpose."""

from azure.core.exceptions import AzureError
from azure.messaging.webpubsubservice.aio import WebPubSubServiceClient

from callscribe.foundation.errors import UnavailableError


class WebPubSubStream:
    """Implements calls.ports.StreamHub; a token in an address is valid for `minutes`."""

    def __init__(self, client: WebPubSubServiceClient, minutes: int) -> None:
        self._client = client
        self._minutes = minutes

    async def stream_url(self, call_id: str) -> str:
        """Return the WebSocket address for a call's stream, with its token.

        The token names the call, so that every event of the stream does (`ce-userId`), and grants
        nothing. Raises UnavailableError when Web PubSub issues no token.
        """
        return await client_url(self._client, self._minutes, user_id=call_id)


async def client_url(
    client: WebPubSubServiceClient,
    minutes: int,
    *,
    user_id: str | None = None,
    groups: list[str] | None = None,
) -> str:
    """Return a WebSocket address of the client's hub, with a token for so many minutes.

    A client that connects with it is that user and receives what is sent to those groups; nothing
    else is allowed. The token is signed here where there is an access key; for an identity Web
    PubSub issues it. Raises UnavailableError when it issues none.
    """
    # Without roles a client can neither join groups nor send to them:
    # https://learn.microsoft.com/azure/azure-web-pubsub/reference-json-webpubsub-subprotocol
    try:
        token = await client.get_client_access_token(
            user_id=user_id, groups=groups, minutes_to_expire=minutes
        )
    except AzureError as error:
        raise UnavailableError("Web PubSub issued no token") from error
    return str(token["url"])
