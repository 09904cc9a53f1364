"""What every test may ask for: a real Azurite, free ports, a whole stack."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from emulator.azurite import Azurite
from emulator.ports import free_ports


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def azurite(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Azurite]:
    """Yield one running Azurite, shared by the whole session: keep to tables of your own."""
    home = tmp_path_factory.mktemp("azurite")
    running = Azurite(home / "data", free_ports().azurite, log=home / "azurite.log")
    try:
        await running.start()
        yield running
    finally:
        await running.stop()
