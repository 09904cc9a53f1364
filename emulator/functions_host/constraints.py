"""The inline constraints of a route parameter: `{id:int}`, `{name:alpha:maxlength(8)}`.

https://learn.microsoft.com/aspnet/core/fundamentals/routing#route-constraints
"""

import re
import uuid
from collections.abc import Callable
from datetime import datetime

Check = Callable[[str], bool]

_CONSTRAINT = re.compile(r":(\w+)(?:\((.*?)\))?(?=:|$)")


def parse(text: str) -> tuple[Check, ...]:
    """Read constraints such as `:int:min(1)`. Raises ValueError for an unknown one."""
    checks = []
    position = 0
    while position < len(text):
        match = _CONSTRAINT.match(text, position)
        if match is None:
            raise ValueError(f"malformed constraint {text[position:]}")
        checks.append(_build(match[1].lower(), match[2]))
        position = match.end()
    return tuple(checks)


def _build(name: str, arguments: str | None) -> Check:
    if name in _PLAIN and arguments is None:
        return _PLAIN[name]
    if name in _WITH_ARGUMENTS and arguments is not None:
        return _WITH_ARGUMENTS[name](arguments)
    raise ValueError(f"unknown constraint {name}")


def _integer(bits: int) -> Check:
    limit = 1 << bits - 1
    # Not `\d`, nor `int()` alone: both accept digits of other scripts, which .NET does not.
    pattern = re.compile(r"[+-]?[0-9]+")
    return lambda value: pattern.fullmatch(value) is not None and -limit <= int(value) < limit


def _pattern(expression: str, flags: int = 0) -> Check:
    pattern = re.compile(expression, flags)
    return lambda value: pattern.search(value) is not None


def _parses(parser: Callable[[str], object]) -> Check:
    def check(value: str) -> bool:
        try:
            parser(value)
        except ValueError:
            return False
        return True

    return check


def _in_range(arguments: str) -> Check:
    low, high = (int(number) for number in arguments.split(","))
    return lambda value: _long(value) and low <= int(value) <= high


def _at_least(argument: str) -> Check:
    return lambda value: _long(value) and int(value) >= int(argument)


def _at_most(argument: str) -> Check:
    return lambda value: _long(value) and int(value) <= int(argument)


def _length(arguments: str) -> Check:
    bounds = [int(number) for number in arguments.split(",")]
    return lambda value: bounds[0] <= len(value) <= bounds[-1]


def _regex(expression: str) -> Check:
    # Braces are doubled inside a template. ASP.NET matches such expressions without regard to case.
    plain = expression.replace("{{", "{").replace("}}", "}")
    return _pattern(plain, re.IGNORECASE)


_long = _integer(64)
_number = _pattern(r"^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)(e[+-]?[0-9]+)?$", re.IGNORECASE)

_PLAIN: dict[str, Check] = {
    "int": _integer(32),
    "long": _long,
    "bool": lambda value: value.lower() in {"true", "false"},
    "decimal": _number,
    "double": _number,
    "float": _number,
    "guid": _parses(uuid.UUID),
    "datetime": _parses(datetime.fromisoformat),
    "alpha": _pattern("^[a-z]*$", re.IGNORECASE),
    "required": bool,
}

_WITH_ARGUMENTS: dict[str, Callable[[str], Check]] = {
    "min": _at_least,
    "max": _at_most,
    "range": _in_range,
    "length": _length,
    "minlength": lambda argument: lambda value: len(value) >= int(argument),
    "maxlength": lambda argument: lambda value: len(value) <= int(argument),
    "regex": _regex,
}
