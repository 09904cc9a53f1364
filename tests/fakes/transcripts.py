"""Transcripts in memory."""

from collections import defaultdict
from collections.abc import AsyncIterator

from callscribe.foundation.columns import Columns, Value
from callscribe.foundation.errors import StorageRefusedError
from tests.fakes.orders import Orders

_UNITS = 32_768
_BYTES = 64 * 1024


class FakeTranscriptStore(Orders):
    """Implements ports.TranscriptStore, limits of columns included."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: dict[str, dict[str, Columns]] = defaultdict(dict)

    async def put(self, call_id: str, row_key: str, columns: Columns) -> None:
        async with self.carry_out("put", row_key):
            _check(columns)
            self.calls[call_id][row_key] = dict(columns)

    async def insert(self, call_id: str, row_key: str, columns: Columns) -> bool:
        async with self.carry_out("insert", row_key):
            _check(columns)
            return self.calls[call_id].setdefault(row_key, dict(columns)) == columns

    async def merge(self, call_id: str, row_key: str, columns: Columns) -> None:
        async with self.carry_out("merge", row_key):
            _check(columns)
            self.calls[call_id].setdefault(row_key, {}).update(columns)

    async def has(self, call_id: str, row_key: str) -> bool:
        async with self.carry_out("has", row_key):
            return row_key in self.calls[call_id]

    async def delete(self, call_id: str, row_key: str) -> None:
        async with self.carry_out("delete", row_key):
            self.calls[call_id].pop(row_key, None)

    async def rows(self, call_id: str, first: str, end: str) -> AsyncIterator[tuple[str, Columns]]:
        async with self.carry_out("rows", first, end):
            found = sorted(self.calls[call_id].items())
        for key, columns in found:
            if first <= key < end:
                yield key, dict(columns)

    def keys(self, call_id: str, kind: str = "") -> list[str]:
        """Return the keys of a call's rows of a kind (`s`, `q`, `c`, `e`, `g`), in order."""
        return sorted(key for key in self.calls[call_id] if key.startswith(kind))

    def of_kind(self, call_id: str, kind: str) -> list[Columns]:
        """Return a call's rows of a kind, in order."""
        return [self.calls[call_id][key] for key in self.keys(call_id, kind)]


def _check(columns: Columns) -> None:
    if any(_is_too_long(value) for value in columns.values()):
        raise StorageRefusedError("PropertyValueTooLarge")


def _is_too_long(value: Value) -> bool:
    match value:
        case str():
            return len(value.encode("utf-16-le")) > 2 * _UNITS
        case bytes():
            return len(value) > _BYTES
        case _:
            return False
