"""The table of labels, the fake's and Azurite's: rows in order, between two keys, once."""

import pytest

from callscribe.calls.labelling import LabelRows
from callscribe.foundation.errors import ConflictError
from tests.fakes.rows import FakeRows
from tests.storage.storage import Storage


@pytest.fixture(params=["fake", "azurite"])
def rows(request: pytest.FixtureRequest) -> LabelRows:
    if request.param == "fake":
        return FakeRows()
    storage: Storage = request.getfixturevalue("storage")
    return storage.table("Labels")


async def keys(rows: LabelRows, **bounds: str) -> list[str]:
    return [key async for key, _ in rows.scan("label", limit=2, **bounds)]


async def test_rows_come_in_order_and_within_bounds(rows: LabelRows) -> None:
    for key in "cab":
        await rows.create("label", key, {"Label": "vip"})
    await rows.create("other", "b", {"Label": "other"})
    assert await keys(rows) == ["a", "b", "c"]
    assert await keys(rows, after="a") == ["b", "c"]
    assert await keys(rows, after="a", end="c") == ["b"]
    assert [row async for _, row in rows.scan("other")] == [{"Label": "other"}]


async def test_a_row_is_made_once_and_deleted_however_often(rows: LabelRows) -> None:
    await rows.create("label", "a", {"Label": "vip"})
    with pytest.raises(ConflictError):
        await rows.create("label", "a", {"Label": "vip"})
    for _ in range(2):
        await rows.delete("label", "a")
    assert await keys(rows) == []
