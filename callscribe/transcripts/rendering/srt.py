"""A transcript as SubRip captions.

SubRip has no specification; players read HTML's tags and entities, so those are escaped.
"""

from collections.abc import Iterable

from callscribe.calls.call import Call
from callscribe.stream.segments import Segment
from callscribe.transcripts.rendering.cues import clock, cues, escaped
from callscribe.transcripts.rendering.plain import name_of, on_one_line, utterance


def transcript_srt(call: Call, segments: Iterable[Segment]) -> str:
    """Return the transcript as SubRip, each caption with its speaker's name before it."""
    said = (
        f"{number}\n{clock(start, ',')} --> {clock(end, ',')}\n"
        f"{escaped(utterance(name_of(call, segment.speaker_id), on_one_line(segment.text)))}\n\n"
        for number, (start, end, segment) in enumerate(cues(call, segments), start=1)
    )
    return "".join(said)
