"""One session serves all clients of a worker, and nothing waits on it for ever."""

from typing import Any

import pytest
from azure.core.pipeline.policies import AsyncRetryPolicy
from azure.data.tables.aio import TableServiceClient

from callscribe.cloud.call_automation import POLL
from callscribe.cloud.transport import CONNECT, READ, core_retries, new_session, share
from callscribe.foundation.moments import Seconds
from callscribe.foundation.retry import STORAGE
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


def test_retries_are_the_policys_in_the_words_of_the_sdk() -> None:
    assert core_retries(POLL) == {
        "retry_total": 2,
        "retry_backoff_factor": 0.2,
        "retry_backoff_max": 2,
    }


def test_an_sdk_is_given_no_policy_without_end() -> None:
    with pytest.raises(ValueError, match="bounds its attempts"):
        core_retries(STORAGE)


def test_core_pauses_no_longer_in_all_than_its_policy() -> None:
    """The SDK's own arithmetic, with what it is given."""
    sdk = AsyncRetryPolicy[Any, Any](**core_retries(POLL))
    settings = sdk.configure_retries({})
    pauses = []
    for _ in range(settings["total"]):
        settings["history"].append("a try that failed")
        pauses.append(sdk.get_backoff_time(settings))
    assert pauses == [0, 0.4]
    assert sum(pauses) <= POLL.pauses
