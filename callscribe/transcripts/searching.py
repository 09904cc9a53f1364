"""Find text in what was said, as people expect it: see `folding.py` for what does not count."""

from collections.abc import Iterable, Iterator

from callscribe.stream.segments import Segment
from callscribe.transcripts.folding import folded, folded_in_place


def containing(sought: str, segments: Iterable[Segment]) -> list[Segment]:
    """Return the segments whose text contains `sought`; none where nothing of that counts."""
    needle = folded(sought)
    return [segment for segment in segments if needle and needle in folded(segment.text)]


def places(sought: str, text: str) -> Iterator[tuple[int, int]]:
    """Yield where in `text` it says `sought`: start and end, one after the other."""
    needle, said = folded(sought), folded_in_place(text)
    found = said.text.find(needle) if needle else -1
    while found >= 0:
        last = found + len(needle) - 1
        yield said.places[found][0], said.places[last][1]
        found = said.text.find(needle, last + 1)
