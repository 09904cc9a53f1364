"""The app's kinds of tables: rows with versions, and the table of transcripts."""

from collections.abc import AsyncIterator

from azure.data.tables import UpdateMode

from callscribe.foundation.columns import Columns
from callscribe.foundation.errors import ConflictError
from callscribe.storage.rows import CHANGED, Rows, entity_of, if_still_at


class Table(Rows):
    """Rows with versions: a write may depend on what is there."""

    async def insert(self, partition: str, row: str, columns: Columns) -> str:
        """Insert a row; return its version (its ETag). Raises ConflictError if it exists.

        It may be one's own: where a reply is lost, the insert is tried again.
        """
        return await self._insert(partition, row, columns)

    async def replace(self, partition: str, row: str, columns: Columns, etag: str) -> str:
        """Write a row if it is still at the version `etag`; return the new one.

        Raises ConflictError otherwise, which one's own write may be the reason of: where a reply
        is lost, it is tried again.
        """
        entity = entity_of(partition, row, columns)
        written = await self._row(
            lambda seconds: self._client.update_entity(
                entity,
                mode=UpdateMode.REPLACE,
                read_timeout=seconds,
                **if_still_at(etag),
            ),
            CHANGED,
        )
        return str(written["etag"])


class TableTranscriptStore(Rows):
    """Implements ports.TranscriptStore: the table in which each call is a partition."""

    async def insert(self, call_id: str, row_key: str, columns: Columns) -> bool:
        """Insert a row that is not there; tell whether it is there now as it was given.

        False where another row has the key, which stays as it is.
        """
        try:
            await self._insert(call_id, row_key, columns)
        except ConflictError:
            found = await self.read(call_id, row_key)
            return found is not None and found[0] == columns
        return True

    async def has(self, call_id: str, row_key: str) -> bool:
        """Tell whether the row exists."""
        return await self.read(call_id, row_key) is not None

    def rows(self, call_id: str, first: str, end: str) -> AsyncIterator[tuple[str, Columns]]:
        """Iterate over the rows whose keys are from `first` up to before `end`, in order."""
        return self.scan(call_id, first, end)
