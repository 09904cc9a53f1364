"""Read a request's parameters strictly: what is wrong or unknown is named, its value never."""

from collections.abc import Iterable, Mapping
from urllib.parse import parse_qsl

from callscribe.foundation.errors import BadInputError

_LONGEST_NAME = 32
# The Functions host's own parameter: the key with which a function is called.
_FUNCTION_KEY = "code"


def parameters_of(address: str, values: Mapping[str, str]) -> dict[str, str]:
    """Return the parameters of a request's address, empty ones included, each with its value.

    `values` is the query as the Functions host passes it: with the values of a repeated parameter
    joined, and without empty ones. Its own `code` is left out here. Raises BadInputError for a
    parameter that is given twice.
    """
    query = address.partition("?")[2]
    names = [name for name, _ in parse_qsl(query, keep_blank_values=True)]
    for name in names:
        if names.count(name) > 1:
            raise BadInputError(f"{_shown(name)}: expected once")
    given = dict.fromkeys(names, "") | dict(values)
    return {name: value for name, value in given.items() if name != _FUNCTION_KEY}


def expect_only(params: Mapping[str, str], known: Iterable[str]) -> None:
    """Check that all parameters are known ones.

    Raises BadInputError for any other, and names it if it can be a name.
    """
    names = tuple(known)
    for name in params:
        if name not in names:
            expected = f"only {', '.join(names)}" if names else "none"
            raise BadInputError(f"{_shown(name)}: unknown, expected {expected}")


def whole_number(params: Mapping[str, str], name: str, default: int, most: int) -> int:
    """Return a parameter that is a number from 1 to `most`. Raises BadInputError for any other."""
    text = params.get(name, str(default))
    # Nine digits show that a number is too large; thousands would take long to convert.
    if not (text.isascii() and text.isdecimal() and 1 <= int(text[:9]) <= most):
        raise BadInputError(f"{name}: expected a whole number from 1 to {most}")
    return int(text)


def _shown(name: str) -> str:
    """Return a name that may be logged: anything else might be a phone number."""
    plain = name.isascii() and name.isidentifier() and len(name) <= _LONGEST_NAME
    return name if plain else "a parameter"
