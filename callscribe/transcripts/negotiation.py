"""What a request's headers ask for: a media type (`Accept`), or nothing new (`If-None-Match`).

https://www.rfc-editor.org/rfc/rfc9110#name-accept
"""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"?', re.DOTALL)
_WORD = r"[!#$%&'*+.^_`|~0-9a-z-]+"
_RANGE = re.compile(rf"\*/\*|(?!\*/){_WORD}/{_WORD}")
_PARAMETER_Q = re.compile(r"q\s*=\s*(.*)", re.DOTALL)
_WEIGHT = re.compile(r"0(\.\d{0,3})?|1(\.0{0,3})?", re.ASCII)
_TAG = re.compile(r'"[^"]*"')


class _Wish(NamedTuple):
    media_range: str
    weight: float


def preferred(accept: str, offered: Sequence[str]) -> str | None:
    """Return which of the media types offered is wanted most, the first of equals; None: none is.

    The most specific range decides on a type. Parameters but `q` are not looked at, ranges that
    cannot be read are left out, and a header of which nothing can be read wants anything.
    """
    wishes = list(_wishes(accept))
    if not wishes:
        return offered[0]
    weights = [_weight(media_type, wishes) for media_type in offered]
    best = max(weights)
    return offered[weights.index(best)] if best > 0 else None


def unchanged(if_none_match: str, tag: str) -> bool:
    """Tell whether the asker already has the version of that quoted tag; weak ones count as well.

    https://www.rfc-editor.org/rfc/rfc9110#name-if-none-match
    """
    return if_none_match.strip() == "*" or tag in _TAG.findall(if_none_match)


def _wishes(accept: str) -> Iterator[_Wish]:
    for member in _QUOTED.sub("", accept).lower().split(","):
        media_range, *parameters = (part.strip() for part in member.split(";"))
        weights = [found[1] for found in map(_PARAMETER_Q.fullmatch, parameters) if found]
        weight = weights[0] if weights else "1"
        if _RANGE.fullmatch(media_range) and _WEIGHT.fullmatch(weight):
            yield _Wish(media_range, float(weight))


def _weight(media_type: str, wishes: list[_Wish]) -> float:
    for media_range in (media_type, f"{media_type.partition('/')[0]}/*", "*/*"):
        weights = [wish.weight for wish in wishes if wish.media_range == media_range]
        if weights:
            return max(weights)
    return 0.0
