"""Many rows at once: copies of a row that the app has written, under other keys."""

import asyncio
import itertools
from collections.abc import Iterable, Sequence
from typing import Any

from azure.core.exceptions import AzureError
from azure.data.tables.aio import TableClient

BATCH = 100
SIDE_BY_SIDE = 2

Entity = dict[str, Any]


async def load(table: TableClient, entities: Iterable[Entity]) -> None:
    """Insert rows in batches; those that follow each other must be of one partition."""
    by_partition = itertools.groupby(entities, key=lambda entity: entity["PartitionKey"])
    batches = itertools.chain.from_iterable(
        itertools.batched(rows, BATCH, strict=False) for _, rows in by_partition
    )

    async def send_some() -> None:
        for batch in batches:
            await _send(table, batch)

    await asyncio.gather(*(send_some() for _ in range(SIDE_BY_SIDE)))


async def _send(table: TableClient, batch: Sequence[Entity]) -> None:
    """Send a batch, once more where the connection ended: Azurite closes those that it let wait."""
    upserts = [("upsert", entity) for entity in batch]
    try:
        await table.submit_transaction(upserts)
    except AzureError:
        await table.submit_transaction(upserts)
