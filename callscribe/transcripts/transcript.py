"""What is shown of a call: who said what, in order, to a reader in a time zone."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, tzinfo

from callscribe.calls.call import Call
from callscribe.stream.segments import Segment
from callscribe.transcripts.names import Names, People, names_of
from callscribe.transcripts.rendering.plain import is_visible
from callscribe.transcripts.searching import containing


@dataclass(frozen=True, slots=True)
class Transcript:
    """A call and what was said on it, in order; where something is `sought`, only what has it.

    Times for people are in `zone`.
    """

    call: Call
    segments: list[Segment]
    names: Names
    zone: tzinfo = UTC
    sought: str | None = None


def transcript_of(
    call: Call,
    people: People,
    segments: Iterable[Segment],
    zone: tzinfo = UTC,
    sought: str | None = None,
) -> Transcript:
    """Return what is shown of a call, by its segments and the rows of its people."""
    said = in_order(segments)
    wanted = said if sought is None else containing(sought, said)
    return Transcript(call, wanted, names_of(call, people, said), zone, sought)


def in_order(segments: Iterable[Segment]) -> list[Segment]:
    """Return the segments by start time, without those that repeat another or show nothing.

    Recognisers also report noise and silence, as an utterance without text.
    """
    # Times of one form sort as text; the key settles equal ones, so the order is always the same.
    once = (segment for segment in segments if segment.duplicate_of is None)
    said = (segment for segment in once if is_visible(segment.text))
    return sorted(said, key=lambda segment: (segment.start_time or "", segment.row_key))
