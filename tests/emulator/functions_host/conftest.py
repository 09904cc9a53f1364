"""Functions hosts for the tests: one that all share, and others with settings of their own."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
import pytest_asyncio

from tests.emulator.functions_host.running_host import APPS, RunningHost

StartHost = Callable[..., Awaitable[RunningHost]]


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def web(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningHost]:
    """Yield a host with the app `web`, shared by the whole session."""
    host = RunningHost(APPS / "web", tmp_path_factory.mktemp("web"), {})
    try:
        await host.part.start()
        yield host
    finally:
        await host.part.stop()


@pytest.fixture
async def start_host(tmp_path: Path) -> AsyncIterator[StartHost]:
    """Yield a function that starts a host: an app, and settings as keywords."""
    hosts: list[RunningHost] = []

    async def start(app: str | Path, **environ: str) -> RunningHost:
        host = RunningHost(APPS / app, tmp_path, environ)
        hosts.append(host)
        await host.part.start()
        return host

    yield start
    for host in hosts:
        await host.part.stop()
