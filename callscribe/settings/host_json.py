"""What host.json must say for the app to work: the host takes another value and says nothing.

App settings named `AzureFunctionsJobHost__...` override it, and names in both are in any case:
https://learn.microsoft.com/azure/azure-functions/functions-host-json#override-hostjson-values
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from callscribe.foundation.errors import BadInputError
from callscribe.foundation.json_input import object_of, parse

OVERRIDE = "AzureFunctionsJobHost__"
# A .NET TimeSpan: the number 30 alone would be 30 days.
_UNDER_AN_HOUR = re.compile(r"00:[0-5][0-9]:[0-5][0-9](\.[0-9]+)?")


@dataclass(frozen=True, slots=True)
class Need:
    """One value that the app needs: where it is, and what the host takes where it is not set."""

    path: tuple[str, ...]
    usual: str
    fits: Callable[[str], bool]
    expected: str


NEEDS = (
    Need(
        ("extensions", "http", "routePrefix"),
        usual="api",
        fits=lambda value: not value,
        expected='"", since every route is written out',
    ),
    Need(
        ("extensions", "queues", "messageEncoding"),
        usual="base64",
        fits=lambda value: value.lower() == "base64",
        expected="base64, which is how jobs are written",
    ),
    Need(
        ("extensions", "queues", "visibilityTimeout"),
        usual="00:00:00",
        fits=lambda value: _UNDER_AN_HOUR.fullmatch(value) is not None,
        expected="hh:mm:ss and less than an hour, such as 00:00:30",
    ),
)


def host_problems(content: bytes | None, environ: Mapping[str, str]) -> list[str]:
    """Return what keeps the app from working: one line for each value, which is not shown.

    `content` is the file's; None where there is none. A file that cannot be read as JSON is not
    judged, only what overrides it: the host has read it before, and takes comments as well.
    """
    host = _parsed(content)
    overrides = {name.lower(): value for name, value in environ.items()}
    values = ((need, _value(need, host, overrides)) for need in NEEDS)
    return [
        f"host.json {'.'.join(need.path)}: expected {need.expected}"
        for need, value in values
        if value is not None and not need.fits(value)
    ]


def _parsed(content: bytes | None) -> object:
    """Return the file as an object; None where it cannot be read."""
    try:
        return object_of(parse(content or b"{}"))
    except BadInputError:
        return None


def _value(need: Need, host: object, overrides: Mapping[str, str]) -> str | None:
    """Return the value that the host takes; None where that is not known."""
    override = overrides.get((OVERRIDE + "__".join(need.path)).lower())
    if override is not None or host is None:
        return override
    found = host
    for step in need.path:
        found = {name.lower(): value for name, value in object_of(found).items()}.get(step.lower())
    return need.usual if found is None else str(found)
