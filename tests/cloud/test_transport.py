"""One session serves all clients of a worker, and nothing waits on it for ever."""

import pytest
from azure.data.tables.aio import TableServiceClient

from callscribe.cloud.transport import CONNECT, READ, new_session, share
from callscribe.foundation.moments import Seconds
from emulator.azurite import Azurite
from tests.storage.storage import Storage


async def test_time_outs_are_seconds_and_not_the_sdks_minutes() -> None:
    async with new_session() as session:
        usual = share(session).connection_config
        other = share(session, Seconds(1), Seconds(2)).connection_config
        assert (usual.timeout, usual.read_timeout) == (CONNECT, READ)
        assert (Seconds(2), Seconds(5)) == (CONNECT, READ)
        assert (other.timeout, other.read_timeout) == (1, 2)


async def test_no_client_closes_the_session_of_the_others(storage: Storage) -> None:
    async with storage.table_client("One") as one:
        await one.create_table()
    await storage.table("Two").put("p", "r", {"Text": "still open"})


async def test_the_environments_proxies_are_not_asked(
    azurite: Azurite, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    async with new_session() as session:
        client = TableServiceClient.from_connection_string(
            azurite.connection_string, transport=share(session)
        )
        assert await client.get_service_properties()
