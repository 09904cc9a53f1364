"""Rows with versions, in memory."""

from collections.abc import AsyncIterator

from callscribe.foundation.columns import Columns
from callscribe.foundation.errors import ConflictError
from tests.fakes.orders import Orders


class FakeRows(Orders):
    """Implements calls.repeating.ConditionalRows, and the ports of labels and routes."""

    def __init__(self) -> None:
        super().__init__()
        self.saved: dict[tuple[str, str], tuple[Columns, str]] = {}
        self._versions = 0

    async def read(self, partition: str, row: str) -> tuple[Columns, str] | None:
        async with self.carry_out("read", partition, row):
            return self.saved.get((partition, row))

    async def create(self, partition: str, row: str, columns: Columns) -> str:
        async with self.carry_out("create", partition, row):
            if (partition, row) in self.saved:
                raise ConflictError("exists")
            return self._put(partition, row, columns)

    async def replace(self, partition: str, row: str, columns: Columns, etag: str) -> str:
        async with self.carry_out("replace", partition, row):
            if self.saved.get((partition, row), ({}, ""))[1] != etag:
                raise ConflictError("changed")
            return self._put(partition, row, columns)

    async def delete(self, partition: str, row: str) -> None:
        async with self.carry_out("delete", partition, row):
            self.saved.pop((partition, row), None)

    async def remove(self, partition: str, row: str, etag: str) -> None:
        async with self.carry_out("remove", partition, row):
            if self.saved.get((partition, row), ({}, etag))[1] != etag:
                raise ConflictError("changed")
            self.saved.pop((partition, row), None)

    async def scan(
        self,
        partition: str,
        first: str | None = None,
        end: str | None = None,
        *,
        after: str | None = None,
        limit: int | None = None,
    ) -> AsyncIterator[tuple[str, Columns]]:
        assert limit is None or limit > 0
        async with self.carry_out("scan", partition):
            found = sorted(self.saved.items())
        for (where, row), (columns, _) in found:
            within = (first or "") <= row and (after or "") < row < (end or "\U0010ffff")
            if where == partition and within:
                yield row, columns

    def _put(self, partition: str, row: str, columns: Columns) -> str:
        self._versions += 1
        self.saved[partition, row] = (dict(columns), f"v{self._versions}")
        return f"v{self._versions}"
