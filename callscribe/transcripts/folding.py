"""Text as it is compared: what people take for the same, when they look for it, is the same.

Case, marks over and under letters, width and composition do not count, nor do the typographic
forms of apostrophes, quotation marks and dashes, nor what cannot be seen. Marks that make another
letter do count: vowel signs, viramas, nuktas, the voicing of kana, the tones of Thai and Lao.
"""

import re
from dataclasses import dataclass
from unicodedata import category, combining, decimal, normalize

_ALIKE = {
    **dict.fromkeys("’‘‚‛′‵`´ʹʻʼʽʾʿ׳", "'"),
    **dict.fromkeys("“”„‟″‶«»〝〞״", '"'),
    "−": "-",
    # Letters with a stroke, and pairs of letters, which Unicode does not take apart.
    **dict(zip("łøđħŧı", "lodhti", strict=True)),
    "æ": "ae",
    "œ": "oe",
    "\u0640": "",  # lengthens an Arabic word
}
# From 10 on a combining class names a place around a letter (or points of Hebrew and Arabic);
# these are vowels and tones: https://www.unicode.org/reports/tr44/#Canonical_Combining_Class_Values
_FIRST_PLACE = 10
_PARTS_OF_LETTERS = frozenset({84, 91, 103, 107, 118, 122, 129, 130, 132})
_SELECTORS = re.compile("[\u034f\u180b-\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef]")
_SYLLABLES = range(0xAC00, 0xD7A4)
# Korean syllables may come in their parts; they are compared whole, or each would be found in
# those that go on after it.
_COMPOSED = re.compile("[\u1100-\u11ff]+| {2,}")
_UNITS = re.compile("[\u1100-\u11ff]+| +|.", re.DOTALL)


class _Table(dict[int, str]):
    """How each character is compared; found once."""

    def __missing__(self, point: int) -> str:
        self[point] = _compared(chr(point))
        return self[point]


_TABLE = _Table()


@dataclass(frozen=True, slots=True)
class Folded:
    """A folded text; `places` has for each of its characters where it comes from, and its end."""

    text: str
    places: tuple[tuple[int, int], ...]


def folded(text: str) -> str:
    """Return text as it is compared; any white space becomes a single space."""
    return _COMPOSED.sub(_composed, text.translate(_TABLE)).strip(" ")


def folded_in_place(text: str) -> Folded:
    """Return text as `folded` does, with the places in `text` that its characters come from."""
    loose: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for place, character in enumerate(text):
        compared = _TABLE[ord(character)]
        loose.append(compared)
        starts += [place] * len(compared)
        ends += [place + 1] * len(compared)
        if ends:  # what does not count belongs to what is before it
            ends[-1] = place + 1
    units: list[str] = []
    places: list[tuple[int, int]] = []
    for unit in _UNITS.finditer("".join(loose)):
        composed = _composed(unit)
        units.append(composed)
        places += [(starts[unit.start()], ends[unit.end() - 1])] * len(composed)
    whole = "".join(units)
    start, end = len(whole) - len(whole.lstrip(" ")), len(whole.rstrip(" "))
    return Folded(whole[start:end], tuple(places[start:end]))


def _composed(found: re.Match[str]) -> str:
    return " " if found[0][0] == " " else normalize("NFC", found[0])


def _compared(character: str) -> str:
    if character.isspace():
        return " "
    if ord(character) in _SYLLABLES:
        return character
    # Marks go first: casefold would make a letter of one (U+0345).
    bare = "".join(map(_part, normalize("NFKD", _ALIKE.get(character, character))))
    return "".join(map(_part, normalize("NFKD", bare.casefold())))


def _part(character: str) -> str:
    """Return how a character of decomposed text is compared; empty where it does not count."""
    kind = category(character)
    if _is_mark(character) or kind in ("Cc", "Cf"):
        return ""
    if kind == "Pd":
        return "-"
    return str(decimal(character)) if kind == "Nd" else _ALIKE.get(character, character)


def _is_mark(character: str) -> bool:
    place = combining(character)
    if place >= _FIRST_PLACE:
        return place not in _PARTS_OF_LETTERS
    return _SELECTORS.match(character) is not None
