"""When each place of an utterance was said: by its words' timings, between them by share of text.

Words come as the recogniser heard them ("forty two"), the text as it is written ("42."). They are
matched by their letters and digits alone, so scripts without spaces need nothing of their own.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence

from callscribe.stream.segments import TimedWord
from callscribe.transcripts.folding import folded, folded_in_place

# How far ahead a word is looked for where it is not the next one, and with how many after it:
# alone, a short word would be found in any other.
_AHEAD, _TOGETHER, _SHORTEST = 60, 3, 4


class Timing:
    """Times of the places of a text, in ms from its beginning; it lasts for `span`."""

    def __init__(self, text: str, words: Sequence[TimedWord], span: int) -> None:
        self._places, self._times, self.beginnings = [0], [0], set[int]()
        for start, begun, end, ended in _heard(text, words):
            if self._times[-1] <= begun <= ended <= span:
                self._places += [start, end]
                self._times += [begun, ended]
                self.beginnings.add(start)
        self._places.append(max(len(text), 1))
        self._times.append(span)

    def start(self, place: int) -> int:
        """Return when what begins at a place begins."""
        before = bisect_right(self._places, place) - 1
        return self._between(min(before, len(self._places) - 2), place)

    def end(self, place: int) -> int:
        """Return when what ends before a place ends."""
        after = bisect_left(self._places, place)
        return self._between(max(after - 1, 0), place)

    def _between(self, before: int, place: int) -> int:
        left, right = self._places[before], self._places[before + 1]
        began, ended = self._times[before], self._times[before + 1]
        return began + (ended - began) * (place - left) // max(right - left, 1)


def _heard(text: str, words: Sequence[TimedWord]) -> Iterator[tuple[int, int, int, int]]:
    """Yield start, begin, end and end in time of the words that are found in the text."""
    letters, places = _letters(text)
    spoken = [_letters_alone(word) for word, _, _ in words]
    reached = 0
    for number, (_, begun, length) in enumerate(words):
        found = _find(letters, spoken, number, reached)
        if found is None:
            continue
        reached = found + len(spoken[number])
        if begun is not None:
            yield places[found][0], begun, places[reached - 1][1], begun + (length or 0)


def _find(letters: str, spoken: Sequence[str], number: int, reached: int) -> int | None:
    """Return where in the letters a word is: next, or a little ahead and with its followers."""
    if not spoken[number]:
        return None
    if letters.startswith(spoken[number], reached):
        return reached
    together = "".join(spoken[number : number + _TOGETHER])
    if len(together) < _SHORTEST:
        return None
    found = letters.find(together, reached, reached + _AHEAD + len(together))
    return None if found < 0 else found


def _letters(text: str) -> tuple[str, list[tuple[int, int]]]:
    """Return the letters and digits of a text, folded, and where each is."""
    if text.isascii():  # folding changes nothing but the case of these; it takes five times as long
        plain = [place for place, character in enumerate(text) if character.isalnum()]
        letters = "".join(text[place] for place in plain).lower()
        return letters, [(place, place + 1) for place in plain]
    whole = folded_in_place(text)
    kept = [
        (character, place)
        for character, place in zip(whole.text, whole.places, strict=True)
        if character.isalnum()
    ]
    return "".join(character for character, _ in kept), [place for _, place in kept]


def _letters_alone(word: str) -> str:
    lowered = word.lower() if word.isascii() else folded(word)
    return lowered if lowered.isalnum() else "".join(filter(str.isalnum, lowered))
