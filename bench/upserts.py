"""The baseline of all writes: the SDK's default upsert of the entity that the app writes."""

from typing import Any

from azure.data.tables.aio import TableClient

from bench.rig import Rig


class BareUpserts:
    """Upserts of one entity by the SDK's default client, each under a new key."""

    def __init__(self, table: TableClient, entity: dict[str, Any]) -> None:
        self.table = table
        self._entity = entity
        self._count = 0

    async def one(self) -> str:
        """Upsert the entity under the next key, and return the key."""
        self._count += 1
        key = f"{self._entity['RowKey'][:-10]}{self._count:010d}"
        await self.table.upsert_entity(self._entity | {"RowKey": key})
        return key


async def stored_final(rig: Rig, call_id: str) -> dict[str, Any]:
    """Return the entity in which the app has stored a final of the call."""
    table = rig.bare.get_table_client("Transcripts")
    rows = table.query_entities(f"PartitionKey eq '{call_id}' and RowKey ge 's-'")
    return dict(await anext(aiter(rows)))
