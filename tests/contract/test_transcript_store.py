"""What a TranscriptStore promises, held by the fake and by the table alike."""

import pytest

from callscribe.foundation.columns import Columns
from callscribe.foundation.errors import StorageRefusedError
from callscribe.foundation.ports import TranscriptStore
from tests.fakes.transcripts import FakeTranscriptStore
from tests.storage.storage import Storage

ROW: Columns = {
    "Text": "hé \U0001f600",
    "Seen": 3,
    "Confidence": 0.5,
    "Seconds": 2.0,
    "Sequence": 2**31,
    "WireOffset": 2**63 - 1,
    "Body": b"\x00\xff",
    "Empty": "",
}


async def rows(store: TranscriptStore, first: str = "a", end: str = "z") -> dict[str, Columns]:
    return {key: row async for key, row in store.rows("call", first, end)}


class TranscriptStoreContract:
    """The promise; a subclass brings the store."""

    async def test_a_row_is_read_back_with_its_types(self, store: TranscriptStore) -> None:
        await store.put("call", "s-1", ROW)
        [row] = (await rows(store)).values()
        assert row == ROW
        assert {name: type(value) for name, value in row.items()} == {
            name: type(value) for name, value in ROW.items()
        }

    async def test_a_row_put_again_is_replaced_whole(self, store: TranscriptStore) -> None:
        await store.put("call", "s-1", {"Text": "one", "Locale": "en-US"})
        await store.put("call", "s-1", {"Text": "two"})
        assert await rows(store) == {"s-1": {"Text": "two"}}

    async def test_a_row_is_inserted_where_there_is_none(self, store: TranscriptStore) -> None:
        assert await store.insert("call", "w-000001", ROW)
        assert await rows(store) == {"w-000001": ROW}

    async def test_a_row_that_is_there_is_not_inserted_over(self, store: TranscriptStore) -> None:
        await store.put("call", "w-000001", {"On": "true", "Why": "asked"})
        assert not await store.insert("call", "w-000001", {"On": "false", "Why": "asked"})
        assert await rows(store) == {"w-000001": {"On": "true", "Why": "asked"}}

    async def test_an_insert_that_is_repeated_is_done(self, store: TranscriptStore) -> None:
        assert await store.insert("call", "w-000001", ROW)
        assert await store.insert("call", "w-000001", ROW)
        await store.merge("call", "w-000001", {"Why": "paused"})
        assert not await store.insert("call", "w-000001", ROW)

    async def test_columns_are_merged_into_what_is_there(self, store: TranscriptStore) -> None:
        await store.merge("call", "c-1", {"Seen": 1, "Locale": "en-US"})
        await store.merge("call", "c-1", {"Seen": 2, "ClosedAt": "later"})
        assert await rows(store) == {"c-1": {"Seen": 2, "Locale": "en-US", "ClosedAt": "later"}}

    async def test_tells_whether_a_row_is_there(self, store: TranscriptStore) -> None:
        assert not await store.has("call", "e-1")
        await store.put("call", "e-1", {"Type": "CallConnected"})
        assert await store.has("call", "e-1")
        assert not await store.has("other", "e-1")

    async def test_a_new_row_is_inserted_once_and_never_overwritten(
        self, store: TranscriptStore
    ) -> None:
        assert await store.insert("call", "w-000001", {"On": True})
        assert not await store.insert("call", "w-000001", {"On": False})
        assert await store.insert("call", "w-000002", {"On": False})
        assert await rows(store) == {"w-000001": {"On": True}, "w-000002": {"On": False}}

    async def test_deletes_a_row_and_does_not_mind_to_be_told_twice(
        self, store: TranscriptStore
    ) -> None:
        await store.delete("call", "g-1")
        await store.put("call", "g-1", {"Seconds": 1.5})
        await store.delete("call", "g-1")
        await store.delete("call", "g-1")
        assert await rows(store) == {}

    async def test_rows_come_in_the_order_of_their_keys_within_the_bounds(
        self, store: TranscriptStore
    ) -> None:
        for key in ("s-2", "c-1", "t", "s-10", "s-1"):
            await store.put("call", key, {"Text": key})
        await store.put("other", "s-1", {"Text": "other"})
        assert list(await rows(store)) == ["c-1", "s-1", "s-10", "s-2", "t"]
        assert list(await rows(store, "s-", "t")) == ["s-1", "s-10", "s-2"]
        assert list(await rows(store, "s-10", "s-2")) == ["s-10"]

    async def test_a_call_without_rows_has_none(self, store: TranscriptStore) -> None:
        assert await rows(store) == {}

    async def test_the_longest_columns_are_taken(self, store: TranscriptStore) -> None:
        row: Columns = {"Text": "\U0001f600" * 16_000, "Body": bytes(64 * 1024)}
        await store.put("call", "s-1", row)
        assert await rows(store) == {"s-1": row}

    @pytest.mark.parametrize("value", ["\U0001f600" * 32_000, bytes(64 * 1024 + 1)])
    async def test_what_can_never_be_written_is_refused(
        self, store: TranscriptStore, value: str | bytes
    ) -> None:
        with pytest.raises(StorageRefusedError):
            await store.put("call", "s-1", {"Text": value})
        with pytest.raises(StorageRefusedError):
            await store.merge("call", "c-1", {"Text": value})
        with pytest.raises(StorageRefusedError):
            await store.insert("call", "w-000001", {"Text": value})
        assert await rows(store) == {}


class TestFakeTranscriptStore(TranscriptStoreContract):
    @pytest.fixture
    def store(self) -> TranscriptStore:
        return FakeTranscriptStore()


class TestTableTranscriptStore(TranscriptStoreContract):
    @pytest.fixture
    def store(self, storage: Storage) -> TranscriptStore:
        return storage.transcripts
