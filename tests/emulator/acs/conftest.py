"""An emulator with its neighbours, anew for each test."""

from collections.abc import AsyncIterator

import pytest_asyncio

from .stacks import Stack, stack


@pytest_asyncio.fixture
async def acs() -> AsyncIterator[Stack]:
    """Yield an emulator that delivers events to its peer."""
    async with stack() as running:
        await running.subscribe()
        yield running
