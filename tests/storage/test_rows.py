"""A table is made when it is missing, and its troubles are told apart, in bounded time."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from callscribe.foundation.columns import Columns
from callscribe.foundation.errors import StorageUnavailableError
from callscribe.storage.requests import REQUEST
from callscribe.storage.tables import Table
from emulator.azurite import connection_string
from emulator.ports import free_ports
from tests.storage.proxy import Order, Proxy, lost
from tests.storage.storage import HASTY, Storage, opened

ROW: Columns = {"Text": "hello"}
Operation = Callable[[Table], Awaitable[object]]


async def scanned(table: Table) -> list[tuple[str, Columns]]:
    return [row async for row in table.scan("p")]


OPERATIONS: dict[str, Operation] = {
    "insert": lambda table: table.insert("p", "inserted", ROW),
    "create": lambda table: table.create("p", "created", ROW),
    "replace": lambda table: table.replace("p", "r", ROW, 'W/"etag"'),
    "put": lambda table: table.put("p", "r", ROW),
    "merge": lambda table: table.merge("p", "r", ROW),
    "read": lambda table: table.read("p", "r"),
    "delete": lambda table: table.delete("p", "r"),
    "scan": scanned,
}


async def trouble(operation: Operation, table: Table) -> BaseException | None:
    """Run an operation; return what it raised."""
    task = asyncio.ensure_future(operation(table))
    await asyncio.wait({task})
    return task.exception()


async def all_unavailable(table: Table) -> None:
    """Run every operation, and hold that each says that storage is out."""
    for name, operation in OPERATIONS.items():
        assert isinstance(await trouble(operation, table), StorageUnavailableError), name


@pytest.mark.parametrize("name", ["insert", "create", "put", "merge"])
async def test_a_missing_table_is_made_once_and_the_write_goes_on(
    proxy: Proxy, disturbed: Storage, name: str
) -> None:
    table = disturbed.table()
    await OPERATIONS[name](table)
    await table.put("p", "more", ROW)
    assert len(await scanned(table)) == 2
    assert [path for _, path in proxy.requests].count("/devstoreaccount1/Tables") == 1


@pytest.mark.parametrize(("name", "outcome"), [("read", None), ("delete", None), ("scan", [])])
async def test_a_missing_table_is_empty(storage: Storage, name: str, outcome: object) -> None:
    assert await OPERATIONS[name](storage.table()) == outcome


async def test_a_table_that_all_find_missing_at_once_serves_all(storage: Storage) -> None:
    table = storage.table()
    await asyncio.gather(*(table.put("p", f"r{number}", ROW) for number in range(8)))
    assert len(await scanned(table)) == 8


async def test_a_row_that_is_not_there_is_none_and_can_be_deleted(storage: Storage) -> None:
    table = storage.table()
    await table.put("p", "r", ROW)
    assert await table.read("p", "other") is None
    await table.delete("p", "other")


async def test_large_numbers_are_int64_whatever_their_value(storage: Storage) -> None:
    """A column has one type in every row."""
    await storage.table().put("p", "r", {"WireOffset": 0, "Sequence": 7, "Seen": 7})
    entity = await storage.table_client("Rows").get_entity("p", "r")
    assert [str(entity[name].edm_type.value) for name in ("WireOffset", "Sequence")] == [
        "Edm.Int64"
    ] * 2
    assert entity["Seen"] == 7
    assert (await scanned(storage.table())) == [("r", {"WireOffset": 0, "Sequence": 7, "Seen": 7})]


@pytest.mark.parametrize("name", ["insert", "put", "merge", "read", "delete", "scan"])
async def test_a_reply_that_is_lost_once_is_made_good(
    proxy: Proxy, disturbed: Storage, storage: Storage, name: str
) -> None:
    await storage.table().put("p", "r", ROW)
    proxy.order(lost("*"))
    assert await trouble(OPERATIONS[name], disturbed.table()) is None


async def test_storage_that_is_gone_is_unavailable() -> None:
    async with opened(connection_string(free_ports().azurite), limits=HASTY) as storage:
        await all_unavailable(storage.table())


async def test_storage_that_hangs_is_unavailable_after_a_few_tries(
    proxy: Proxy, storage: Storage
) -> None:
    await storage.table().put("p", "r", ROW)
    proxy.hang()
    async with opened(proxy.connection, limits=HASTY, tag=storage.tag) as hanging:
        await all_unavailable(hanging.table())
    assert REQUEST.attempts == 4
    assert len(proxy.requests) <= 4 * len(OPERATIONS)


async def test_storage_that_answers_with_errors_is_unavailable_after_a_few_tries(
    proxy: Proxy, disturbed: Storage
) -> None:
    answers = ((500, ""), (503, ""), (502, "<html>Bad gateway</html>"), (504, "{"), (404, ""))
    orders = [Order("*", perform=False, status=status, body=body) for status, body in answers]
    proxy.order(*orders * 25)
    await all_unavailable(disturbed.table())
    assert len(proxy.requests) == 4 * len(OPERATIONS)


async def test_a_role_that_is_missing_is_unavailable_and_says_what_is_needed(
    proxy: Proxy, disturbed: Storage, caplog: pytest.LogCaptureFixture
) -> None:
    """The identity was not granted its role yet: no loop, a clear line."""
    body = '{"odata.error":{"code":"AuthorizationPermissionMismatch","message":{"value":""}}}'
    proxy.order(*[Order("*", perform=False, status=403, body=body)] * 100)
    error = await trouble(OPERATIONS["put"], disturbed.table())
    assert isinstance(error, StorageUnavailableError)
    assert len(proxy.requests) == 4
    assert "Storage Table" in caplog.text
    assert "Data Contributor" in caplog.text


async def test_nothing_of_the_sdks_is_logged_and_no_key(
    proxy: Proxy, disturbed: Storage, everything_logged: pytest.LogCaptureFixture
) -> None:
    proxy.order(lost("PUT"))
    table = disturbed.table()
    await table.put("4:+14255550123", "r", {"Text": "what was said"})
    await scanned(table)
    names = {record.name.partition(".")[0] for record in everything_logged.records}
    assert names <= {"aiohttp", "asyncio"}  # the proxy's own
