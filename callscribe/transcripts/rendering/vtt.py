"""A transcript as WebVTT captions, each with its row's key and its speaker.

https://www.w3.org/TR/webvtt1/
"""

from collections.abc import Iterable

from callscribe.calls.call import Call
from callscribe.foundation.moments import iso
from callscribe.stream.segments import Segment
from callscribe.transcripts.rendering.cues import clock, cues, escaped
from callscribe.transcripts.rendering.plain import name_of, on_one_line


def transcript_vtt(call: Call, segments: Iterable[Segment]) -> str:
    """Return the transcript as WebVTT."""
    head = f"WEBVTT\n\nNOTE Call {call.id}; 00:00:00.000 is {iso(call.rang_at)}, when it rang.\n"
    said = (
        f"\n{escaped(segment.row_key)}\n{clock(start, '.')} --> {clock(end, '.')}\n"
        f"<v {_voice(name_of(call, segment.speaker_id))}>{escaped(on_one_line(segment.text))}\n"
        for start, end, segment in cues(call, segments)
    )
    return head + "".join(said)


def _voice(name: str) -> str:
    # Hyphens before the bracket that closes the tag would make an arrow of it (`-->`).
    return escaped(name) + (" " if name.endswith("-") else "")
