"""Fills a table with copies of a row that the app has written, under other keys."""

import asyncio
import itertools
from collections.abc import Iterable, Sequence
from typing import Any

from azure.core.exceptions import AzureError
from azure.data.tables.aio import TableClient

# The limit of a transaction, whose rows must all be of one partition.
BATCH = 100
CONCURRENT = 2

Entity = dict[str, Any]


async def load(table: TableClient, entities: Iterable[Entity]) -> None:
    """Insert rows in batches; rows of one partition must follow each other."""
    by_partition = itertools.groupby(entities, key=lambda entity: entity["PartitionKey"])
    batches = itertools.chain.from_iterable(
        itertools.batched(rows, BATCH, strict=False) for _, rows in by_partition
    )

    async def send_some() -> None:
        for batch in batches:
            await _send(table, batch)

    await asyncio.gather(*(send_some() for _ in range(CONCURRENT)))


async def _send(table: TableClient, batch: Sequence[Entity]) -> None:
    """Send a batch, a second time if it fails."""
    upserts = [("upsert", entity) for entity in batch]
    try:
        await table.submit_transaction(upserts)
    # Azurite closes connections that have been idle, sometimes while a request is sent.
    except AzureError:
        await table.submit_transaction(upserts)
