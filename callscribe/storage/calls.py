"""The Calls, ActiveCalls and Participants tables.

Every write of a call carries a random `WriteId`. The SDK repeats a write whose reply was lost, and
storage may refuse the repetition (409, 412): when the row has that id, the first one was written.
"""

import secrets
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress

from callscribe.calls.call import Call, State
from callscribe.calls.call_columns import call_columns, call_of
from callscribe.calls.ports import Active, Stored
from callscribe.foundation import log
from callscribe.foundation.columns import Columns
from callscribe.foundation.errors import CallscribeError, ConflictError
from callscribe.foundation.identifiers import (
    call_id_in,
    call_keys,
    is_hidden,
    participant_id,
    participant_raw_id,
)
from callscribe.foundation.moments import Ms, iso
from callscribe.storage.active import ActiveTable
from callscribe.storage.tables import Table


class TableCallStore:
    """Implements ports.CallStore."""

    def __init__(self, calls: Table, active: ActiveTable, participants: Table) -> None:
        self._calls = calls
        self._active = active
        self._participants = participants

    async def create(self, call: Call, next_at: Ms) -> Stored:
        """Insert the call as active, then its record; return it with its first version.

        Raises ConflictError if it exists.
        """
        await self.open(call, next_at, None)
        day, key = call_keys(call.id)
        columns = _marked(call)
        try:
            return Stored(call, await self._calls.create(day, key, columns))
        except ConflictError:
            return Stored(call, await self._own_version(call, columns))

    async def read(self, call_id: str) -> Stored | None:
        """Return the call, or None. Raises CallscribeError where its row cannot be understood."""
        found = await self._calls.read(*call_keys(call_id))
        return None if found is None else Stored(call_of(found[0]), found[1])

    async def save(self, call: Call, etag: str) -> Stored:
        """Write the call if it is still at the version `etag`; return it with the new one.

        Raises ConflictError otherwise.
        """
        day, key = call_keys(call.id)
        columns = _marked(call)
        try:
            return Stored(call, await self._calls.replace(day, key, columns, etag))
        except ConflictError:
            return Stored(call, await self._own_version(call, columns))

    async def open(self, call: Call, next_at: Ms, try_at: Ms | None) -> None:
        """List the call as active, whatever was listed before."""
        await self._active.open(call, next_at, try_at)

    async def track(
        self, call: Call, next_at: Ms, try_at: Ms | None, etag: str | None = None
    ) -> None:
        """Note how an active call stands and when it is due; one that is not listed stays so.

        With `etag` only a row that is still at that version. Raises ConflictError otherwise.
        """
        await self._active.track(call, next_at, try_at, etag)

    async def listed(self, call_id: str) -> str | None:
        """Return the version of an active call's row; None where it is not listed."""
        return await self._active.listed(call_id)

    async def close(self, call_id: str, etag: str) -> None:
        """Take the call off the list of active ones, if its row is still at that version.

        Raises ConflictError otherwise.
        """
        await self._active.close(call_id, etag)

    async def due(self, now: Ms, most: int) -> list[Active]:
        """Return up to `most` active calls of this deployment that are due, longest due first."""
        return await self._active.due(now, most)

    async def active(self) -> set[str]:
        """Return the ids of all active calls of this deployment."""
        return await self._active.ids()

    async def put_off(self, rows: Sequence[tuple[Active, Ms]]) -> None:
        """Note of active calls when each is due again; of rows that were changed nothing."""
        await self._active.put_off(rows)

    async def of_day(
        self, day: str, after: str | None, limit: int, state: State | None = None
    ) -> list[Call]:
        """Return up to `limit` calls of a UTC day (`2026-11-22`), newest first.

        After the row key `after`, and in that state, where they are given. Rows that are no call
        are left out and logged.
        """
        equal = {} if state is None else {"State": state.value}
        rows = self._calls.scan(day, after=after, equal=equal, limit=limit)
        return await _first(limit, _calls(day, rows))

    async def of_person(self, person: str, after: str | None, end: str, limit: int) -> list[str]:
        """Return the ids of up to `limit` calls in which a person took part, newest first.

        `person` is a participant id. The calls' row keys lie before `end`, and after `after` where
        it is given. Rows that name no call are left out, with a line in the log.
        """
        rows = self._participants.scan(person, after=after, end=end, limit=limit)
        return await _first(limit, _call_ids(rows))

    async def link(self, raw_id: str, call: Call) -> None:
        """Note that a person took part in the call; doing so again changes nothing.

        Nobody is noted whose raw id is hidden: it would be one person's in all calls.
        """
        if is_hidden(raw_id):
            return
        _, key = call_keys(call.id)
        columns: Columns = {
            "RawId": participant_raw_id(raw_id),
            "CallId": call.id,
            "BegunAt": iso(call.begun_at),
        }
        # Not `insert`, which would read what is there to compare it.
        with suppress(ConflictError):
            await self._participants.create(participant_id(raw_id), key, columns)

    async def _own_version(self, call: Call, columns: Columns) -> str:
        """Return the version of the row if it is the one that was just written."""
        found = await self._calls.read(*call_keys(call.id))
        if found is None or found[0].get("WriteId") != columns["WriteId"]:
            raise ConflictError("changed by another writer")
        return found[1]


async def _calls(day: str, rows: AsyncIterator[tuple[str, Columns]]) -> AsyncIterator[Call]:
    async for _, columns in rows:
        try:
            call = call_of(columns)
        except CallscribeError:
            log.warning("rowIsNoCall", day=day)
        else:
            yield call


async def _call_ids(rows: AsyncIterator[tuple[str, Columns]]) -> AsyncIterator[str]:
    """Take each id from the row's key: another hand may have spoilt or lost the column."""
    async for key, _ in rows:
        call_id = call_id_in(key)
        if call_id is None:
            log.warning("rowNamesNoCall")
        else:
            yield call_id


async def _first[T](count: int, rows: AsyncIterator[T]) -> list[T]:
    """Return the first `count`, without reading another page from storage."""
    found: list[T] = []
    async for row in rows:
        found.append(row)
        if len(found) == count:
            break
    return found


def _marked(call: Call) -> Columns:
    return call_columns(call) | {"WriteId": secrets.token_hex(8)}
