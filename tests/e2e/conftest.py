"""A whole stack on free ports for the tests of one file, with the app's times cut short."""

from collections.abc import AsyncIterator, Callable, Mapping

import aiohttp
import pytest
import pytest_asyncio
from azure.data.tables.aio import TableServiceClient

from emulator.stack import Stack
from tests.e2e.discretion import assert_discreet
from tests.e2e.world import World

HASTE = {
    "FINISH_DELAY_SECONDS": "1",
    "CONFIRM_SECONDS": "1",
    "QUIET_SECONDS": "1",
    "ANSWER_LEASE_SECONDS": "2",
    "FUNCTIONS_QUEUE_LEASE": "1",
    "EVENT_GRID_RETRY_SECONDS": "1,2,4",
}


@pytest.fixture(scope="module")
def overrides() -> Mapping[str, str]:
    """Return the settings that a file's stack has besides; files override this."""
    return {}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(
    new_stack: Callable[..., Stack], overrides: Mapping[str, str]
) -> AsyncIterator[World]:
    """Yield a running stack and the clients to look at it; its log must have kept its secrets."""
    async with new_stack(overrides={**HASTE, **overrides}) as stack:
        http = aiohttp.ClientSession()
        tables = TableServiceClient.from_connection_string(stack.azurite.connection_string)
        async with http, tables:
            yield World(stack, http, tables)
            await assert_discreet(stack, tables)
