"""A transcript as text: a head, then what was said, one speaker's lines in a row together."""

from collections.abc import Iterator

from callscribe.transcripts.rendering.head import head_of
from callscribe.transcripts.rendering.plain import utterance
from callscribe.transcripts.rendering.turns import turns
from callscribe.transcripts.transcript import Transcript

# Below what follows the time: only the first line of a turn begins at the margin, so that nothing
# said can look like somebody else's turn.
_INDENT = " " * len("[18:54:03] ")


def transcript_text(transcript: Transcript) -> str:
    """Return the transcript as text; a turn begins with `[18:54:03] caller: …`."""
    return "".join(f"{line}\n" for line in _lines(transcript))


def _lines(transcript: Transcript) -> Iterator[str]:
    yield from (f"{label}: {text}" for label, text in head_of(transcript))
    yield ""
    for turn in turns(transcript):
        if turn.day is not None:
            yield f"\n{turn.day}\n"
        first, *others = turn.lines
        yield f"[{turn.time}] {utterance(turn.name, first)}"
        yield from (f"{_INDENT}{line}" for line in others)
