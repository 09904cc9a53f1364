"""The API while storage cannot be had: who asks is told so, soon, and in words."""

from collections.abc import AsyncIterator, Callable

import aiohttp
import pytest
import pytest_asyncio
from azure.data.tables.aio import TableServiceClient

from callscribe.foundation.identifiers import new_call_id
from callscribe.foundation.moments import Ms
from emulator.stack import Stack
from tests.handlers.acs_peer import AcsPeer
from tests.handlers.conftest import TIMES, surface_settings
from tests.handlers.surface import Surface
from tests.handlers.wire import assert_refused

pytestmark = pytest.mark.asyncio(loop_scope="session")
CALL = f"/api/calls/{new_call_id(Ms(1_795_373_643_000), 'who knows')}"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def deprived(acs: AcsPeer, new_stack: Callable[..., Stack]) -> AsyncIterator[Surface]:
    """Yield an app whose storage is nowhere."""
    without = ["azurite", "web-pubsub", "acs"]
    # The host's own storage is another one: without that it would not run, and answer nothing.
    overrides = surface_settings(acs) | {"AzureWebJobsStorage": ""}
    async with new_stack(without=without, overrides=overrides, times=TIMES) as stack:
        http = aiohttp.ClientSession()
        tables = TableServiceClient.from_connection_string(stack.azurite.connection_string)
        async with http, tables:
            yield Surface(stack, acs, http, tables)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/calls"),
        ("GET", f"/api/calls?participant={'0' * 32}"),
        ("GET", CALL),
        ("GET", f"{CALL}/transcript?format=csv"),
        ("POST", f"{CALL}/live"),
    ],
)
async def test_storage_that_is_out_is_503_in_words_and_no_unknown_call(
    deprived: Surface, method: str, path: str
) -> None:
    message = assert_refused(await deprived.api(path, method), 503, "unavailable")
    assert message == "storage, or another service that is needed, cannot be had at the moment"


async def test_the_log_says_what_failed(deprived: Surface) -> None:
    await deprived.api(CALL)
    assert deprived.logged("refused", status=503)[-1]["why"] == "ServiceRequestError"


async def test_what_is_wrong_is_told_all_the_same(deprived: Surface) -> None:
    assert_refused(await deprived.api("/api/calls?limit=0"), 400, "badInput")
    assert_refused(await deprived.api("/api/calls/nobodys/transcript"), 404, "notFound")
    assert (await deprived.request("GET", "/api/health")).status == 200
