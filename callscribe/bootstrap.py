"""Put the app together: the one place that names concrete adapters.

One set of clients per worker process, each made when it is first used, over one shared session.
SDKs are imported where they are made: no function pays for one that it never calls.
Longer than other files are: it is one list, of every part and what that is made of.
"""

import os
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

from callscribe import log
from callscribe.settings import Settings, load

if TYPE_CHECKING:
    import aiohttp
    from azure.messaging.webpubsubservice.aio import WebPubSubServiceClient

    from callscribe.adapters.call_automation import AcsTelephony
    from callscribe.adapters.calls import TableCallStore
    from callscribe.adapters.clock import SystemClock
    from callscribe.adapters.queue import StorageJobQueue
    from callscribe.adapters.tables import Table
    from callscribe.adapters.transcripts import TableTranscriptStore
    from callscribe.adapters.web_pubsub import WebPubSubFeed, WebPubSubStream
    from callscribe.services.answering import Answering
    from callscribe.services.effects import Effects
    from callscribe.services.finishing import Finishing
    from callscribe.services.following import Following
    from callscribe.services.reading import Reading
    from callscribe.services.reconciling import Reconciling
    from callscribe.services.transcribing import Transcribing
    from callscribe.services.verifying import TokenVerifier
    from callscribe.services.verifying_upstream import UpstreamVerifier


class Worker:
    """Everything that one worker process works with."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    @cached_property
    def answering(self) -> "Answering":
        """The service that answers calls."""
        from callscribe.services.answering import Answering

        return Answering(
            calls=self.calls,
            transcripts=self.transcripts,
            telephony=self._telephony,
            stream=self._stream,
            effects=self._effects,
            clock=self.clock,
            settings=self.settings,
        )

    @cached_property
    def following(self) -> "Following":
        """The service that follows calls by their callbacks."""
        from callscribe.services.following import Following

        patience = self.settings.times.storage_patience
        return Following(self.calls, self.transcripts, self._effects, self.clock, patience)

    @cached_property
    def transcribing(self) -> "Transcribing":
        """The service that takes streams."""
        from callscribe.services.transcribing import Transcribing

        return Transcribing(
            calls=self.calls,
            transcripts=self.transcripts,
            jobs=self._jobs,
            feed=self.feed,
            clock=self.clock,
            patience=self.settings.times.storage_patience,
            finish_delay=self.settings.times.finish_delay,
        )

    @cached_property
    def reconciling(self) -> "Reconciling":
        """The service that keeps calls true and runs the jobs of the queue."""
        from callscribe.services.reconciling import Reconciling

        return Reconciling(
            calls=self.calls,
            transcripts=self.transcripts,
            telephony=self._telephony,
            jobs=self._jobs,
            effects=self._effects,
            finishing=self._finishing,
            clock=self.clock,
            times=self.settings.times,
        )

    @cached_property
    def reading(self) -> "Reading":
        """The service that shows calls and transcripts."""
        from callscribe.services.reading import Reading

        return Reading(self.calls, self.transcripts, self.feed, self.clock)

    @cached_property
    def callback_verifier(self) -> "TokenVerifier":
        """Who may send callbacks: ACS, by its token."""
        from callscribe.adapters.signing_keys import JwksSigningKeys
        from callscribe.domain.trust import TokenPolicy
        from callscribe.services.verifying import TokenVerifier

        settings = self.settings
        policy = TokenPolicy(
            issuers=frozenset({settings.acs_issuer}),
            audiences=frozenset({settings.acs_resource_id}),
        )
        keys = JwksSigningKeys(self._session, settings.acs_jwks_url, self.clock)
        return TokenVerifier(keys, policy, self.clock)

    @cached_property
    def upstream_verifier(self) -> "UpstreamVerifier":
        """Who may send stream events: Web PubSub, by its signature and the shared code."""
        from callscribe.services.verifying_upstream import UpstreamVerifier

        settings = self.settings
        return UpstreamVerifier(
            endpoint=settings.webpubsub_endpoint,
            access_keys=settings.webpubsub_access_keys,
            code=settings.webpubsub_upstream_code,
        )

    @cached_property
    def clock(self) -> "SystemClock":
        """The machine's clock."""
        from callscribe.adapters.clock import SystemClock

        return SystemClock()

    @cached_property
    def calls(self) -> "TableCallStore":
        """The tables of calls."""
        from callscribe.adapters.calls import TableCallStore

        return TableCallStore(
            self._table("Calls"), self._table("ActiveCalls"), self._table("Participants")
        )

    @cached_property
    def transcripts(self) -> "TableTranscriptStore":
        """The table of transcripts."""
        from callscribe.adapters.transcripts import TableTranscriptStore

        return TableTranscriptStore(self._table("Transcripts"))

    @cached_property
    def feed(self) -> "WebPubSubFeed":
        """Who watches."""
        from callscribe.adapters.web_pubsub import WebPubSubFeed

        return WebPubSubFeed(self._hub(self.settings.live_hub, retry_total=0))

    async def close(self) -> None:
        """Close what was opened: for tests; a worker process just ends."""
        await self.feed.drain()
        await self._session.close()

    @cached_property
    def _session(self) -> "aiohttp.ClientSession":
        from callscribe.adapters.transport import new_session

        return new_session()

    @property
    def _transport(self) -> Any:  # noqa: ANN401 - each SDK names the type differently
        from callscribe.adapters.transport import share

        return share(self._session)

    @cached_property
    def _credential(self) -> Any:  # noqa: ANN401 - each SDK names the type differently
        from azure.identity.aio import DefaultAzureCredential

        return DefaultAzureCredential(transport=self._transport)

    @cached_property
    def _telephony(self) -> "AcsTelephony":
        from azure.communication.callautomation.aio import CallAutomationClient
        from azure.core.credentials import AzureKeyCredential

        from callscribe.adapters.call_automation import (
            CONNECT_SECONDS,
            READ_SECONDS,
            AcsTelephony,
        )
        from callscribe.adapters.transport import share

        key = self.settings.acs_access_key
        client = CallAutomationClient(
            self.settings.acs_endpoint,
            AzureKeyCredential(key) if key else self._credential,
            transport=share(self._session, CONNECT_SECONDS, READ_SECONDS),
            retry_total=0,
        )
        return AcsTelephony(client, self.settings)

    @cached_property
    def _stream(self) -> "WebPubSubStream":
        from callscribe.adapters.web_pubsub import WebPubSubStream

        return WebPubSubStream(
            self._hub(self.settings.stream_hub), self.settings.stream_token_minutes
        )

    @cached_property
    def _effects(self) -> "Effects":
        from callscribe.services.effects import Effects

        return Effects(
            calls=self.calls,
            telephony=self._telephony,
            jobs=self._jobs,
            feed=self.feed,
            clock=self.clock,
            finish_delay=self.settings.times.finish_delay,
            patience=self.settings.times.storage_patience,
        )

    @cached_property
    def _finishing(self) -> "Finishing":
        from callscribe.services.finishing import Finishing

        return Finishing(
            self.calls, self.transcripts, self.feed, self.clock, self.settings.times.gap
        )

    @cached_property
    def _jobs(self) -> "StorageJobQueue":
        from azure.storage.queue import TextBase64EncodePolicy
        from azure.storage.queue.aio import QueueClient

        from callscribe.adapters.queue import NAME, StorageJobQueue
        from callscribe.adapters.transport import QUEUE_RETRIES

        options: dict[str, Any] = {
            "message_encode_policy": TextBase64EncodePolicy(),
            "transport": self._transport,
            **QUEUE_RETRIES,
        }
        settings = self.settings
        if settings.storage_connection:
            client = QueueClient.from_connection_string(
                settings.storage_connection, NAME, **options
            )
        else:
            address = f"https://{settings.storage_account}.queue.core.windows.net"
            client = QueueClient(address, NAME, credential=self._credential, **options)
        return StorageJobQueue(client)

    def _table(self, name: str) -> "Table":
        from azure.data.tables.aio import TableClient

        from callscribe.adapters.tables import Table
        from callscribe.adapters.transport import TABLE_RETRIES

        settings = self.settings
        options: dict[str, Any] = {"transport": self._transport, **TABLE_RETRIES}
        if settings.storage_connection:
            connection = settings.storage_connection
            return Table(TableClient.from_connection_string(connection, name, **options))
        # azure-data-tables does not read the identity form of a connection: the address is ours.
        address = f"https://{settings.storage_account}.table.core.windows.net"
        return Table(TableClient(address, name, credential=self._credential, **options))

    def _hub(self, name: str, **options: int) -> "WebPubSubServiceClient":
        from azure.core.credentials import AzureKeyCredential
        from azure.messaging.webpubsubservice.aio import WebPubSubServiceClient

        keys = self.settings.webpubsub_access_keys
        return WebPubSubServiceClient(
            self.settings.webpubsub_endpoint,
            name,
            AzureKeyCredential(keys[0]) if keys else self._credential,
            transport=self._transport,
            **options,
        )


@cache
def worker() -> Worker:
    """Return this process's worker. Raises SettingsError when the environment will not do."""
    log.quiet_azure()
    return Worker(load(os.environ))
