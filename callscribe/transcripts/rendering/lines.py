"""Where the lines of captions may be broken: two lines of 42 columns, as subtitles usually have.

Lines are broken at white space; where there is none, between ideographs and kana, but not before
what closes or after what opens; a longer word at what is heard as a word, or else between
characters as a reader sees them. A column is a character, two where it is wide.
"""

import re
from collections.abc import Callable, Container, Iterator, Sequence
from itertools import accumulate, pairwise
from unicodedata import category, east_asian_width

from callscribe.transcripts.rendering.plain import is_visible

COLUMNS = 42
# After what a reader expects a pause: the end of a sentence, or of a part of one.
_SENTENCE = re.compile(r"[.!?…。．！？؟۔।॥։።]\W*\Z")
_CLAUSE = re.compile(r"[,;:、，；：،؛—–]\W*\Z")
# A sentence's end is worth so many weights, and a weight so many columns of unevenness.
_MOST_WEIGHT, _A_WEIGHT = 2, 8
# White space at which a line may be broken: all but what is made to hold words together.
_WORD = re.compile("(?:[^\\s]|[\u00a0\u202f\u2007])+")
_ASCII_WORD = re.compile(r"\S+", re.ASCII)
# A line of digits alone below another one is taken for the number of a next caption by some.
_NUMBER = re.compile(r"\s*\d+\s*")
_JOINER = "\u200d"
_KOREAN = re.compile("[\u1100-\u11ff\ua960-\ua97f\uac00-\ud7ff]")
_HANGUL_VOWELS_AND_ENDS = range(0x1160, 0x1200)
_FLAGS = range(0x1F1E6, 0x1F200)
_SKIN = range(0x1F3FB, 0x1F400)
# Vowels that stand behind their letter, but belong to it: https://www.unicode.org/reports/tr29/
_AM = "\u0e33\u0eb3"
_SMALL = frozenset("ぁぃぅぇぉっゃゅょゎゕゖァィゥェォッャュョヮヵヶ")
_CLOSING = frozenset({"Pe", "Pf", "Po", "Pd", "Lm", "Mn", "Mc", "Me"})
_OPENING = frozenset({"Ps", "Pi"})

# A stretch of a text that stays together: its start and its end, without white space.
Piece = tuple[int, int]


class Layout:
    """A text in pieces that may be put into lines.

    `heard` tells where its words begin; it is asked where a word is longer than a line.
    """

    def __init__(self, text: str, heard: Callable[[], Container[int]] = frozenset) -> None:
        self.text, self._heard = text, heard
        widths = range(len(text) + 1) if text.isascii() else [0, *accumulate(map(_width, text))]
        self._columns: Sequence[int] = widths
        self.pieces = _ascii_words(text) or list(self._pieces())

    def line(self, first: int, last: int) -> str:
        """Return the pieces from `first` up to `last`, that one left out, as one line."""
        return self.text[self.pieces[first][0] : self.pieces[last - 1][1]] if first < last else ""

    def columns(self, first: int, last: int) -> int:
        """Return how wide the pieces from `first` up to `last` are as one line."""
        if first >= last:
            return 0
        return self._columns[self.pieces[last - 1][1]] - self._columns[self.pieces[first][0]]

    def weight(self, last: int) -> int:
        """Tell how good it is to break before a piece: 2 after a sentence, 1 after a clause."""
        start, end = self.pieces[last - 1]
        if self.text[end - 1].isalnum():
            return 0
        before = self.text[start:end]
        return _MOST_WEIGHT if _SENTENCE.search(before) else 1 if _CLAUSE.search(before) else 0

    def second_line(self, first: int, last: int, taken: int) -> int | None:
        """Return where to begin the second of two lines; `last` where one is enough.

        So many columns of the first line are `taken`, by a name. None where two are too few.
        """
        if taken + self.columns(first, last) <= COLUMNS:
            return last
        columns, pieces = self._columns, self.pieces
        begin, end = columns[pieces[first][0]], columns[pieces[last - 1][1]]
        best: tuple[int, int] | None = None
        # Looked up here and not by methods: long transcripts have many of these.
        for middle in range(last - 1, first, -1):
            upper = taken + columns[pieces[middle - 1][1]] - begin
            lower = end - columns[pieces[middle][0]]
            if lower > COLUMNS:
                break
            if upper > COLUMNS:
                continue
            uneven = abs(upper - lower)
            if best is not None and uneven - _A_WEIGHT * _MOST_WEIGHT >= best[0]:
                continue
            cost = uneven - _A_WEIGHT * self.weight(middle)
            is_best = best is None or cost < best[0]
            if is_best and not _NUMBER.fullmatch(self.line(middle, last)):
                best = (cost, middle)
        if best is not None:
            return best[1]
        # A name alone, where no word has room beside it.
        return first if taken and end - begin <= COLUMNS else None

    def _pieces(self) -> Iterator[Piece]:
        for word in _WORD.finditer(self.text):
            for part in self._parts(*word.span()):
                fits = self._columns[part[1]] - self._columns[part[0]] <= COLUMNS
                for start, end in (part,) if fits else self._cut(*part):
                    if is_visible(self.text[start:end]):
                        yield start, end

    def _parts(self, start: int, end: int) -> Iterator[Piece]:
        """Yield the parts of a word between which a line may be broken."""
        is_long = self._columns[end] - self._columns[start] > COLUMNS
        heard = self._heard() if is_long else ()
        breaks = [
            place
            for place in range(start + 1, end)
            if _is_break(self.text[place - 1], self.text[place])
            or (place in heard and not _is_one(self.text, place))
        ]
        return pairwise([start, *breaks, end])

    def _cut(self, start: int, end: int) -> Iterator[Piece]:
        """Yield parts of what is too long for a line, between characters as a reader sees them."""
        begun = seen = start
        for place in range(start + 1, end + 1):
            if place < end and _is_one(self.text, place):
                continue
            if self._columns[place] - self._columns[begun] > COLUMNS and seen > begun:
                yield begun, seen
                begun = seen
            seen = place
        yield begun, end


def columns_of(text: str) -> int:
    """Return how many columns a text takes."""
    return len(text) if text.isascii() else sum(map(_width, text))


def _ascii_words(text: str) -> list[Piece]:
    """Return the words of a text that is all ASCII and has no long ones, as most do; else none."""
    if not text.isascii():
        return []
    words = [word.span() for word in _ASCII_WORD.finditer(text)]
    return words if all(end - start <= COLUMNS for start, end in words) else []


def _width(character: str) -> int:
    return 2 if east_asian_width(character) in "WF" else 1


def _is_break(before: str, after: str) -> bool:
    """Tell whether a line may be broken between two characters without white space."""
    if before.isascii() and after.isascii():
        return False
    if not (_is_ideograph(before) or _is_ideograph(after)):
        return False
    opens = category(before) in _OPENING
    closes = category(after) in _CLOSING or after in _SMALL
    return not opens and not closes and _JOINER not in (before, after)


def _is_ideograph(character: str) -> bool:
    # Wide letters and signs but those of Korean, which is written with spaces; no emoji, of which
    # one may be made of several.
    wide = east_asian_width(character) in "WF" and character < "\U0001f000"
    return wide and not _KOREAN.match(character)


def _is_one(text: str, place: int) -> bool:
    """Tell whether what is before and after a place is one character to a reader."""
    before, after = text[place - 1], text[place]
    if category(after) in ("Mn", "Mc", "Me", "Cf") or after in _AM or before == _JOINER:
        return True
    if ord(after) in _HANGUL_VOWELS_AND_ENDS or ord(after) in _SKIN:
        return True
    if ord(after) not in _FLAGS:
        return False
    flags = re.search("[\U0001f1e6-\U0001f1ff]*\\Z", text[max(0, place - 2 * COLUMNS) : place])
    return flags is not None and len(flags[0]) % 2 == 1
