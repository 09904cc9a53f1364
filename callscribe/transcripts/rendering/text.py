"""A transcript as text, one line an utterance."""

from collections.abc import Iterable

from callscribe.calls.call import Call
from callscribe.stream.segments import Segment
from callscribe.transcripts.rendering.plain import name_of, on_one_line, time_of_day, utterance
from callscribe.transcripts.rendering.segments import in_order


def transcript_text(call: Call, segments: Iterable[Segment]) -> str:
    """Return the transcript as text, one line an utterance: `[18:54:03] caller: …` (UTC)."""
    return "".join(
        f"[{time_of_day(segment)}] "
        f"{utterance(name_of(call, segment.speaker_id), on_one_line(segment.text))}\n"
        for segment in in_order(segments)
    )
