"""Read a query's parameters strictly: what is wrong or unknown is named, its value never."""

from collections.abc import Iterable, Mapping

from callscribe.domain.errors import BadInputError

LONGEST_NAME = 32


def expect_only(params: Mapping[str, str], known: Iterable[str]) -> None:
    """Raise BadInputError naming a parameter that is not known, if it can be a name."""
    names = tuple(known)
    for name in params:
        if name not in names:
            plain = name.isascii() and name.isidentifier() and len(name) <= LONGEST_NAME
            shown = name if plain else "a parameter"
            raise BadInputError(f"{shown}: unknown, expected only {', '.join(names)}")


def whole_number(params: Mapping[str, str], name: str, default: int, most: int) -> int:
    """Return a parameter that is a number from 1 to `most`. Raises BadInputError."""
    text = params.get(name, str(default))
    if not (text.isascii() and text.isdecimal() and 1 <= int(text[:9]) <= most):
        raise BadInputError(f"{name}: expected a whole number from 1 to {most}")
    return int(text)
