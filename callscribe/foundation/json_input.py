"""JSON from outside: one decoder, strict first, then once more over text that was repaired.

msgspec refuses a byte order mark, lone surrogates, NaN and bad UTF-8 for the whole document. A
spoken sentence must not be lost to one broken character, so these are repaired through `json`.
"""

import json

import msgspec

from callscribe.foundation.errors import BadInputError

Json = dict[str, object]

# Python refuses to read integers of some thousand digits, which would cost the whole document;
# up to 300 digits an integer can also become a float.
# https://docs.python.org/3/library/stdtypes.html#integer-string-conversion-length-limitation
_MOST_DIGITS = 300


class Decoder[T]:
    """Reads documents of one type. Make one per type: building it costs more than decoding."""

    def __init__(self, kind: type[T]) -> None:
        self._kind = kind
        self._strict = msgspec.json.Decoder(kind)

    def strict(self, body: bytes) -> T | None:
        """Decode a document that is exactly of the type; return None for any other."""
        try:
            return self._strict.decode(body)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return None

    def decode(self, body: bytes) -> T:
        """Decode a document, repairing its text where that is what keeps it from being read.

        Raises BadInputError with the path of the field and what was expected.
        """
        found = self.strict(body)
        return self.convert(parse(body)) if found is None else found

    def convert(self, value: object) -> T:
        """Take a part of a document that was parsed already as the type. Raises BadInputError."""
        try:
            return msgspec.convert(value, self._kind)
        except msgspec.ValidationError as error:
            raise BadInputError(str(error)) from None


def parse(body: bytes) -> object:
    """Parse a document of any form, repairing a byte order mark, bad UTF-8 and lone surrogates.

    NaN, Infinity and integers of more than 300 digits become None. Raises BadInputError when it
    is no JSON, or nested too deeply.
    """
    # A reader may ignore a byte order mark: https://www.rfc-editor.org/rfc/rfc8259#section-8.1
    text = body.decode("utf-8-sig", errors="replace")
    try:
        return _clean(json.loads(text, parse_constant=lambda _: None, parse_int=_integer))
    except ValueError as error:
        raise BadInputError(f"not JSON: {error}") from None
    except RecursionError:
        raise BadInputError("not acceptable JSON: nested too deeply") from None


def parse_object(body: bytes) -> Json:
    """Parse a document that should be an object; return an empty object for any other."""
    try:
        return object_of(parse(body))
    except BadInputError:
        return {}


def object_of(value: object) -> Json:
    """Return `value` if it is an object, and an empty one otherwise."""
    return value if isinstance(value, dict) else {}


def text_of(value: object, longest: int | None = None) -> str | None:
    """Return `value`, cut to `longest` characters, if it is a string; None otherwise."""
    return value[:longest] if isinstance(value, str) else None


def _integer(digits: str) -> int | None:
    return int(digits) if len(digits) <= _MOST_DIGITS else None


def _clean(value: object) -> object:
    if isinstance(value, str):
        # A lone surrogate has no UTF-8 form: kept, it would fail in whatever writes it later.
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [_clean(item) for item in value]
    if isinstance(value, dict):
        return {str(_clean(key)): _clean(item) for key, item in value.items()}
    return value
