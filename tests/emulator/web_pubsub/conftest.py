"""A running emulator with its neighbours, anew for each test."""

from collections.abc import AsyncIterator

import pytest_asyncio

from .peers import Emulator, Upstream, emulator_server, upstream_server


@pytest_asyncio.fixture
async def upstream() -> AsyncIterator[Upstream]:
    """Yield an event handler."""
    async with upstream_server() as running:
        yield running


@pytest_asyncio.fixture
async def emulator(upstream: Upstream) -> AsyncIterator[Emulator]:
    """Yield an emulator whose hub `stream` posts every event to the handler."""
    patient = {"ping_interval": 600, "validation_timeout": 60, "validation_refresh": 3600}
    async with emulator_server(retry_delays=(0.01, 0.01, 0.01), **patient) as running:
        await running.configure(f"{upstream.url}/{{hub}}/{{event}}")
        yield running
