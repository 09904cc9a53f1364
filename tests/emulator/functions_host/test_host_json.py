"""`host.json`, and the app settings that override it."""

import json
import logging
from datetime import timedelta
from pathlib import Path

import pytest

from emulator.functions_host import host_json
from emulator.functions_host.errors import AppError
from emulator.functions_host.host_json import HostJson, QueueOptions, SingletonOptions


def _write(folder: Path, content: object) -> Path:
    (folder / "host.json").write_text(json.dumps(content), encoding="utf-8")
    return folder


def test_without_a_file_the_documented_defaults_hold(tmp_path: Path) -> None:
    read = host_json.read(tmp_path, {})
    assert read == HostJson()
    assert (read.route_prefix, read.function_timeout) == ("api", timedelta(minutes=30))
    assert read.queues.max_polling_interval == timedelta(minutes=1)
    assert (read.queues.batch_size, read.queues.max_dequeue_count) == (16, 5)


def test_what_the_file_says_holds(tmp_path: Path) -> None:
    queues = {"maxPollingInterval": "00:00:02", "visibilityTimeout": "00:00:30", "batchSize": 4}
    queues |= {"maxDequeueCount": 3, "messageEncoding": "none"}
    content = {
        "version": "2.0",
        "functionTimeout": "-1",
        "extensions": {
            "http": {"routePrefix": "", "maxConcurrentRequests": 9},
            "queues": queues,
        },
    }
    assert host_json.read(_write(tmp_path, content), {}) == HostJson(
        route_prefix="",
        max_concurrent_requests=9,
        function_timeout=None,
        queues=QueueOptions(
            max_polling_interval=timedelta(seconds=2),
            visibility_timeout=timedelta(seconds=30),
            batch_size=4,
            new_batch_threshold=2,
            max_dequeue_count=3,
            base64=False,
        ),
    )


def test_an_app_setting_overrides_the_file(tmp_path: Path) -> None:
    content = {"version": "2.0", "extensions": {"http": {"routePrefix": "v1"}}}
    environ = {
        "AzureFunctionsJobHost__extensions__http__routePrefix": "v2",
        "AZUREFUNCTIONSJOBHOST__FUNCTIONTIMEOUT": "00:00:05",
    }
    read = host_json.read(_write(tmp_path, content), environ)
    assert (read.route_prefix, read.function_timeout) == ("v2", timedelta(seconds=5))


def test_each_processor_has_half_a_batch_more(tmp_path: Path) -> None:
    """With two of them and the defaults 32 messages are at work: a batch, and two halves."""
    queues = host_json.read(tmp_path, {}, processors=2).queues
    assert queues.batch_size + queues.new_batch_threshold == 32


def test_the_lock_of_timers_lasts_a_minute_unless_the_file_says_otherwise(tmp_path: Path) -> None:
    period = timedelta(minutes=1)
    assert host_json.read(tmp_path, {}).singleton == SingletonOptions(period, period)
    singleton = {
        "listenerLockPeriod": "00:00:15",
        "listenerLockRecoveryPollingInterval": "00:00:20",
    }
    read = host_json.read(_write(tmp_path, {"version": "2.0", "singleton": singleton}), {})
    assert read.singleton == SingletonOptions(timedelta(seconds=15), timedelta(seconds=20))


@pytest.mark.parametrize(
    "content",
    [
        [],
        {},
        {"version": "3.0"},
        {"version": "2.0", "functionTimeout": "soon"},
        {"version": "2.0", "functionTimeout": "25:00"},
        {"version": "2.0", "extensions": {"queues": {"batchSize": 33}}},
        {"version": "2.0", "extensions": {"queues": {"messageEncoding": "bogus"}}},
        {"version": "2.0", "extensions": {"queues": {"maxPollingInterval": "00:00:00.010"}}},
        {"version": "2.0", "logging": {"logLevel": {"default": "Loud"}}},
        {"version": "2.0", "extensions": {"http": "off"}},
        {"version": "2.0", "singleton": {"listenerLockPeriod": "00:00:14"}},
        {"version": "2.0", "singleton": {"listenerLockPeriod": "00:01:01"}},
        {"version": "2.0", "singleton": {"listenerLockRecoveryPollingInterval": "00:00:01"}},
    ],
)
def test_a_file_that_the_host_would_refuse_is_refused(tmp_path: Path, content: object) -> None:
    with pytest.raises(AppError, match=r"host\.json"):
        host_json.read(_write(tmp_path, content), {})


def test_unknown_keys_are_ignored_in_silence(tmp_path: Path) -> None:
    content = {"version": "2.0", "tea": {"pot": 1}, "extensions": {"tea": 1, "queues": {"tea": 1}}}
    assert host_json.read(_write(tmp_path, content), {}) == HostJson()


@pytest.mark.parametrize("value", [30, "30"])
def test_a_bare_number_is_a_number_of_days(tmp_path: Path, value: object) -> None:
    """As .NET reads it: who meant 30 seconds has messages that come back next month."""
    content = {"version": "2.0", "extensions": {"queues": {"visibilityTimeout": value}}}
    read = host_json.read(_write(tmp_path, content), {})
    assert read.queues.visibility_timeout == timedelta(days=30)


def test_levels_are_the_files_and_no_setting_with_a_dot_overrides_them(tmp_path: Path) -> None:
    """https://github.com/Azure/azure-functions-host/issues/9920."""
    levels = {"default": "Warning", "Function": "Information", "Function.tea": "Warning"}
    environ = {
        "AzureFunctionsJobHost__logging__logLevel__default": "Error",
        "AzureFunctionsJobHost__logging__logLevel__Function.tea": "Information",
    }
    folder = _write(tmp_path, {"version": "2.0", "logging": {"logLevel": levels}})
    read = host_json.read(folder, environ).log_levels
    assert read.of("Host.Startup") == logging.ERROR
    assert read.of("Function.tea") == logging.WARNING


def test_a_file_that_is_no_json_is_refused(tmp_path: Path) -> None:
    (tmp_path / "host.json").write_text("{", encoding="utf-8")
    with pytest.raises(AppError, match="cannot be read as JSON"):
        host_json.read(tmp_path, {})
