"""What the tests of a room that knows no network ask for, in its conftest.py."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.fakes.clock import VirtualLoop
from tests.fakes.world import World


def pytest_asyncio_loop_factories(
    config: pytest.Config, item: pytest.Item
) -> dict[str, Callable[[], Any]]:
    """Give every test a loop in which time passes only while everybody waits."""
    _ = config, item
    return {"virtual": VirtualLoop}


@pytest.fixture
def world() -> World:
    """Return an app over fakes with the usual settings, and nobody on the line."""
    return World()
