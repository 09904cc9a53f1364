"""The domain's tests: examples that never vary, and who covers what.

Coverage is noted by test file, so that `own_coverage.py` can tell whether each
module of the domain is covered by its own.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pkgutil import walk_packages

import pytest
from coverage import Coverage
from hypothesis import settings

import callscribe.domain

settings.register_profile("domain", deadline=None, derandomize=True, max_examples=60)
settings.load_profile("domain")

for module in walk_packages(callscribe.domain.__path__, "callscribe.domain."):
    # Importing a module covers its definitions: on nobody's account, so before any test file.
    import_module(module.name)


@contextmanager
def on_account_of(name: str) -> Iterator[None]:
    running = Coverage.current()
    if running is not None:
        running.switch_context(name)
    yield
    if running is not None:
        running.switch_context("")


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Iterator[None]:
    with on_account_of(collector.path.stem):
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    with on_account_of(item.path.stem):
        return (yield)
