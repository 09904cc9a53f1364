"""Calls in memory."""

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
    """Implements ports.CallStore."""

    def __init__(self) -> None:
        super().__init__()
        self.saved: dict[str, Stored] = {}
        self.checked: dict[str, Ms] = {}
        self.links: set[tuple[str, str]] = set()
        self._versions = 0

    async def create(self, call: Call) -> Stored:
        async with self.carry_out("create", call.id):
            self.checked[call.id] = call_id_time(call.id)
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

    async def remember(self, call_id: str, last_seen: Ms) -> None:
        async with self.carry_out("remember", call_id):
            self.checked[call_id] = last_seen

    async def forget(self, call_id: str) -> None:
        async with self.carry_out("forget", call_id):
            self.checked.pop(call_id, None)

    async def active(self) -> list[Active]:
        async with self.carry_out("active"):
            return [Active(call_id, at) for call_id, at in sorted(self.checked.items())]

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
            self.checked[call.id] = call_id_time(call.id)
        return call

    def call(self, call_id: str) -> Call:
        """Return a call as it is stored."""
        return self.saved[call_id].call

    def _put(self, call: Call) -> Stored:
        self._versions += 1
        self.saved[call.id] = Stored(call, f"v{self._versions}")
        return self.saved[call.id]
