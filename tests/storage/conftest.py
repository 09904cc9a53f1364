"""Storage as it is, and storage that can be disturbed."""

import logging
from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from callscribe.foundation import log
from emulator.azurite import Azurite
from tests.storage.proxy import Proxy
from tests.storage.storage import Storage, opened


@pytest_asyncio.fixture
async def storage(azurite: Azurite) -> AsyncIterator[Storage]:
    """Yield the storage adapters over the real Azurite."""
    async with opened(azurite.connection_string) as running:
        yield running


@pytest_asyncio.fixture
async def proxy(azurite: Azurite) -> AsyncIterator[Proxy]:
    """Yield a proxy before the real Azurite's table service."""
    async with Proxy(azurite.connection_string, "Table").serving() as running:
        yield running


@pytest_asyncio.fixture
async def queue_proxy(azurite: Azurite) -> AsyncIterator[Proxy]:
    """Yield a proxy before the real Azurite's queue service."""
    async with Proxy(azurite.connection_string, "Queue").serving() as running:
        yield running


@pytest_asyncio.fixture
async def disturbed(proxy: Proxy, storage: Storage) -> AsyncIterator[Storage]:
    """Yield storage behind the proxy, over the same tables as `storage`."""
    async with opened(proxy.connection, tag=storage.tag) as running:
        yield running


@pytest_asyncio.fixture
async def disturbed_queue(queue_proxy: Proxy, storage: Storage) -> AsyncIterator[Storage]:
    """Yield storage whose queue is behind the proxy, over the same queue as `storage`."""
    async with opened(queue_proxy.connection, tag=storage.tag) as running:
        yield running


@pytest.fixture
def everything_logged(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    """Yield what is logged by an app that logs everything but what it keeps quiet itself."""
    names = ("azure", "azure.communication.callautomation")
    levels = {name: logging.getLogger(name).level for name in names}
    with caplog.at_level(logging.DEBUG):
        log.quiet_azure()
        yield caplog
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)
