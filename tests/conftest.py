"""What every test may ask for: a real Azurite, free ports, a whole stack."""

from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from typing import Any

import pytest
import pytest_asyncio
from hypothesis import settings

from emulator.azurite import Azurite
from emulator.ports import free_ports
from emulator.stack import Stack
from tests.coverage_contexts import import_what_is_covered, on_account_of
from tests.timed_app import timed_app

type NewStack = Callable[..., Stack]
settings.register_profile("same-every-time", deadline=None, derandomize=True, max_examples=60)
settings.load_profile("same-every-time")
import_what_is_covered()


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: pytest.Collector) -> Iterator[None]:
    with on_account_of(collector.path):
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    with on_account_of(item.path):
        return (yield)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def azurite(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Azurite]:
    """Yield one running Azurite, shared by the whole session: keep to tables of your own."""
    home = tmp_path_factory.mktemp("azurite")
    running = Azurite(home / "data", free_ports().azurite, log=home / "azurite.log")
    try:
        await running.start(within=300)
        yield running
    finally:
        await running.stop()


@pytest.fixture(scope="session")
def new_stack(tmp_path_factory: pytest.TempPathFactory) -> NewStack:
    """Return a maker of stacks on free ports with data of their own, to be used in `async with`.

    Its arguments are those of `Stack`: `overrides`, `without`, `app`; and `times`, the spans of
    `Times` that are no settings and are to be others.
    """

    def make(*, times: Mapping[str, float] | None = None, **options: Any) -> Stack:
        home = tmp_path_factory.mktemp("stack")
        if times:
            options["app"] = timed_app(home / "app", times)
        return Stack(home, free_ports(), **options)

    return make
