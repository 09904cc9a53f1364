"""Services run over fakes, in time that passes only while everybody waits."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.fakes.clock import VirtualLoop
from tests.fakes.world import World


def pytest_asyncio_loop_factories(
    config: pytest.Config, item: pytest.Item
) -> dict[str, Callable[[], Any]]:
    """Give every test a loop of its own kind of time."""
    _ = config, item
    return {"virtual": VirtualLoop}


@pytest.fixture
def world() -> World:
    """Return an app with the usual settings, and nobody on the line."""
    return World()
