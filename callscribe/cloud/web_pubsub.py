"""Web PubSub's WebSocket addresses, each with a token or a ticket for one purpose."""

from urllib.parse import quote, urlencode, urlsplit

from azure.core.exceptions import AzureError
from azure.messaging.webpubsubservice.aio import WebPubSubServiceClient

from callscribe.foundation.errors import UnavailableError


class WebPubSubStream:
    """Implements calls.ports.StreamHub; a token in an address is valid for `minutes`.

    `host` replaces Web PubSub's own, where a front is before it: the token stays as it is.
    """

    def __init__(
        self, client: WebPubSubServiceClient, minutes: int, host: str | None = None
    ) -> None:
        self._client = client
        self._minutes = minutes
        self._host = host

    async def stream_url(self, call_id: str, _ticket: str | None = None) -> str:
        """Return the WebSocket address for a call's stream, with its token.

        The token names the call, so that every event of the stream does (`ce-userId`), and grants
        nothing. Raises UnavailableError when Web PubSub issues no token.
        """
        url = await client_url(self._client, self._minutes, user_id=call_id)
        return _at_host(url, self._host)

    async def has_stream(self, call_id: str) -> bool:
        """Tell whether a stream of the call is open; raises UnavailableError where it cannot."""
        return await is_connected(self._client, call_id)


class TicketedStream:
    """Implements calls.ports.StreamHub for a hub that lets everybody dial.

    To make an address nobody is asked.
    """

    def __init__(
        self, client: WebPubSubServiceClient, endpoint: str, hub: str, host: str | None = None
    ) -> None:
        self._client = client
        # ws for http, and wss for https.
        self._address = _at_host(f"ws{endpoint.removeprefix('http')}", host)
        self._hub = hub

    async def stream_url(self, call_id: str, ticket: str | None = None) -> str:
        """Return the WebSocket address for a call's stream; its ticket proves whose it is."""
        query = urlencode({"call": call_id, "ticket": ticket or ""})
        return f"{self._address}/client/hubs/{quote(self._hub, safe='')}?{query}"

    async def has_stream(self, call_id: str) -> bool:
        """Tell whether a stream of the call is open; raises UnavailableError where it cannot."""
        return await is_connected(self._client, call_id)


async def is_connected(client: WebPubSubServiceClient, user_id: str) -> bool:
    """Tell whether a user is connected to the client's hub.

    Raises UnavailableError when Web PubSub does not tell.
    """
    try:
        return bool(await client.user_exists(user_id))
    except AzureError as error:
        raise UnavailableError("Web PubSub does not tell who is connected") from error


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


def _at_host(url: str, host: str | None) -> str:
    return url if host is None else urlsplit(url)._replace(netloc=host).geturl()
