"""What the contract suites run against besides the fakes."""

from collections.abc import AsyncIterator

import pytest_asyncio

from emulator.azurite import Azurite
from tests.storage.storage import Storage, opened


@pytest_asyncio.fixture
async def storage(azurite: Azurite) -> AsyncIterator[Storage]:
    """Yield the storage adapters over the real Azurite."""
    async with opened(azurite.connection_string) as running:
        yield running
