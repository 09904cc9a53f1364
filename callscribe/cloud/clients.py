"""The SDKs' clients of one worker process, over one shared session.

Each SDK is imported where its client is made, so that no function waits for one that it does not
use. Keys and connection strings are used where they are set, as on a developer's machine; without
them the app's identity is used.
"""

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import aiohttp
    from azure.communication.callautomation.aio import CallAutomationClient
    from azure.data.tables.aio import TableClient
    from azure.messaging.webpubsubservice.aio import WebPubSubServiceClient
    from azure.storage.queue.aio import QueueClient


@dataclass(frozen=True, slots=True)
class Resources:
    """Where the services are, and the keys to them; without a key the app's identity is used.

    Storage is given by a connection string, or else by the name of its account.
    """

    storage_connection: str | None = field(repr=False)
    storage_account: str | None
    acs_endpoint: str
    acs_access_key: str | None = field(repr=False)
    webpubsub_endpoint: str
    webpubsub_access_keys: tuple[str, ...] = field(repr=False)


class Clients:
    """Makes clients that share a session, which is opened with the first of them."""

    def __init__(self, resources: Resources) -> None:
        self._resources = resources

    @cached_property
    def session(self) -> "aiohttp.ClientSession":
        """The session that all clients share."""
        from callscribe.cloud.transport import new_session

        return new_session()

    def table(self, name: str) -> "TableClient":
        """Return a client of one table, which repeats nothing by itself."""
        from azure.data.tables.aio import TableClient

        from callscribe.cloud.transport import ONE_TRY

        options: dict[str, Any] = {"transport": self._transport, **ONE_TRY}
        connection = self._resources.storage_connection
        if connection is not None:
            return TableClient.from_connection_string(connection, name, **options)
        # azure-data-tables cannot read a connection that is given by an account's name.
        address = f"https://{self._resources.storage_account}.table.core.windows.net"
        return TableClient(address, name, credential=self._credential, **options)

    def queue(self, name: str) -> "QueueClient":
        """Return a client of one queue, which repeats nothing by itself.

        Its messages are base64, as the Functions host's are.
        """
        from azure.storage.queue import TextBase64EncodePolicy
        from azure.storage.queue.aio import QueueClient

        from callscribe.cloud.transport import ONE_TRY

        options: dict[str, Any] = {
            "message_encode_policy": TextBase64EncodePolicy(),
            "transport": self._transport,
            **ONE_TRY,
        }
        connection = self._resources.storage_connection
        if connection is not None:
            return QueueClient.from_connection_string(connection, name, **options)
        address = f"https://{self._resources.storage_account}.queue.core.windows.net"
        return QueueClient(address, name, credential=self._credential, **options)

    def hub(self, name: str) -> "WebPubSubServiceClient":
        """Return a client of one Web PubSub hub."""
        from azure.messaging.webpubsubservice.aio import WebPubSubServiceClient

        endpoint, credential = self._resources.webpubsub_endpoint, self._hub_credential
        return WebPubSubServiceClient(endpoint, name, credential, transport=self._transport)

    def lean_hub(self, name: str) -> "WebPubSubServiceClient":
        """Return a client of a Web PubSub hub that sends each request once, and does so faster."""
        from callscribe.cloud.live_publisher import lean_hub

        endpoint, credential = self._resources.webpubsub_endpoint, self._hub_credential
        return lean_hub(endpoint, name, credential, self._transport)

    def call_automation(self) -> "CallAutomationClient":
        """Return a client of ACS that does not repeat requests by itself."""
        from azure.communication.callautomation.aio import CallAutomationClient
        from azure.core.credentials import AzureKeyCredential

        from callscribe.cloud.call_automation import CONNECT, READ
        from callscribe.cloud.transport import share

        key = self._resources.acs_access_key
        return CallAutomationClient(
            self._resources.acs_endpoint,
            self._credential if key is None else AzureKeyCredential(key),
            transport=share(self.session, CONNECT, READ),
            # A start of transcription has no request id: repeated, it could start two.
            retry_total=0,
        )

    @property
    def _hub_credential(self) -> Any:  # noqa: ANN401 - a key or an identity
        from azure.core.credentials import AzureKeyCredential

        keys = self._resources.webpubsub_access_keys
        # Web PubSub accepts either key; a second one is only there to be rotated.
        return AzureKeyCredential(keys[0]) if keys else self._credential

    @property
    def _transport(self) -> Any:  # noqa: ANN401 - each SDK names the type differently
        from callscribe.cloud.transport import share

        return share(self.session)

    @cached_property
    def _credential(self) -> Any:  # noqa: ANN401 - each SDK names the type differently
        from azure.identity.aio import DefaultAzureCredential

        return DefaultAzureCredential(transport=self._transport)
