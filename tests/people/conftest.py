"""Over fakes, in time that is not waited for."""

from tests.fakes.virtual import pytest_asyncio_loop_factories, world

__all__ = ["pytest_asyncio_loop_factories", "world"]
