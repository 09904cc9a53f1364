"""Headers of a request, as text that can be used and stored."""

from collections.abc import Mapping


def single_value(headers: Mapping[str, str], name: str) -> str:
    """Return a header as text that can be stored; the same value sent twice counts once."""
    value = headers.get(name, "").encode(errors="replace").decode()
    if "," not in value:
        return value.strip()
    values = {each.strip() for each in value.split(",")}
    return values.pop() if len(values) == 1 else value
