"""A transcript as SubRip captions.

Nobody has written SubRip down; players take HTML's tags and entities, so those are escaped.
"""

from collections.abc import Iterable

from callscribe.domain.call import Call
from callscribe.domain.rendering.cues import clock, cues, escaped
from callscribe.domain.rendering.plain import name_of, on_one_line, utterance
from callscribe.domain.segments import Segment


def transcript_srt(call: Call, segments: Iterable[Segment]) -> str:
    """Return the transcript as SubRip, each caption with its speaker's name before it."""
    said = (
        f"{number}\n{clock(start, ',')} --> {clock(end, ',')}\n"
        f"{escaped(utterance(name_of(call, segment.speaker_id), on_one_line(segment.text)))}\n\n"
        for number, (start, end, segment) in enumerate(cues(call, segments), start=1)
    )
    return "".join(said)
