"""Storage, the keys of an issuer, and what is logged."""

import logging
from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from callscribe.cloud.signing_keys import JwksSigningKeys
from callscribe.cloud.transport import new_session
from callscribe.foundation import log
from emulator.azurite import Azurite
from tests.cloud.issuer import Issuer, Known, Stopwatch
from tests.storage.storage import Storage, opened


@pytest_asyncio.fixture
async def storage(azurite: Azurite) -> AsyncIterator[Storage]:
    """Yield the storage adapters over the real Azurite."""
    async with opened(azurite.connection_string) as running:
        yield running


@pytest_asyncio.fixture
async def known() -> AsyncIterator[Known]:
    """Yield the keys of an issuer that publishes `one`, as yet unknown."""
    issuer, clock = Issuer("one"), Stopwatch()
    async with issuer.serving(), new_session() as session:
        keys = JwksSigningKeys(session, issuer.address, monotonic=clock)
        yield Known(keys, issuer, clock)


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
