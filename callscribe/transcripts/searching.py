"""Find text in what was said, whatever its case, its width or its composition.

Texts are compared in the form NFKC, case folded: https://www.unicode.org/reports/tr15/
"""

from collections.abc import Iterable
from unicodedata import normalize

from callscribe.stream.segments import Segment


def folded(text: str) -> str:
    """Return text in the form that is compared; any white space becomes a single space."""
    # Folding may undo the normal form, so it is made once more after it.
    once = normalize("NFKC", text).casefold()
    return " ".join(normalize("NFKC", once).split())


def containing(sought: str, segments: Iterable[Segment]) -> list[Segment]:
    """Return the segments whose text contains `sought`, which must be more than white space."""
    needle = folded(sought)
    return [segment for segment in segments if needle in folded(segment.text)]
