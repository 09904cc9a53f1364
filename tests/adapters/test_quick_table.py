"""A quick table's rows are those that the SDK would write; its troubles are told apart alike."""

import asyncio
from collections.abc import Callable

import pytest
from azure.data.tables.aio import TableClient

from callscribe.adapters.quick_table import QuickTable, pipeline
from callscribe.domain.columns import Columns
from callscribe.domain.errors import StorageRefusedError, StorageUnavailableError
from emulator.azurite import connection_string
from emulator.ports import free_ports
from tests.adapters.identity import Identity, Recording
from tests.adapters.proxy import Order, Proxy, lost
from tests.adapters.storage import Storage, opened

ROW: Columns = {
    "Text": "Größe: 🎧 “ok”",
    "Seen": 5,
    "Sequence": 7,
    "WireOffset": 2_516_998_782_481_234_400,
    "Confidence": 1.0,
    "Body": b"\x00\xff",
    "Empty": "",
}


async def put(table: QuickTable) -> None:
    await table.put("p", "r", ROW)


@pytest.mark.parametrize("key", ["s-1795373643-1795373640123-0000000007", "it's", "ä ö %41+&=~"])
async def test_a_row_is_the_same_as_the_sdks(storage: Storage, key: str) -> None:
    """Columns, their types and keys of any kind."""
    await storage.quick_table().put(key, key, ROW)
    quick = await storage.table_client("Rows").get_entity(key, key)
    await storage.table().put(key, key, ROW)
    usual = await storage.table_client("Rows").get_entity(key, key)
    assert dict(quick) == dict(usual)
    assert {name: type(value) for name, value in quick.items()} == {
        name: type(value) for name, value in usual.items()
    }


async def test_a_row_is_replaced_whole(storage: Storage) -> None:
    table = storage.quick_table()
    await table.put("p", "r", {"Old": "column"})
    await table.put("p", "r", ROW)
    found = await table.read("p", "r")
    assert found is not None
    assert found[0] == ROW


async def test_a_missing_table_is_made_once_and_the_write_goes_on(
    proxy: Proxy, disturbed: Storage
) -> None:
    table = disturbed.quick_table()
    await put(table)
    await put(table)
    assert [path for _, path in proxy.requests].count("/devstoreaccount1/Tables") == 1


async def test_a_reply_that_is_lost_once_is_made_good(
    proxy: Proxy, disturbed: Storage, storage: Storage
) -> None:
    await put(storage.quick_table())
    proxy.order(lost("PUT"))
    await put(disturbed.quick_table())


async def test_storage_that_is_gone_is_unavailable_in_bounded_time() -> None:
    async with opened(connection_string(free_ports().azurite)) as storage:
        with pytest.raises(StorageUnavailableError):
            await put(storage.quick_table())


@pytest.mark.parametrize(
    "order",
    [
        Order("*", perform=False, hang=2),
        Order("*", perform=False, status=500),
        Order("*", perform=False, status=502, body="<html>Bad gateway</html>"),
        Order("*", perform=False, status=503, body="{"),
    ],
    ids=["hangs", "500", "502", "503"],
)
async def test_storage_in_trouble_is_unavailable_in_bounded_time(
    proxy: Proxy, disturbed: Storage, storage: Storage, order: Order
) -> None:
    await put(storage.quick_table())
    proxy.order(*[order] * 100)
    async with asyncio.timeout(5):
        with pytest.raises(StorageUnavailableError):
            await put(disturbed.quick_table())


async def test_what_storage_calls_a_bad_request_is_refused_at_once(
    proxy: Proxy, disturbed: Storage
) -> None:
    for status in (400, 413):
        proxy.order(Order("*", perform=False, status=status))
        with pytest.raises(StorageRefusedError):
            await put(disturbed.quick_table())
    assert len(proxy.requests) == 2


async def test_a_role_that_is_missing_is_unavailable_and_says_what_is_needed(
    proxy: Proxy, disturbed: Storage, caplog: pytest.LogCaptureFixture
) -> None:
    body = '{"odata.error":{"code":"AuthorizationPermissionMismatch","message":{"value":""}}}'
    proxy.order(*[Order("*", perform=False, status=403, body=body)] * 100)
    with pytest.raises(StorageUnavailableError):
        await put(disturbed.quick_table())
    assert len(proxy.requests) == 1
    assert "Storage Table" in caplog.text


async def test_nothing_is_logged_and_no_key(
    proxy: Proxy, disturbed: Storage, everything_logged: pytest.LogCaptureFixture
) -> None:
    proxy.order(lost("PUT"))
    await disturbed.quick_table().put("4:+14255550123", "r", {"Text": "what was said"})
    names = {record.name.partition(".")[0] for record in everything_logged.records}
    assert names <= {"aiohttp", "asyncio"}  # the proxy's own


SCOPE = "https://storage.azure.com/.default"
SERVICE = "https://some.table.core.windows.net"
KEYED = "AccountName=some;AccountKey=Zm9v;EndpointSuffix=core.windows.net"
SIGNED = f"TableEndpoint={SERVICE}/;SharedAccessSignature=sv=2019-02-02&sig=abc%3D"
ROW_OF_SERVICE = f"{SERVICE}/Rows(PartitionKey='p',RowKey='r')"


@pytest.mark.parametrize(
    ("client", "url", "proof"),
    [
        (
            lambda: TableClient.from_connection_string("UseDevelopmentStorage=true", "Rows"),
            "http://127.0.0.1:10002/devstoreaccount1/Rows(PartitionKey='p',RowKey='r')",
            "SharedKeyLite devstoreaccount1:",
        ),
        (
            lambda: TableClient.from_connection_string(KEYED, "Rows"),
            ROW_OF_SERVICE,
            "SharedKeyLite some:",
        ),
        (
            lambda: TableClient.from_connection_string(SIGNED, "Rows"),
            f"{ROW_OF_SERVICE}?sv=2019-02-02&sig=abc%3D",
            "",
        ),
        (
            lambda: TableClient(SERVICE, "Rows", credential=Identity(SCOPE)),
            ROW_OF_SERVICE,
            "Bearer the-token",
        ),
    ],
    ids=["development", "key", "signature", "identity"],
)
async def test_it_proves_itself_as_its_client_does(
    client: Callable[[], TableClient], url: str, proof: str
) -> None:
    """Every way to name the storage that the settings take."""
    made, transport = client(), Recording(204)
    await QuickTable(made, pipeline(made, transport, {})).put("p", "r", ROW)
    assert transport.sent.url == url
    assert transport.sent.headers.get("Authorization", "").startswith(proof)
    assert ("Authorization" in transport.sent.headers) == bool(proof)
