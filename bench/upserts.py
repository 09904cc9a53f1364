"""The bare floor of every write: the SDK's default upsert of the entity that the app writes."""

from typing import Any

from azure.data.tables.aio import TableClient

from bench.yard import Yard


class BareUpserts:
    """Upserts of one entity under ever new keys, by the SDK's default client."""

    def __init__(self, table: TableClient, entity: dict[str, Any]) -> None:
        self.table = table
        self._entity = entity
        self._count = 0

    async def one(self) -> str:
        """Upsert the entity under the next key, which is returned."""
        self._count += 1
        key = f"{self._entity['RowKey'][:-10]}{self._count:010d}"
        await self.table.upsert_entity(self._entity | {"RowKey": key})
        return key


async def stored_final(yard: Yard, call_id: str) -> dict[str, Any]:
    """Return the entity as which the app has stored a final of the call."""
    table = yard.bare.get_table_client("Transcripts")
    rows = table.query_entities(f"PartitionKey eq '{call_id}' and RowKey ge 's-'")
    return dict(await anext(aiter(rows)))
