"""Who covers what: coverage is noted by test file, for `own_coverage.py`."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path

from coverage import Coverage

from tests.own_coverage import context_of, covered


def import_what_is_covered() -> None:
    """Import all modules: that covers their definitions, on nobody's account."""
    if Coverage.current() is not None:
        for name in covered():
            import_module(name)


@contextmanager
def on_account_of(path: Path) -> Iterator[None]:
    """Note what is covered meanwhile as covered by that test file."""
    running = Coverage.current()
    if running is not None:
        running.switch_context(context_of(path))
    yield
    if running is not None:
        running.switch_context("")
