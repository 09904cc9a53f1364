"""Headers of requests and answers, as values that can be used and stored."""

from collections.abc import Mapping

from callscribe.foundation.moments import Seconds


def single_value(headers: Mapping[str, str], name: str) -> str:
    """Return a header as text that can be stored; the same value sent twice counts once."""
    # Bytes that are not UTF-8 arrive as lone surrogates, which no column can hold.
    value = headers.get(name, "").encode(errors="replace").decode()
    # A header that was sent twice arrives once, with both values joined by a comma:
    # https://www.rfc-editor.org/rfc/rfc9110#name-field-order
    if "," not in value:
        return value.strip()
    values = {each.strip() for each in value.split(",")}
    return values.pop() if len(values) == 1 else value


def retry_after(headers: Mapping[str, str]) -> Seconds | None:
    """Return for how long whoever answered wants to be left alone; None where it does not say.

    Only seconds are read: a date would be of another machine's clock.
    https://www.rfc-editor.org/rfc/rfc9110#field.retry-after
    """
    value = headers.get("Retry-After", "").strip()
    return Seconds(float(value)) if value.isascii() and value.isdecimal() else None
