"""One table: rows in, rows out, over azure-data-tables.

A table that is found missing is made, and the operation repeated; in Azure, Bicep makes them.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Any

from azure.core import MatchConditions
from azure.core.exceptions import AzureError, ResourceExistsError, ResourceNotFoundError
from azure.data.tables import EdmType, EntityProperty, TableEntity, UpdateMode
from azure.data.tables.aio import TableClient

from callscribe.foundation.columns import Columns, Value
from callscribe.storage.errors import is_missing, translated

# Columns that are Int64 whatever their value, so that a column has one type in every row: the SDK
# writes any other int as Int32.
LARGE_NUMBERS = frozenset({"WireOffset", "Sequence"})


class Table:
    """Reads and writes rows as plain columns.

    Every method raises StorageUnavailableError where storage cannot answer now.
    """

    def __init__(self, client: TableClient) -> None:
        self._client = client

    async def insert(self, partition: str, row: str, columns: Columns) -> str:
        """Insert a row; return its version (its ETag). Raises ConflictError if it exists."""
        entity = _entity(partition, row, columns)
        written = await self._do(lambda: self._client.create_entity(entity))
        return str(written["etag"])

    async def replace(self, partition: str, row: str, columns: Columns, etag: str) -> str:
        """Write a row if it is still at the version `etag`; return the new one.

        Raises ConflictError otherwise.
        """
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
        """Write a row whole, whatever was there.

        Raises StorageRefusedError when it can never be written.
        """
        entity = _entity(partition, row, columns)
        # A PUT: the SDK repeats it where a connection is refused, but not the PATCH of a merge.
        await self._do(lambda: self._client.upsert_entity(entity, mode=UpdateMode.REPLACE))

    async def merge(self, partition: str, row: str, columns: Columns) -> None:
        """Write these columns into a row, which is made if missing.

        Raises StorageRefusedError when they can never be written.
        """
        entity = _entity(partition, row, columns)
        await self._do(lambda: self._client.upsert_entity(entity, mode=UpdateMode.MERGE))

    async def read(self, partition: str, row: str) -> tuple[Columns, str] | None:
        """Return a row and its version, or None."""
        entity = await self._do(lambda: self._find(partition, row))
        return None if entity is None else (_columns(entity), str(entity.metadata["etag"]))

    async def delete(self, partition: str, row: str) -> None:
        """Delete a row if it exists."""
        # The SDK takes a 404 for success.
        await self._do(lambda: self._client.delete_entity(partition, row))

    async def scan(
        self,
        partition: str,
        first: str | None = None,
        end: str | None = None,
        *,
        after: str | None = None,
        equal: Mapping[str, str] | None = None,
        limit: int | None = None,
    ) -> AsyncIterator[tuple[str, Columns]]:
        """Iterate over a partition's rows in the order of their keys, as key and columns.

        The rows from `first` on, or after `after`, and before `end`, whose columns are `equal` to
        the given values; `limit` is how many storage sends at a time. A missing table has no rows.
        """
        bounds = {"ge": first, "gt": after, "lt": end}
        where, values = _where(partition, bounds, equal or {})
        try:
            # An empty page is not the end as long as it has a continuation, which the SDK follows:
            # https://learn.microsoft.com/rest/api/storageservices/query-timeout-and-pagination
            found = self._client.query_entities(where, parameters=values, results_per_page=limit)
            async for entity in found:
                yield str(entity["RowKey"]), _columns(entity)
        except AzureError as error:
            if not is_missing(error, "TableNotFound"):
                raise translated(error) from error

    async def _find(self, partition: str, row: str) -> TableEntity | None:
        try:
            return await self._client.get_entity(partition, row)
        except ResourceNotFoundError as error:
            if is_missing(error, "TableNotFound"):
                raise
            return None

    async def _do[T](self, operation: Callable[[], Awaitable[T]]) -> T:
        """Run an operation; make the table if it is missing, and run it again."""
        try:
            return await operation()
        except AzureError as error:
            if not is_missing(error, "TableNotFound"):
                raise translated(error) from error
        try:
            # Another worker may make it at the same moment.
            with suppress(ResourceExistsError):
                await self._client.create_table()
            return await operation()
        except AzureError as error:
            raise translated(error) from error


class TableTranscriptStore(Table):
    """Implements ports.TranscriptStore: the table in which each call is a partition."""

    async def has(self, call_id: str, row_key: str) -> bool:
        """Tell whether the row exists."""
        return await self.read(call_id, row_key) is not None

    def rows(self, call_id: str, first: str, end: str) -> AsyncIterator[tuple[str, Columns]]:
        """Iterate over the rows whose keys are from `first` up to before `end`, in order."""
        return self.scan(call_id, first, end)


def _where(
    partition: str, bounds: Mapping[str, str | None], equal: Mapping[str, str]
) -> tuple[str, dict[str, str]]:
    """Return a filter and the values in it, which the SDK quotes."""
    # Values never become part of the filter's text, where a quote in them would change it.
    terms, values = ["PartitionKey eq @partition"], {"partition": partition}
    for comparison, key in bounds.items():
        if key is not None:
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
    """Return a column as a plain value; dates and GUIDs, which the app never writes, as text."""
    plain = value.value if isinstance(value, EntityProperty) else value
    return plain if isinstance(plain, str | int | float | bytes) else str(plain)
