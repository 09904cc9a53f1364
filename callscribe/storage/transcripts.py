"""The Transcripts table: PartitionKey is the call, RowKey says what a row is and when."""

from collections.abc import AsyncIterator

from callscribe.storage.tables import Table
from callscribe.foundation.columns import Columns


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
