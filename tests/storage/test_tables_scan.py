"""A scan takes page after page, of one partition and nothing else."""

import asyncio

from callscribe.foundation.columns import Columns
from tests.storage.storage import Storage

ROW: Columns = {"Text": "hello"}


async def test_a_scan_goes_on_over_pages_and_can_be_left(storage: Storage) -> None:
    table = storage.table()
    await asyncio.gather(*(table.put("p", f"r{number}", ROW) for number in range(7)))
    keys = [key async for key, _ in table.scan("p", limit=3)]
    assert keys == [f"r{number}" for number in range(7)]
    async for key, _ in table.scan("p", first="r2", limit=2):
        assert key == "r2"
        break


async def test_a_partition_cannot_break_out_of_its_filter(storage: Storage) -> None:
    table = storage.table()
    await table.put("p", "r", ROW)
    assert [row async for row in table.scan("' or PartitionKey ne '")] == []
    assert [row async for row in table.scan("p", first="' or RowKey ne '")] != []
    assert [row async for row in table.scan("p", first="z' or RowKey ne 'z")] == []
