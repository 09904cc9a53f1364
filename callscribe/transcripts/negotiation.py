"""What a request's headers ask for: a media type (`Accept`), or nothing new (`If-None-Match`).

https://www.rfc-editor.org/rfc/rfc9110#name-accept
"""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

# Quoted strings may contain commas and semicolons; none of them matters here, so they are cut out.
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"?', re.DOTALL)
_WORD = r"[!#$%&'*+.^_`|~0-9a-z-]+"
_MEDIA_RANGE = re.compile(rf"\*/\*|(?!\*/){_WORD}/{_WORD}")
_PARAMETER_Q = re.compile(r"q\s*=\s*(.*)", re.DOTALL)
# https://www.rfc-editor.org/rfc/rfc9110#name-quality-values
_WEIGHT = re.compile(r"0(\.\d{0,3})?|1(\.0{0,3})?", re.ASCII)
_TAG = re.compile(r'"[^"]*"')


class _Accepted(NamedTuple):
    media_range: str
    weight: float


def preferred(accept: str | None, offered: Sequence[str]) -> str | None:
    """Return the offered media type that is preferred, the first of equals; None where none is.

    The most specific range that fits a type gives its weight. Parameters other than `q` are
    ignored, and so are ranges that cannot be read. Without the header, or where nothing in it can
    be read, every type is accepted.
    """
    accepted = list(_ranges(accept or ""))
    if not accepted:
        return offered[0]
    weights = [_weight(media_type, accepted) for media_type in offered]
    best = max(weights)
    return offered[weights.index(best)] if best > 0 else None


def unchanged(if_none_match: str | None, tag: str) -> bool:
    """Tell whether the client already has the version with that quoted entity tag.

    A weak tag counts as well: https://www.rfc-editor.org/rfc/rfc9110#name-if-none-match
    """
    if if_none_match is None:
        return False
    return if_none_match.strip() == "*" or tag in _TAG.findall(if_none_match)


def _ranges(accept: str) -> Iterator[_Accepted]:
    for member in _QUOTED.sub("", accept).lower().split(","):
        media_range, *parameters = (part.strip() for part in member.split(";"))
        weights = [found[1] for found in map(_PARAMETER_Q.fullmatch, parameters) if found]
        weight = weights[0] if weights else "1"
        if _MEDIA_RANGE.fullmatch(media_range) and _WEIGHT.fullmatch(weight):
            yield _Accepted(media_range, float(weight))


def _weight(media_type: str, accepted: list[_Accepted]) -> float:
    for media_range in (media_type, f"{media_type.partition('/')[0]}/*", "*/*"):
        weights = [each.weight for each in accepted if each.media_range == media_range]
        if weights:
            return max(weights)
    return 0.0
