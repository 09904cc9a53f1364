"""The ActiveCalls table: which calls are looked after, and when each is due.

Its rows lie in 16 partitions, so that a round of the watch reads and writes them side by side.
"""

import asyncio
import hashlib
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from functools import partial
from itertools import batched, chain
from typing import Any

from azure.core.exceptions import AzureError
from azure.data.tables import TableTransactionError, UpdateMode
from azure.data.tables.aio import TableClient

from callscribe.calls.call import Call, State
from callscribe.calls.ports import Active
from callscribe.foundation import log
from callscribe.foundation.columns import Columns, known, moment_in, number_in, text_in
from callscribe.foundation.errors import ConflictError
from callscribe.foundation.moments import Ms, Seconds, iso
from callscribe.storage.errors import is_missing, translated
from callscribe.storage.requests import LIMITS, Limits
from callscribe.storage.rows import CHANGED, NO_ROW, columns_of, entity_of, if_still_at
from callscribe.storage.tables import ScannedRows, where

PARTITIONS = tuple("0123456789abcdef")
# A transaction takes so many rows of one partition:
# https://learn.microsoft.com/rest/api/storageservices/performing-entity-group-transactions
BATCH = 100


class ActiveTable(ScannedRows):
    """Reads and writes rows of active calls; `deployment` is whose calls are ours."""

    def __init__(
        self, client: TableClient, deployment: str | None = None, limits: Limits = LIMITS
    ) -> None:
        super().__init__(client, limits)
        self._deployment = deployment

    async def open(self, call: Call, next_at: Ms, try_at: Ms | None) -> None:
        """List the call as active, whatever was listed before."""
        await self.put(*active_keys(call.id), active_columns(call, next_at, try_at))

    async def track(
        self, call: Call, next_at: Ms, try_at: Ms | None, etag: str | None = None
    ) -> None:
        """Note how an active call stands and when it is due; one that is not listed stays so.

        With `etag` only a row that is still at that version. Raises ConflictError otherwise.
        """
        entity = entity_of(*active_keys(call.id), active_columns(call, next_at, try_at))

        async def update(seconds: Seconds) -> None:
            condition = {} if etag is None else if_still_at(etag)
            try:
                # Only a row that is there: an update is no upsert.
                await self._client.update_entity(
                    entity, mode=UpdateMode.REPLACE, read_timeout=seconds, **condition
                )
            except AzureError as error:
                if not is_missing(error, *NO_ROW):
                    raise
                log.info("notListed", call.id)

        await self._row(update, CHANGED)

    async def listed(self, call_id: str) -> str | None:
        """Return the version of an active call's row; None where it is not listed."""
        found = await self.read(*active_keys(call_id))
        return None if found is None else found[1]

    async def close(self, call_id: str, etag: str) -> None:
        """Delete an active call's row that is still at that version. Raises ConflictError else.

        One that is gone already is no error.
        """
        keys, condition = active_keys(call_id), if_still_at(etag)
        await self._row(lambda seconds: self._remove(*keys, seconds, condition), CHANGED)

    async def due(self, now: Ms, most: int) -> list[Active]:
        """Return up to `most` active calls of this deployment that are due, longest due first.

        A moment further ahead than calls are looked at was noted by a clock that was set since.
        """
        found = await asyncio.gather(*(self._due_in(each, now) for each in PARTITIONS))
        return sorted(chain.from_iterable(found), key=lambda row: row.next_at)[:most]

    async def ids(self) -> set[str]:
        """Return the ids of all active calls of this deployment."""
        found = await asyncio.gather(*map(self._ids_in, PARTITIONS))
        return set(chain.from_iterable(found))

    async def put_off(self, rows: Sequence[tuple[Active, Ms]]) -> None:
        """Note of active calls when each is due again; of rows that were changed nothing."""
        by_partition: dict[str, list[tuple[Active, Ms]]] = defaultdict(list)
        for active, next_at in rows:
            by_partition[active_keys(active.call_id)[0]].append((active, next_at))
        batches = [
            list(batch)
            for each in by_partition.values()
            for batch in batched(each, BATCH, strict=False)
        ]
        await asyncio.gather(*map(self._put_off, batches))

    async def _due_in(self, partition: str, now: Ms) -> list[Active]:
        return [each async for each in self._listed_in(partition) if each.is_due(now)]

    async def _ids_in(self, partition: str) -> list[str]:
        return [each.call_id async for each in self._listed_in(partition)]

    async def _listed_in(self, partition: str) -> AsyncIterator[Active]:
        equal = {} if self._deployment is None else {"Deployment": self._deployment}
        async for entity in self._entities(*where(partition, {}, equal)):
            etag = str(entity.metadata["etag"])
            yield _active(str(entity["RowKey"]), etag, columns_of(entity))

    async def _put_off(self, batch: list[tuple[Active, Ms]]) -> None:
        """Send a batch; a row that was changed or is gone fails all, and is left out then."""
        while batch:
            changed = await self._row(partial(self._submit, batch))
            if changed is None:
                return
            batch = [each for place, each in enumerate(batch) if place != changed]

    async def _submit(self, batch: list[tuple[Active, Ms]], seconds: Seconds) -> int | None:
        """Send a transaction; return the place of a row that was changed, for which it failed."""
        try:
            await self._client.submit_transaction(
                [_noted(*each) for each in batch], read_timeout=seconds
            )
        except TableTransactionError as error:
            if isinstance(translated(error, CHANGED), ConflictError):
                return int(error.index)
            raise
        return None


def active_keys(call_id: str) -> tuple[str, str]:
    """Return the keys of an active call's row: one of 16 partitions, and its id."""
    return hashlib.sha256(call_id.encode()).hexdigest()[0], call_id


def active_columns(call: Call, next_at: Ms, try_at: Ms | None) -> Columns:
    """Return an active call's row: what a poll of ACS is compared with, and when it is due.

    A call that another application keeps is not polled: its row has no connection.
    """
    part = call.transcribing
    return known(
        NextAt=iso(next_at),
        TryAt=None if try_at is None else iso(try_at),
        CallConnectionId=None if call.is_own else call.connection_id,
        State=call.state.value,
        Wanted=call.wish.on,
        Runs=part.runs.language.locale if part.runs else None,
        Number=part.number,
        Deployment=call.deployment,
    )


def _noted(active: Active, next_at: Ms) -> tuple[str, dict[str, Any], dict[str, Any]]:
    partition, row = active_keys(active.call_id)
    entity = {"PartitionKey": partition, "RowKey": row, "NextAt": iso(next_at)}
    return "update", entity, {"mode": UpdateMode.MERGE} | if_still_at(active.etag)


def _active(call_id: str, etag: str, columns: Columns) -> Active:
    return Active(
        call_id=call_id,
        etag=etag,
        next_at=moment_in(columns, "NextAt") or Ms(0),
        try_at=moment_in(columns, "TryAt"),
        connection_id=text_in(columns, "CallConnectionId"),
        connected=columns.get("State") == State.CONNECTED.value,
        wanted=columns.get("Wanted") is True,
        runs=text_in(columns, "Runs"),
        number=number_in(columns, "Number") or 0,
    )
