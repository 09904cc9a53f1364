"""A transcript as WebVTT captions, each with its speaker.

https://www.w3.org/TR/webvtt1/
"""

from collections.abc import Iterable

from callscribe.calls.call import Call
from callscribe.foundation.moments import iso
from callscribe.stream.segments import Segment
from callscribe.transcripts.rendering.cues import clock, cues
from callscribe.transcripts.rendering.escapes import voice, vtt_escaped
from callscribe.transcripts.rendering.plain import name_of


def transcript_vtt(call: Call, segments: Iterable[Segment]) -> str:
    """Return the transcript as WebVTT; captions are numbered, as some readers want them."""
    # With a comma, which ISO 8601 has as well: some take a line with such a time for a caption.
    rang = iso(call.begun_at).replace(".", ",")
    head = f"WEBVTT\n\nNOTE Call {call.id}. Times count from when it rang: {rang}\n"
    said = (
        f"\n{number}\n{clock(cue.start, '.')} --> {clock(cue.end, '.')}\n"
        f"{voice(name_of(call, cue.segment.speaker_id))}{vtt_escaped('\n'.join(cue.lines))}\n"
        for number, cue in enumerate(cues(call, segments), start=1)
    )
    return head + "".join(said)
