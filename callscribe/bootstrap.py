"""Put the app together: the one place that names concrete adapters.

One set of parts per worker process, each made, and what it needs imported, when it is first used:
no function pays for what it never calls.
"""

import asyncio
import os
from functools import cache, cached_property
from typing import TYPE_CHECKING

from callscribe import log
from callscribe.settings import Settings, load

if TYPE_CHECKING:
    from callscribe.adapters.call_automation import AcsTelephony
    from callscribe.adapters.calls import TableCallStore
    from callscribe.adapters.clients import Clients
    from callscribe.adapters.clock import SystemClock
    from callscribe.adapters.queue import StorageJobQueue
    from callscribe.adapters.tables import Table
    from callscribe.adapters.transcripts import TableTranscriptStore
    from callscribe.adapters.web_pubsub import WebPubSubFeed, WebPubSubStream
    from callscribe.domain.trust import TokenPolicy
    from callscribe.services.answering import Answering
    from callscribe.services.effects import Effects
    from callscribe.services.finishing import Finishing
    from callscribe.services.following import Following
    from callscribe.services.reading import Reading
    from callscribe.services.reconciling import Reconciling
    from callscribe.services.transcribing import Transcribing
    from callscribe.services.verifying import EntraUpstream, TokenVerifier
    from callscribe.services.verifying_upstream import SignedUpstream


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
        from callscribe.domain.trust import TokenPolicy

        settings = self.settings
        issuers, audiences = {settings.acs_issuer}, {settings.acs_resource_id}
        policy = TokenPolicy(frozenset(issuers), frozenset(audiences))
        return self._tokens(settings.acs_jwks_url, policy)

    @cached_property
    def upstream(self) -> "EntraUpstream | SignedUpstream":
        """Who may send stream events: Web PubSub, by Entra's token or by signature and code."""
        settings = self.settings
        if settings.entra is None:
            from callscribe.services.verifying_upstream import SignedUpstream

            return SignedUpstream(settings.webpubsub_access_keys, settings.webpubsub_upstream_code)
        from callscribe.domain.trust import TokenPolicy
        from callscribe.services.verifying import EntraUpstream

        entra = settings.entra
        claims = {"tid": frozenset({entra.tenant}), "oid": frozenset({entra.object_id})}
        policy = TokenPolicy(entra.issuers, entra.audiences, claims)
        return EntraUpstream(self._tokens(entra.jwks_url, policy))

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

        return WebPubSubFeed(self._clients.lean_hub(self.settings.live_hub))

    async def close(self) -> None:
        """Close what was opened: for tests; a worker process just ends."""
        await self.feed.drain()
        await self._clients.session.close()

    def _tokens(self, jwks_url: str, policy: "TokenPolicy") -> "TokenVerifier":
        from callscribe.adapters.signing_keys import JwksSigningKeys
        from callscribe.services.verifying import TokenVerifier

        keys = JwksSigningKeys(self._clients.session, jwks_url, self.clock)
        patience = self.settings.times.storage_patience
        return TokenVerifier(keys, policy, self.clock, patience, self._waiting_for_keys)

    @cached_property
    def _waiting_for_keys(self) -> asyncio.Semaphore:
        from callscribe.services.verifying import MOST_WAITING

        return asyncio.Semaphore(MOST_WAITING)

    @cached_property
    def _clients(self) -> "Clients":
        from callscribe.adapters.clients import Clients

        return Clients(self.settings)

    @cached_property
    def _telephony(self) -> "AcsTelephony":
        from callscribe.adapters.call_automation import AcsTelephony

        return AcsTelephony(self._clients.call_automation(), self.settings)

    @cached_property
    def _stream(self) -> "WebPubSubStream":
        from callscribe.adapters.web_pubsub import WebPubSubStream

        client = self._clients.hub(self.settings.stream_hub)
        return WebPubSubStream(client, self.settings.stream_token_minutes)

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
        from callscribe.adapters.queue import NAME, StorageJobQueue

        return StorageJobQueue(self._clients.queue(NAME))

    def _table(self, name: str) -> "Table":
        from callscribe.adapters.tables import Table

        return Table(self._clients.table(name))


@cache
def worker() -> Worker:
    """Return this process's worker. Raises SettingsError when the environment will not do."""
    log.quiet_azure()
    return Worker(load(os.environ))
