"""What was said, on one line of text: nothing in it can break, forge or reorder the line."""

import re
from unicodedata import category

# Control characters, and those that change the direction of reading: text with them could look
# like a line that somebody else said.
_UNSEEN = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
# The blocks of scripts that are written from right to left:
# https://www.unicode.org/reports/tr9/#Bidirectional_Character_Types
_RIGHT_TO_LEFT = re.compile(
    "[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]"
)
# Letters and signs by their kind that look like nothing: fillers of Korean and Khmer syllables,
# the empty pattern of Braille, and what only chooses how the character before it looks.
_BLANK = frozenset("\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0\u034f").union(
    map(chr, range(0xFE00, 0xFE10)), map(chr, range(0xE0100, 0xE01F0))
)
_ISOLATE, _END = "\u2068", "\u2069"


def lines_of(text: str) -> list[str]:
    """Return the lines of a text without the characters that cannot be seen."""
    return [_UNSEEN.sub("", line) for line in text.splitlines()]


def on_one_line(text: str) -> str:
    """Return text without what would break the line or change the order of reading."""
    return text if text.isprintable() else " ".join(lines_of(text))


def is_visible(text: str) -> bool:
    """Tell whether there is anything to be seen of a text."""
    return any(_is_visible(character) for character in text)


def utterance(name: str, text: str) -> str:
    """Join speaker and text on one line, as in `caller: Hello`.

    Where either is written from right to left, both are isolated; otherwise a reader would see
    them in the wrong order: https://www.unicode.org/reports/tr9/#Explicit_Directional_Isolates
    """
    if _RIGHT_TO_LEFT.search(name) or _RIGHT_TO_LEFT.search(text):
        return f"{_ISOLATE}{name}{_END}: {_ISOLATE}{text}{_END}"
    return f"{name}: {text}"


def isolated(text: str) -> str:
    """Return text for a place among other words, isolated where it runs from right to left."""
    return f"{_ISOLATE}{text}{_END}" if _RIGHT_TO_LEFT.search(text) else text


def _is_visible(character: str) -> bool:
    if character in _BLANK:
        return False
    # Separators (Z) and controls, formats, halves of characters (C); but C has private ones too.
    kind = category(character)
    return kind[0] != "Z" and kind not in ("Cc", "Cf", "Cs")
