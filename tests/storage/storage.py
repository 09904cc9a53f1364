"""The storage adapters as the app makes them, over tables and a queue of their own."""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import aiohttp
from azure.core.pipeline.transport import AioHttpTransport
from azure.data.tables.aio import TableClient
from azure.storage.queue import TextBase64DecodePolicy, TextBase64EncodePolicy
from azure.storage.queue.aio import QueueClient

from callscribe.cloud.transport import ONE_TRY, new_session, share
from callscribe.foundation.moments import Seconds
from callscribe.storage.active import ActiveTable
from callscribe.storage.calls import TableCallStore
from callscribe.storage.queue import StorageJobQueue
from callscribe.storage.requests import REQUEST, Limits
from callscribe.storage.tables import Table, TableTranscriptStore

AT_ONCE = replace(REQUEST, first=Seconds(0), longest=Seconds(0))
# No healthy request takes so long, however busy the machine is.
GENEROUS = Limits(row=Seconds(60), page=Seconds(60), policy=AT_ONCE)
# For storage that never answers.
HASTY = Limits(row=Seconds(0.02), page=Seconds(0.02), policy=AT_ONCE)


@dataclass
class Storage:
    """One worker's storage. Names end in a tag, so that every test has tables of its own."""

    connection: str
    session: aiohttp.ClientSession
    limits: Limits
    tag: str = field(default_factory=lambda: secrets.token_hex(6))

    def table_client(self, name: str) -> TableClient:
        options: dict[str, Any] = {"transport": self._transport, **ONE_TRY}
        return TableClient.from_connection_string(self.connection, f"{name}{self.tag}", **options)

    def table(self, name: str = "Rows") -> Table:
        return Table(self.table_client(name), self.limits)

    @property
    def calls(self) -> TableCallStore:
        return self.calls_of(None)

    def calls_of(self, deployment: str | None) -> TableCallStore:
        """Return the calls as a deployment has them."""
        active = ActiveTable(self.table_client("Active"), deployment)
        return TableCallStore(self.table("Calls"), active, self.table("Participants"))

    @property
    def transcripts(self) -> TableTranscriptStore:
        return TableTranscriptStore(self.table_client("Transcripts"), self.limits)

    @property
    def queue(self) -> QueueClient:
        return self._queue("jobs")

    @property
    def poison(self) -> QueueClient:
        return self._queue("jobs-poison")

    def _queue(self, name: str) -> QueueClient:
        options: dict[str, Any] = {
            "message_encode_policy": TextBase64EncodePolicy(),
            "message_decode_policy": TextBase64DecodePolicy(),
            "transport": self._transport,
            **ONE_TRY,
        }
        return QueueClient.from_connection_string(self.connection, f"{name}-{self.tag}", **options)

    @property
    def jobs(self) -> StorageJobQueue:
        return StorageJobQueue(self.queue, self.poison, self.limits)

    @property
    def _transport(self) -> AioHttpTransport:
        return share(self.session, connect_seconds=GENEROUS.row)


@asynccontextmanager
async def opened(
    connection: str, *, limits: Limits = GENEROUS, tag: str | None = None
) -> AsyncIterator[Storage]:
    """Yield a worker's storage; with a tag it shares the tables of another."""
    async with new_session() as session:
        storage = Storage(connection, session, limits)
        storage.tag = tag or storage.tag
        yield storage
