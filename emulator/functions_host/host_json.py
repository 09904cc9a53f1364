"""The settings in `host.json`, and the app settings that override them."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from emulator.functions_host.errors import AppError
from emulator.functions_host.log_levels import LogLevels

# An app setting AzureFunctionsJobHost__a__b overrides a.b of host.json:
# https://learn.microsoft.com/azure/azure-functions/functions-host-json#override-hostjson-values
OVERRIDE = "AzureFunctionsJobHost__"

UNLIMITED = -1
# The queue service gives out at most so many messages at a time.
MAX_BATCH = 32
# Leases of blobs, which the locks are, last so long.
SHORTEST_LOCK, LONGEST_LOCK = timedelta(seconds=15), timedelta(seconds=60)

# More often the host does not poll a queue, and does not start where it is told to.
SHORTEST_POLL = timedelta(milliseconds=100)
ENCODINGS = ("base64", "none")

_TIME_SPAN = re.compile(
    r"(?:(?P<days>\d+)\.)?(?P<hours>[01]?\d|2[0-3]):(?P<minutes>[0-5]\d)"
    r"(?::(?P<seconds>[0-5]\d(?:\.\d{1,7})?))?"
)


@dataclass(frozen=True, slots=True)
class QueueOptions:
    """The section `extensions.queues` with its documented defaults."""

    max_polling_interval: timedelta = timedelta(minutes=1)
    visibility_timeout: timedelta = timedelta()
    batch_size: int = 16
    new_batch_threshold: int = 8
    max_dequeue_count: int = 5
    base64: bool = True


@dataclass(frozen=True, slots=True)
class SingletonOptions:
    """The section `singleton`: how long the timers' lock lasts, and how often it is asked for."""

    listener_lock_period: timedelta = timedelta(minutes=1)
    listener_lock_recovery_polling_interval: timedelta = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class HostJson:
    """The settings that the triggers use; `function_timeout` is None when there is no limit."""

    route_prefix: str = "api"
    max_concurrent_requests: int = UNLIMITED
    max_outstanding_requests: int = UNLIMITED
    function_timeout: timedelta | None = timedelta(minutes=30)
    queues: QueueOptions = QueueOptions()
    singleton: SingletonOptions = SingletonOptions()
    log_levels: LogLevels = field(default_factory=LogLevels)


def read(directory: Path, environ: Mapping[str, str], processors: int = 1) -> HostJson:
    """Read the app's `host.json` and the settings that override it. Raises AppError.

    Some defaults depend on the number of processors.
    """
    path = directory / "host.json"
    try:
        content = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        content = {"version": "2.0"}
    except (OSError, ValueError) as error:
        raise AppError(f"{path} cannot be read as JSON: {error}") from error
    if not isinstance(content, dict) or content.get("version") != "2.0":
        raise AppError(f'{path} must be an object with "version": "2.0"')
    try:
        return parse(override(content, environ), processors)
    except (AttributeError, TypeError, ValueError) as error:
        raise AppError(f"{path}: {error}") from error


def parse(content: Mapping[str, Any], processors: int) -> HostJson:
    """Return the known settings of the parsed file. Raises ValueError."""
    # Unknown settings are ignored, as by the real host: they may belong to other extensions.
    content = _folded(content)
    extensions = _folded(content.get("extensions", {}))
    http = _folded(extensions.get("http", {}))
    timeout = content.get("functiontimeout", "00:30:00")
    return HostJson(
        route_prefix=str(http.get("routeprefix", "api")),
        max_concurrent_requests=int(http.get("maxconcurrentrequests", UNLIMITED)),
        max_outstanding_requests=int(http.get("maxoutstandingrequests", UNLIMITED)),
        function_timeout=None if str(timeout) == "-1" else time_span(timeout),
        queues=parse_queues(_folded(extensions.get("queues", {})), processors),
        singleton=parse_singleton(_folded(content.get("singleton", {}))),
        log_levels=LogLevels.parse(_folded(content.get("logging", {})).get("loglevel", {})),
    )


def parse_singleton(singleton: Mapping[str, Any]) -> SingletonOptions:
    """Read the section `singleton`, whose names are in lower case."""
    # https://github.com/Azure/azure-webjobs-sdk/blob/dev/src/Microsoft.Azure.WebJobs.Host/SingletonOptions.cs
    period = time_span(singleton.get("listenerlockperiod", "00:01:00"))
    interval = time_span(singleton.get("listenerlockrecoverypollinginterval", "00:01:00"))
    if not SHORTEST_LOCK <= period <= LONGEST_LOCK:
        raise ValueError(f"listenerLockPeriod must be 15 to 60 seconds, not {period}")
    if interval < SHORTEST_LOCK:
        raise ValueError(
            f"listenerLockRecoveryPollingInterval must be at least 15 seconds, not {interval}"
        )
    return SingletonOptions(period, interval)


def parse_queues(queues: Mapping[str, Any], processors: int) -> QueueOptions:
    """Read the section `extensions.queues`, whose names are in lower case."""
    # Half a batch for each processor: with two of them 32 messages were seen at once.
    default = QueueOptions()
    batch_size = int(queues.get("batchsize", default.batch_size))
    if not 1 <= batch_size <= MAX_BATCH:
        raise ValueError(f"batchSize must be between 1 and {MAX_BATCH}, not {batch_size}")
    interval = time_span(queues.get("maxpollinginterval", "00:01:00"))
    if interval < SHORTEST_POLL:
        raise ValueError(f"maxPollingInterval must be at least {SHORTEST_POLL}, not {interval}")
    encoding = str(queues.get("messageencoding", "base64")).lower()
    if encoding not in ENCODINGS:
        raise ValueError(f"messageEncoding must be one of {', '.join(ENCODINGS)}, not {encoding}")
    return QueueOptions(
        max_polling_interval=interval,
        visibility_timeout=time_span(queues.get("visibilitytimeout", "00:00:00")),
        batch_size=batch_size,
        new_batch_threshold=int(queues.get("newbatchthreshold", batch_size // 2 * processors)),
        max_dequeue_count=int(queues.get("maxdequeuecount", default.max_dequeue_count)),
        base64=encoding == "base64",
    )


def time_span(text: object) -> timedelta:
    """Read a .NET TimeSpan: `[d.]hh:mm[:ss[.fraction]]`, or a number, which is of days."""
    if re.fullmatch(r"[0-9]{1,8}", str(text)):
        return timedelta(days=int(str(text)))
    match = _TIME_SPAN.fullmatch(str(text))
    if match is None:
        raise ValueError(f'"{text}" is not a time span like 00:00:30')
    return timedelta(**{unit: float(value or 0) for unit, value in match.groupdict().items()})


def override(content: Mapping[str, Any], environ: Mapping[str, str]) -> dict[str, Any]:
    """Return `content` with the values of the app settings that override it."""
    result: dict[str, Any] = json.loads(json.dumps(content))
    for name, value in environ.items():
        # With a dot, as in the name of a category, it has no effect:
        # https://github.com/Azure/azure-functions-host/issues/9920
        if name.lower().startswith(OVERRIDE.lower()) and "." not in name:
            *path, last = name[len(OVERRIDE) :].split("__")
            inner = result
            for step in path:
                inner = inner.setdefault(_same(inner, step), {})
            inner[_same(inner, last)] = value
    return result


def _same(names: Mapping[str, Any], name: str) -> str:
    return next((known for known in names if known.lower() == name.lower()), name)


def _folded(section: Mapping[str, Any]) -> dict[str, Any]:
    return {name.lower(): value for name, value in section.items()}
