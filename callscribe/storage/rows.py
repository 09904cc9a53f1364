"""The rows of one table, in and out, over azure-data-tables.

A table that is found missing is made, and the operation repeated; in Azure, Bicep makes them.
"""

from collections.abc import Awaitable, Callable, Collection, Mapping
from contextlib import suppress
from typing import Any

from azure.core import MatchConditions
from azure.core.exceptions import AzureError, ResourceExistsError
from azure.data.tables import EdmType, EntityProperty, TableEntity, UpdateMode
from azure.data.tables.aio import TableClient

from callscribe.foundation.columns import Columns, Value
from callscribe.foundation.deadline import retry_request
from callscribe.foundation.errors import ConflictError
from callscribe.foundation.moments import Seconds
from callscribe.storage.errors import is_missing, translated
from callscribe.storage.requests import ALONE, LIMITS, LONGEST, Limits

# Columns that are Int64 whatever their value, so that a column has one type in every row: the SDK
# writes any other int as Int32.
LARGE_NUMBERS = frozenset({"WireOffset", "Sequence"})
# What says that somebody else wrote first. A row that is gone was changed, too.
_EXISTS = frozenset({"EntityAlreadyExists"})
NO_ROW = ("ResourceNotFound", "EntityNotFound")
CHANGED = frozenset({"UpdateConditionNotSatisfied", "ConditionNotMet", *NO_ROW})


class Rows:
    """Reads and writes the rows of one table as plain columns, whatever is there.

    Each method tries again what may pass, for a moment and until the current deadline, and then
    raises StorageUnavailableError. None of them raises ConflictError.
    """

    def __init__(self, client: TableClient, limits: Limits = LIMITS) -> None:
        self._client = client
        self._limits = limits

    async def put(self, partition: str, row: str, columns: Columns) -> None:
        """Write a row whole, whatever was there.

        Raises StorageRefusedError when it can never be written.
        """
        entity = entity_of(partition, row, columns)
        await self._row(
            lambda seconds: self._client.upsert_entity(
                entity, mode=UpdateMode.REPLACE, read_timeout=seconds
            )
        )

    async def merge(self, partition: str, row: str, columns: Columns) -> None:
        """Write these columns into a row, which is made if missing.

        Raises StorageRefusedError when they can never be written.
        """
        entity = entity_of(partition, row, columns)
        await self._row(
            lambda seconds: self._client.upsert_entity(
                entity, mode=UpdateMode.MERGE, read_timeout=seconds
            )
        )

    async def insert(self, partition: str, row: str, columns: Columns) -> bool:
        """Insert a row that is not there; tell whether it is there now as it was given.

        False where another row has the key, which stays as it is.
        """
        try:
            await self._insert(partition, row, columns)
        except ConflictError:
            found = await self.read(partition, row)
            return found is not None and found[0] == columns
        return True

    async def read(self, partition: str, row: str) -> tuple[Columns, str] | None:
        """Return a row and its version, or None."""
        entity = await self._row(lambda seconds: self._find(partition, row, seconds))
        return None if entity is None else (columns_of(entity), str(entity.metadata["etag"]))

    async def _find(self, partition: str, row: str, seconds: Seconds) -> TableEntity | None:
        try:
            return await self._client.get_entity(partition, row, read_timeout=seconds)
        except AzureError as error:
            if not is_missing(error, *NO_ROW):
                raise
            return None

    async def _insert(self, partition: str, row: str, columns: Columns) -> str:
        entity = entity_of(partition, row, columns)
        # Else storage sends the whole row back.
        written = await self._row(
            lambda seconds: self._client.create_entity(
                entity, response_preference="return-no-content", read_timeout=seconds
            ),
            _EXISTS,
        )
        return str(written["etag"])

    async def _row[T](
        self, request: Callable[[Seconds], Awaitable[T]], conflicts: Collection[str] = ()
    ) -> T:
        return await self._do(request, self._limits.row, conflicts)

    async def _do[T](
        self,
        request: Callable[[Seconds], Awaitable[T]],
        answer: Seconds,
        conflicts: Collection[str] = (),
    ) -> T:
        """Make a request, again where that may help; raise its errors as the app's own."""

        async def ask(seconds: Seconds) -> T:
            try:
                return await self._ask(request, seconds)
            except AzureError as error:
                raise translated(error, conflicts) from error

        policy = self._limits.policy
        return await retry_request(ask, policy, first=answer, longest=LONGEST, alone=ALONE)

    async def _ask[T](self, request: Callable[[Seconds], Awaitable[T]], seconds: Seconds) -> T:
        """Make a request; make the table if it is missing, and ask again."""
        try:
            return await request(seconds)
        except AzureError as error:
            if not is_missing(error, "TableNotFound"):
                raise
        with suppress(ResourceExistsError):
            await self._client.create_table(read_timeout=seconds)
        return await request(seconds)


def if_still_at(etag: str) -> dict[str, Any]:
    """Return what makes a write of the SDK depend on a row's version."""
    return {"etag": etag, "match_condition": MatchConditions.IfNotModified}


def entity_of(partition: str, row: str, columns: Columns) -> dict[str, Any]:
    """Return a row as the SDK wants it."""
    entity: dict[str, Any] = {"PartitionKey": partition, "RowKey": row}
    for name, value in columns.items():
        entity[name] = EntityProperty(value, EdmType.INT64) if name in LARGE_NUMBERS else value
    return entity


def columns_of(entity: Mapping[str, Any]) -> Columns:
    """Return a row of the SDK as plain columns, without its keys."""
    return {
        name: _plain(value)
        for name, value in entity.items()
        if name not in ("PartitionKey", "RowKey")
    }


def _plain(value: object) -> Value:
    """Return a column as a plain value; dates and GUIDs, which the app never writes, as text."""
    plain = value.value if isinstance(value, EntityProperty) else value
    return plain if isinstance(plain, str | int | float | bytes) else str(plain)
