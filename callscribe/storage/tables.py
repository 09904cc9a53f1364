"""One table: rows in, rows out, over azure-data-tables.

Makes the table when it is found missing, once, and goes on. In Azure the tables are made by Bicep.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Any

from azure.core import MatchConditions
from azure.core.exceptions import HttpResponseError, ResourceExistsError, ResourceNotFoundError
from azure.data.tables import EdmType, EntityProperty, TableEntity, UpdateMode
from azure.data.tables.aio import TableClient

from callscribe.foundation.columns import Columns, Value
from callscribe.storage.errors import is_missing, translated

LARGE_NUMBERS = frozenset({"WireOffset", "Sequence"})
"""Columns that are Int64 whatever their value: a column has one type in every row."""


class Table:
    """Reads and writes rows as plain columns."""

    def __init__(self, client: TableClient) -> None:
        self._client = client

    async def insert(self, partition: str, row: str, columns: Columns) -> str:
        """Insert a row; return its version. Raises ConflictError if it exists."""
        entity = _entity(partition, row, columns)
        written = await self._do(lambda: self._client.create_entity(entity))
        return str(written["etag"])

    async def replace(self, partition: str, row: str, columns: Columns, etag: str) -> str:
        """Write a row that is still at `etag`; return its version. Raises ConflictError."""
        entity = _entity(partition, row, columns)
        written = await self._do(
            lambda: self._client.update_entity(
                entity,
                mode=UpdateMode.REPLACE,
                etag=etag,
                match_condition=MatchConditions.IfNotModified,
            )
        )
        return str(written["etag"])

    async def put(self, partition: str, row: str, columns: Columns) -> None:
        """Write a row whole, whatever was there. Raises StorageRefusedError."""
        entity = _entity(partition, row, columns)
        await self._do(lambda: self._client.upsert_entity(entity, mode=UpdateMode.REPLACE))

    async def merge(self, partition: str, row: str, columns: Columns) -> None:
        """Write these columns into a row, which is made if missing."""
        entity = _entity(partition, row, columns)
        await self._do(lambda: self._client.upsert_entity(entity, mode=UpdateMode.MERGE))

    async def read(self, partition: str, row: str) -> tuple[Columns, str] | None:
        """Return a row and its version, or None."""
        entity = await self._do(lambda: self._find(partition, row))
        return None if entity is None else (_columns(entity), str(entity.metadata["etag"]))

    async def delete(self, partition: str, row: str) -> None:
        """Delete a row if it exists."""
        await self._do(lambda: self._client.delete_entity(partition, row))

    async def scan(
        self,
        partition: str,
        first: str = "",
        end: str = "",
        *,
        after: str = "",
        equal: Mapping[str, str] | None = None,
        limit: int | None = None,
    ) -> AsyncIterator[tuple[str, Columns]]:
        """Iterate over a partition's rows in key order.

        From `first` or behind `after` up to before `end`, those whose columns are `equal` to what
        is given, `limit` a page.
        """
        where, values = _where(partition, {"ge": first, "gt": after, "lt": end}, equal or {})
        with translated():
            try:
                pages = self._client.query_entities(
                    where, parameters=values, results_per_page=limit
                )
                async for entity in pages:
                    yield str(entity["RowKey"]), _columns(entity)
            except HttpResponseError as error:
                if not is_missing(error, "TableNotFound"):
                    raise

    async def _find(self, partition: str, row: str) -> TableEntity | None:
        try:
            return await self._client.get_entity(partition, row)
        except ResourceNotFoundError as error:
            if is_missing(error, "TableNotFound"):
                raise
            return None

    async def _do[T](self, operation: Callable[[], Awaitable[T]]) -> T:
        """Run an operation; make the table if it is missing, and run it again."""
        with translated():
            try:
                return await operation()
            except HttpResponseError as error:
                if not is_missing(error, "TableNotFound"):
                    raise
            with suppress(ResourceExistsError):
                await self._client.create_table()
            return await operation()


class TableTranscriptStore:
    """Keeps the promise of ports.TranscriptStore."""

    def __init__(self, table: Table) -> None:
        self._table = table

    async def put(self, call_id: str, row_key: str, columns: Columns) -> None:
        """Write a row whole. Raises StorageRefusedError when it can never be written."""
        await self._table.put(call_id, row_key, columns)

    async def merge(self, call_id: str, row_key: str, columns: Columns) -> None:
        """Write these columns into a row, which is made if missing."""
        await self._table.merge(call_id, row_key, columns)

    async def has(self, call_id: str, row_key: str) -> bool:
        """Tell whether the row exists."""
        return await self._table.read(call_id, row_key) is not None

    async def delete(self, call_id: str, row_key: str) -> None:
        """Delete the row if it exists."""
        await self._table.delete(call_id, row_key)

    def rows(self, call_id: str, first: str, end: str) -> AsyncIterator[tuple[str, Columns]]:
        """Iterate over the rows whose keys are from `first` up to before `end`, in order."""
        return self._table.scan(call_id, first, end)


def _where(
    partition: str, bounds: Mapping[str, str], equal: Mapping[str, str]
) -> tuple[str, dict[str, str]]:
    """Return a filter and the values in it, which the SDK quotes."""
    terms, values = ["PartitionKey eq @partition"], {"partition": partition}
    for comparison, key in bounds.items():
        if key:
            terms.append(f"RowKey {comparison} @{comparison}")
            values[comparison] = key
    for column, value in equal.items():
        terms.append(f"{column} eq @{column}")
        values[column] = value
    return " and ".join(terms), values


def _entity(partition: str, row: str, columns: Columns) -> dict[str, Any]:
    entity: dict[str, Any] = {"PartitionKey": partition, "RowKey": row}
    for name, value in columns.items():
        entity[name] = EntityProperty(value, EdmType.INT64) if name in LARGE_NUMBERS else value
    return entity


def _columns(entity: Mapping[str, Any]) -> Columns:
    return {
        name: _plain(value)
        for name, value in entity.items()
        if name not in ("PartitionKey", "RowKey")
    }


def _plain(value: object) -> Value:
    """Return a column as a plain value; a date or a GUID, which another hand wrote, as text."""
    plain = value.value if isinstance(value, EntityProperty) else value
    return plain if isinstance(plain, str | int | float | bytes) else str(plain)
