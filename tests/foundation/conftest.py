"""In time that is not waited for, but where the machine's own clock is what is tested."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from tests.fakes.clock import VirtualLoop


def pytest_asyncio_loop_factories(
    config: pytest.Config, item: pytest.Item
) -> dict[str, Callable[[], Any]]:
    """Give every test the loop that it needs."""
    _ = config
    real = item.path.stem == "test_clock"
    return {"real": asyncio.SelectorEventLoop} if real else {"virtual": VirtualLoop}
