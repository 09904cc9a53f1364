"""The routes of HTTP functions: templates, methods, order.

The real host uses ASP.NET Core's older router, in which the method is one more constraint: a known
path with another method is 404, never 405. Routes are tried in the order of the functions' names:
https://github.com/Azure/azure-functions-host/blob/dev/src/WebJobs.Script.WebHost/WebScriptHostHttpRoutesManager.cs
https://github.com/Azure/azure-functions-host/issues/9876
"""

import logging
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import unquote

from emulator.functions_host import constraints
from emulator.functions_host.errors import AppError
from emulator.functions_host.function import Function

# Taken as texts, not as whole steps of a path: `runtimeX` is reserved as well.
RESERVED = ("admin", "runtime")

log = logging.getLogger(__name__)

_TOKEN = re.compile(r"\{(?P<parameter>(?:[^{}]|\{\{|\}\})*)\}|(?P<literal>[^{}]+)")
_PARAMETER = re.compile(
    r"(?P<rest>\*{0,2})(?P<name>\w+)(?P<checks>(?::\w+(?:\(.*?\))?)*)"
    r"(?P<optional>\?|=(?P<default>.*))?"
)


class Parameter(NamedTuple):
    """One parameter of a template, in the order of the pattern's groups."""

    name: str
    checks: tuple[constraints.Check, ...]
    default: str | None


@dataclass(frozen=True, slots=True)
class Template:
    """A route's template, compiled."""

    pattern: re.Pattern[str]
    parameters: tuple[Parameter, ...]

    @classmethod
    def parse(cls, text: str) -> "Template":
        """Compile a template such as `calls/{id:int}/{*rest}`. Raises ValueError."""
        pattern, parameters, position = "/", [], 0
        text = text.strip("/")
        while position < len(text):
            token = _TOKEN.match(text, position)
            if token is None:
                raise ValueError(f"misplaced brace in route {text}")
            position = token.end()
            if token["literal"] is not None:
                pattern += re.escape(token["literal"])
                continue
            group, parameter = _parameter(token["parameter"])
            pattern = _optional(pattern, group) if group.endswith("?") else pattern + group
            parameters.append(parameter)
        return cls(re.compile(pattern, re.IGNORECASE | re.DOTALL), tuple(parameters))

    def match(self, path: str) -> dict[str, str] | None:
        """Return the parameters in `path`, which starts with a slash; None if it does not match."""
        found = self.pattern.fullmatch(path)
        if found is None:
            return None
        values = {}
        for parameter, group in zip(self.parameters, found.groups(), strict=True):
            value = group or parameter.default
            if value is not None:
                if not all(check(value) for check in parameter.checks):
                    return None
                values[parameter.name] = value
        return values


def _parameter(text: str) -> tuple[str, Parameter]:
    found = _PARAMETER.fullmatch(text)
    if found is None:
        raise ValueError(f"malformed route parameter {{{text}}}")
    group = "(.*)" if found["rest"] else "([^/]+)"
    if found["rest"] or found["optional"]:
        group += "?"
    return group, Parameter(found["name"], constraints.parse(found["checks"]), found["default"])


def _optional(pattern: str, group: str) -> str:
    """Make the slash before an optional parameter optional with it."""
    if pattern == "/" or not pattern.endswith("/"):
        return pattern + group
    return f"{pattern[:-1]}(?:/{group[:-1]})?"


class RouteTable:
    """The HTTP functions by route."""

    def __init__(self, functions: Iterable[Function], prefix: str) -> None:
        ordered = sorted(functions, key=lambda function: function.name.lower())
        self._routes = [_route(*each) for each in _free(ordered, prefix)]

    def find(self, method: str, raw_path: str) -> tuple[Function, dict[str, str]] | None:
        """Return the first function whose route matches, with its parameters."""
        path = decoded(raw_path)
        for function, methods, template in self._routes:
            if methods is None or method in methods:
                parameters = template.match(path)
                if parameters is not None:
                    return function, parameters
        return None


def _free(functions: Iterable[Function], prefix: str) -> Iterator[tuple[Function, str]]:
    """Yield the functions with their whole routes, but for those whose route is the host's own."""
    for function in functions:
        route = str(function.trigger.get("route") or function.name)
        full = f"{prefix}/{route}".strip("/")
        # https://github.com/Azure/azure-functions-host/blob/dev/src/WebJobs.Script/Host/ScriptHost.cs
        if full.lower().startswith(RESERVED):
            log.error(
                "Function '%s' is not served: its route %s conflicts with the host's own routes",
                function.name,
                full,
            )
        else:
            yield function, full


def _route(function: Function, full: str) -> tuple[Function, frozenset[str] | None, Template]:
    methods = function.trigger.get("methods")
    try:
        template = Template.parse(full)
    except (ValueError, re.error) as error:
        raise AppError(f"{function.name}: {error}") from error
    return function, frozenset(map(str.upper, methods)) if methods else None, template


def decoded(raw_path: str) -> str:
    """Decode all of a path but encoded slashes, as Kestrel does, and drop a slash at its end.

    Steps `.` and `..` are resolved.
    """
    path = raw_path
    if "%" in path:
        path = unquote(re.sub("%2f", "%252F", path, flags=re.IGNORECASE))
    if "/." in path:
        path = _resolved(path)
    return path[:-1] if len(path) > 1 and path.endswith("/") else path


def _resolved(path: str) -> str:
    # https://www.rfc-editor.org/rfc/rfc3986#section-5.2.4
    steps: list[str] = []
    for step in path[1:].split("/"):
        if step == "..":
            del steps[-1:]
        elif step != ".":
            steps.append(step)
    return "/" + "/".join(steps)
