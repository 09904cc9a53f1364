"""What fits into a row of Table Storage: long text is split, sizes are counted before sending.

A string column holds 32,768 UTF-16 code units, an entity 1 MiB; the service counts two bytes a
code unit. https://learn.microsoft.com/rest/api/storageservices/understanding-the-table-service-data-model
"""

import math
from collections.abc import Mapping

from callscribe.foundation.moments import Ms, Seconds, parse_iso

Value = str | int | float | bytes
# One row: column names to values, keys (`PartitionKey`, `RowKey`) apart.
Columns = dict[str, Value]

# Code units in one text column: a little below the 32,768 that it holds.
TEXT_UNITS = 32_000
BINARY_BYTES = 64 * 1024
# Below the 1 MiB of an entity: keys are not counted here, and Azurite's limit is a little lower.
BUDGET = 900 * 1024
# More than what the service counts for a column beside its name and value: its type and length.
_PER_COLUMN = 16
# The upper bytes of code units that begin a pair: https://www.unicode.org/faq/utf_bom#utf16-2
_HIGH_SURROGATES = range(0xD8, 0xDC)


def split_text(name: str, text: str) -> Columns:
    """Spread text over `name`, `name_2`, … so that no column is longer than 32,000 code units."""
    if len(text) <= TEXT_UNITS and text.isascii():
        return {name: text}
    units = text.encode("utf-16-le", "replace")
    pieces: list[bytes] = []
    start = 0
    while start < len(units):
        end = start + 2 * TEXT_UNITS
        # Half a surrogate pair is no character: neither of the two columns could be decoded.
        if _ends_inside_pair(units[start:end]):
            end -= 2
        pieces.append(units[start:end])
        start = end
    texts = [piece.decode("utf-16-le") for piece in pieces] or [""]
    return {_numbered(name, number): text for number, text in enumerate(texts, start=1)}


def split_binary(name: str, data: bytes) -> Columns:
    """Spread bytes over `name`, `name_2`, … in columns of 64 KiB."""
    starts = range(0, max(len(data), 1), BINARY_BYTES)
    return {
        _numbered(name, number): data[start : start + BINARY_BYTES]
        for number, start in enumerate(starts, start=1)
    }


def joined_text(columns: Mapping[str, Value], name: str) -> str:
    """Return the text that `split_text` spread over columns."""
    pieces = [str(columns.get(name, ""))]
    while (more := columns.get(_numbered(name, len(pieces) + 1))) is not None:
        pieces.append(str(more))
    return "".join(pieces)


def text_in(columns: Mapping[str, Value], name: str) -> str | None:
    """Return the text in a column; None where there is none, or an empty one."""
    value = columns.get(name)
    return None if value is None else str(value) or None


def moment_in(columns: Mapping[str, Value], name: str) -> Ms | None:
    """Return the time in a column; None where there is none that can be read."""
    try:
        return parse_iso(str(columns.get(name, "")))
    except ValueError:
        return None


def number_in(columns: Mapping[str, Value], name: str) -> int | None:
    """Return the whole number in a column; None where there is none."""
    value = columns.get(name)
    return value if isinstance(value, int) else None


def seconds_in(columns: Mapping[str, Value], name: str) -> Seconds | None:
    """Return the span in a column; None where there is none that is finite."""
    value = columns.get(name)
    return (
        Seconds(float(value)) if isinstance(value, int | float) and math.isfinite(value) else None
    )


def known(**columns: Value | None) -> Columns:
    """Return the columns whose value is known; a row has no column for any other."""
    return {name: value for name, value in columns.items() if value is not None}


def entity_size(columns: Mapping[str, Value]) -> int:
    """Return an upper bound of the bytes that storage counts for these columns."""
    return sum(_PER_COLUMN + 2 * len(name) + _value_size(value) for name, value in columns.items())


def _value_size(value: Value) -> int:
    match value:
        case str():
            return 2 * len(value) if value.isascii() else len(value.encode("utf-16-le", "replace"))
        case bytes():
            return len(value)
        case _:
            return 8


def _numbered(name: str, number: int) -> str:
    return name if number == 1 else f"{name}_{number}"


def _ends_inside_pair(units: bytes) -> bool:
    return len(units) == 2 * TEXT_UNITS and units[-1] in _HIGH_SURROGATES
