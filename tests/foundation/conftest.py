"""In time that is not waited for, and without the rooms above."""

import asyncio
from collections.abc import Callable

import pytest

from tests.fakes.clock import VirtualLoop


def pytest_asyncio_loop_factories(
    config: pytest.Config, item: pytest.Item
) -> dict[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Give every test a loop in which time passes only while everybody waits."""
    _ = config, item
    return {"virtual": VirtualLoop}
