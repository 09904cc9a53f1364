"""Calls in memory."""

from collections.abc import Sequence
from dataclasses import replace

from callscribe.calls.call import Call, State
from callscribe.calls.ports import Active, Stored
from callscribe.foundation.errors import ConflictError
from callscribe.foundation.identifiers import (
    call_id_time,
    call_keys,
    is_hidden,
    participant_id,
    participant_raw_id,
)
from callscribe.foundation.moments import Ms
from tests.fakes.orders import Orders


class FakeCallStore(Orders):
    """Implements ports.CallStore; `rows` is the table of active calls."""

    def __init__(self, deployment: str | None = None) -> None:
        super().__init__()
        self.saved: dict[str, Stored] = {}
        self.rows: dict[str, Active] = {}
        self.owners: dict[str, str | None] = {}
        self.links: set[tuple[str, str]] = set()
        self._deployment = deployment
        self._versions = 0

    async def create(self, call: Call, next_at: Ms) -> Stored:
        async with self.carry_out("create", call.id):
            self._list(call, next_at, None)
            if call.id in self.saved:
                raise ConflictError("exists")
            return self._put(call)

    async def read(self, call_id: str) -> Stored | None:
        async with self.carry_out("read", call_id):
            return self.saved.get(call_id)

    async def save(self, call: Call, etag: str) -> Stored:
        async with self.carry_out("save", call.id, call.state):
            if call.id not in self.saved or self.saved[call.id].etag != etag:
                raise ConflictError("changed")
            return self._put(call)

    async def open(self, call: Call, next_at: Ms, try_at: Ms | None) -> None:
        async with self.carry_out("open", call.id):
            self._list(call, next_at, try_at)

    async def track(
        self, call: Call, next_at: Ms, try_at: Ms | None, etag: str | None = None
    ) -> None:
        async with self.carry_out("track", call.id):
            row = self.rows.get(call.id)
            if row is not None and etag not in (None, row.etag):
                raise ConflictError("changed")
            if row is not None:
                self._list(call, next_at, try_at)

    async def listed(self, call_id: str) -> str | None:
        async with self.carry_out("listed", call_id):
            row = self.rows.get(call_id)
            return None if row is None else row.etag

    async def close(self, call_id: str, etag: str) -> None:
        async with self.carry_out("close", call_id):
            row = self.rows.get(call_id)
            if row is not None and row.etag != etag:
                raise ConflictError("changed")
            self.rows.pop(call_id, None)

    async def due(self, now: Ms, most: int) -> list[Active]:
        async with self.carry_out("due"):
            mine = [row for row in self.rows.values() if self._is_mine(row)]
            found = [row for row in mine if row.is_due(now)]
            return sorted(found, key=lambda row: row.next_at)[:most]

    async def active(self) -> set[str]:
        async with self.carry_out("active"):
            return {row.call_id for row in self.rows.values() if self._is_mine(row)}

    async def put_off(self, rows: Sequence[tuple[Active, Ms]]) -> None:
        async with self.carry_out("put_off", *(row.call_id for row, _ in rows)):
            for row, next_at in rows:
                if self.rows.get(row.call_id) == row:
                    self.rows[row.call_id] = replace(row, next_at=next_at, etag=self._version())

    async def of_day(
        self, day: str, after: str | None, limit: int, state: State | None = None
    ) -> list[Call]:
        async with self.carry_out("of_day", day):
            keyed = sorted((call_keys(call_id), stored) for call_id, stored in self.saved.items())
            behind = after or ""
            found = [stored.call for keys, stored in keyed if keys[0] == day and keys[1] > behind]
            return [call for call in found if state in (None, call.state)][:limit]

    async def of_person(self, person: str, after: str | None, end: str, limit: int) -> list[str]:
        async with self.carry_out("of_person", person):
            mine = [call_id for raw_id, call_id in self.links if participant_id(raw_id) == person]
            keyed = sorted((call_keys(call_id)[1], call_id) for call_id in mine)
            return [call_id for key, call_id in keyed if (after or "") < key < end][:limit]

    async def link(self, raw_id: str, call: Call) -> None:
        async with self.carry_out("link", raw_id, call.id):
            if not is_hidden(raw_id):
                self.links.add((participant_raw_id(raw_id), call.id))

    def put(self, call: Call) -> Call:
        """Have a call stored, and active unless it is over, as a test's beginning."""
        self._put(call)
        if not call.terminal:
            self._list(call, call_id_time(call.id), None)
        return call

    def call(self, call_id: str) -> Call:
        """Return a call as it is stored."""
        return self.saved[call_id].call

    def _is_mine(self, row: Active) -> bool:
        return self._deployment is None or self.owners.get(row.call_id) == self._deployment

    def _list(self, call: Call, next_at: Ms, try_at: Ms | None) -> None:
        part = call.transcribing
        self.owners[call.id] = call.deployment
        self.rows[call.id] = Active(
            call_id=call.id,
            etag=self._version(),
            next_at=next_at,
            try_at=try_at,
            connection_id=call.connection_id,
            connected=call.state is State.CONNECTED,
            wanted=call.wish.on,
            runs=part.runs.language.locale if part.runs else None,
            number=part.number,
        )

    def _put(self, call: Call) -> Stored:
        self.saved[call.id] = Stored(call, self._version())
        return self.saved[call.id]

    def _version(self) -> str:
        self._versions += 1
        return f"v{self._versions}"
