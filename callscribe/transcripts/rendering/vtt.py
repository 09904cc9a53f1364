"""A transcript as WebVTT captions, each with its speaker.

https://www.w3.org/TR/webvtt1/
"""

from callscribe.foundation.moments import iso
from callscribe.transcripts.rendering.cues import clock, cues
from callscribe.transcripts.rendering.escapes import voice, vtt_escaped
from callscribe.transcripts.transcript import Transcript


def transcript_vtt(transcript: Transcript) -> str:
    """Return the transcript as WebVTT; captions are numbered, as some readers want them."""
    # With a comma, which ISO 8601 has as well: some take a line with such a time for a caption.
    rang = iso(transcript.call.begun_at).replace(".", ",")
    head = f"WEBVTT\n\nNOTE Call {transcript.call.id}. Times count from when it rang: {rang}\n"
    said = (
        f"\n{number}\n{clock(cue.start, '.')} --> {clock(cue.end, '.')}\n"
        f"{voice(transcript.names.of(cue.segment.speaker_id))}{vtt_escaped('\n'.join(cue.lines))}\n"
        for number, cue in enumerate(cues(transcript), start=1)
    )
    return head + "".join(said)
