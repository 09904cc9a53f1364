"""Levels by category, and what a call of a function leaves on the console."""

import asyncio
import logging

import pytest

from emulator.functions_host.function import Function
from emulator.functions_host.log_levels import LogLevels
from emulator.functions_host.logs import CallLines
from tests.emulator.functions_host.running_host import RunningHost

QUIET = LogLevels.parse(
    {
        "default": "Warning",
        "Function": "Information",
        "Function.tea": "Warning",
        "Function.tea.User": "Information",
    }
)
INFO, WARNING = logging.INFO, logging.WARNING


@pytest.mark.parametrize(
    ("category", "level"),
    [
        ("Host.Startup", WARNING),
        ("Function.coffee", INFO),
        ("Function.coffee.User", INFO),
        ("Function.tea", WARNING),
        ("function.TEA", WARNING),
        ("Function.tea.User", INFO),
    ],
)
def test_the_longest_category_that_fits_decides(category: str, level: int) -> None:
    assert QUIET.of(category) == level


def test_a_quiet_function_is_quiet_about_its_own_lines_unless_they_are_named() -> None:
    """A category holds for all that begins with it: ours, which alerts are built on, as well."""
    silent = LogLevels.parse({"Function.tea": "Warning"})
    assert not silent.let_through("Function.tea.User", INFO)
    assert QUIET.let_through("Function.tea.User", INFO)


def test_without_a_section_everything_from_information_on_is_written() -> None:
    assert LogLevels.parse({}).of("Function.tea") == INFO


def test_an_unknown_level_is_refused() -> None:
    with pytest.raises(ValueError, match="there is no level Loud"):
        LogLevels.parse({"default": "Loud"})


def test_a_failed_call_is_written_at_the_level_warning_too(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    lines = CallLines(QUIET, Function("tea", "1", ()))
    lines.executing()
    lines.executed(succeeded=True)
    assert caplog.text == ""
    lines.executed(succeeded=False)
    assert "Executed 'Functions.tea' (Failed, Id=" in caplog.text


async def test_a_call_leaves_about_as_many_bytes_as_on_the_real_host(web: RunningHost) -> None:
    """There a request for `stream_events` left 338, and one for another route 371."""
    before = len(web.log)
    await asyncio.gather(*(web.request("GET", "/api/parcels") for _ in range(10)))
    lines = web.log[before:]
    assert lines.count("Executing 'Functions.list_parcels' (Reason='This function was") == 10
    assert 300 < len(lines) / 10 < 380


async def test_what_a_function_logs_in_a_thread_is_its_own_too(web: RunningHost) -> None:
    before = len(web.log)
    await web.request("GET", "/api/threads")
    assert '{"thread": "logs"}' in web.log[before:].splitlines()
