"""Tables on top of rows: scans and deletions, versions, and the table of transcripts."""

from collections.abc import AsyncIterator, Mapping
from http import HTTPStatus
from typing import Any

from azure.core.exceptions import HttpResponseError
from azure.core.pipeline import PipelineResponse
from azure.data.tables import TableEntity, UpdateMode

from callscribe.foundation.columns import Columns
from callscribe.foundation.moments import Seconds
from callscribe.storage.errors import is_missing
from callscribe.storage.requests import service_seconds
from callscribe.storage.rows import CHANGED, NO_ROW, Rows, columns_of, entity_of, if_still_at

# No condition: see `if_still_at`.
ANY_VERSION: Mapping[str, Any] = {}
# Where a query goes on: storage's own word, handed back to it as it came.
_Place = Any


class ScannedRows(Rows):
    """Reads rows in the order of their keys, too, and deletes them."""

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

        From `first`, or behind `after`, up to before `end`, those whose columns are `equal` to what
        is given; `limit` is how many storage sends at once. The next page is asked for when the
        rows of the one before have been taken.
        """
        bounds = {"ge": first, "gt": after, "lt": end}
        async for entity in self._entities(*where(partition, bounds, equal or {}), limit):
            yield str(entity["RowKey"]), columns_of(entity)

    async def delete(self, partition: str, row: str) -> None:
        """Delete a row if it exists."""
        await self._row(lambda seconds: self._remove(partition, row, seconds))

    async def _entities(
        self, where: str, values: dict[str, str], limit: int | None = None
    ) -> AsyncIterator[TableEntity]:
        place: _Place = None
        while True:
            page, place = await self._page(where, values, limit, place)
            for entity in page:
                yield entity
            # A page may be empty and others follow.
            # https://learn.microsoft.com/rest/api/storageservices/query-timeout-and-pagination
            if place is None:
                break

    async def _page(
        self, where: str, values: dict[str, str], limit: int | None, place: _Place
    ) -> tuple[list[TableEntity], _Place]:
        """Return one page, and where the next one begins; None where there is none."""

        async def ask(seconds: Seconds) -> tuple[list[TableEntity], _Place]:
            pages = self._client.query_entities(
                where,
                parameters=values,
                results_per_page=limit,
                timeout=service_seconds(seconds),
                read_timeout=seconds,
            ).by_page(place)
            page = [entity async for entity in await anext(pages)]
            return page, getattr(pages, "continuation_token", None)

        return await self._do(ask, self._limits.page)

    async def _remove(
        self, partition: str, row: str, seconds: Seconds, condition: Mapping[str, Any] = ANY_VERSION
    ) -> None:
        """Delete a row. The SDK takes every 404 for success: only one that names the row is one."""
        refusals: list[HttpResponseError] = []

        def note(answer: PipelineResponse[Any, Any]) -> None:
            if answer.http_response.status_code == HTTPStatus.NOT_FOUND:
                refusals.append(HttpResponseError(response=answer.http_response))

        await self._client.delete_entity(
            partition, row, read_timeout=seconds, raw_response_hook=note, **condition
        )
        for refusal in refusals:
            if not is_missing(refusal, *NO_ROW):
                raise refusal


class Table(ScannedRows):
    """Rows with versions: a write may depend on what is there."""

    async def create(self, partition: str, row: str, columns: Columns) -> str:
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

    async def remove(self, partition: str, row: str, etag: str) -> None:
        """Delete a row that is still at the version `etag`; one that is gone already is no error.

        Raises ConflictError where it is at another.
        """
        condition = if_still_at(etag)
        await self._row(lambda seconds: self._remove(partition, row, seconds, condition), CHANGED)


class TableTranscriptStore(ScannedRows):
    """Implements ports.TranscriptStore: the table in which each call is a partition."""

    async def has(self, call_id: str, row_key: str) -> bool:
        """Tell whether the row exists."""
        return await self.read(call_id, row_key) is not None

    def rows(self, call_id: str, first: str, end: str) -> AsyncIterator[tuple[str, Columns]]:
        """Iterate over the rows whose keys are from `first` up to before `end`, in order."""
        return self.scan(call_id, first, end)


def where(
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
