"""Decode JSON from outside: strictly first, then once more with what can be repaired repaired.

msgspec refuses a byte order mark, lone surrogates, NaN and bad UTF-8 for the whole document. A
spoken sentence must not be lost to one broken character, so these are mended through `json`.
"""

import json

import msgspec

from callscribe.foundation.errors import BadInputError

Json = dict[str, object]
"""A JSON object."""

_MOST_DIGITS = 300


def lenient(body: bytes) -> object:
    """Parse JSON, repairing what can be: BOM, bad UTF-8, lone surrogates.

    NaN, Infinity and integers of more than 300 digits become null.

    Raises BadInputError when it is no JSON, or nested too deeply.
    """
    text = body.decode("utf-8-sig", errors="replace")
    try:
        return _clean(json.loads(text, parse_constant=lambda _: None, parse_int=_integer))
    except ValueError as error:
        raise BadInputError(f"not JSON: {error}") from None
    except RecursionError:
        raise BadInputError("not acceptable JSON: nested too deeply") from None


def decode[T](body: bytes, kind: type[T]) -> T:
    """Decode a document of one type; repair its text first where the strict decoder refuses.

    Raises BadInputError with the path of the field and what was expected.
    """
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        pass
    try:
        return msgspec.convert(lenient(body), kind)
    except msgspec.ValidationError as error:
        raise BadInputError(str(error)) from None


def text_of(value: object) -> str | None:
    """Return `value` if it is a string, and None otherwise."""
    return value if isinstance(value, str) else None


def _integer(digits: str) -> int | None:
    # Python refuses very long ones with an error that would take the whole document along.
    return int(digits) if len(digits) <= _MOST_DIGITS else None


def _clean(value: object) -> object:
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [_clean(item) for item in value]
    if isinstance(value, dict):
        return {str(_clean(key)): _clean(item) for key, item in value.items()}
    return value
