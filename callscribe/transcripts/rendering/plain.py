"""What was said on one line of text, which nothing in it can break, forge or turn around."""

import re

from callscribe.calls.call import Call
from callscribe.stream.speakers import speaker_name

_UNSEEN = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""Control characters, and those that turn the direction of reading around."""
_RIGHT_TO_LEFT = re.compile(
    "[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]"
)
"""The blocks of scripts written from right to left: https://www.unicode.org/reports/tr9/#Bidirectional_Character_Types"""
_ISOLATE, _END = "\u2068", "\u2069"


def lines_of(text: str) -> list[str]:
    """Return the lines of a text, without what cannot be seen."""
    return [_UNSEEN.sub("", line) for line in text.splitlines()]


def on_one_line(text: str) -> str:
    """Return text without what would break a line, or show it in another order than it has."""
    return text if text.isprintable() else " ".join(lines_of(text))


def name_of(call: Call, speaker_id: str) -> str:
    """Return a speaker's name, on one line and never empty."""
    return on_one_line(speaker_name(call, speaker_id)).strip() or "unknown"


def utterance(name: str, text: str) -> str:
    """Join who and what on one line, as in `caller: Hello`.

    Where either is written from right to left both are isolated, or what stands beside them would
    change places: https://www.unicode.org/reports/tr9/#Explicit_Directional_Isolates
    """
    if _RIGHT_TO_LEFT.search(name) or _RIGHT_TO_LEFT.search(text):
        return f"{_ISOLATE}{name}{_END}: {_ISOLATE}{text}{_END}"
    return f"{name}: {text}"
