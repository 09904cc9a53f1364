"""A transcript as SubRip captions, which say in text who speaks."""

from callscribe.stream.segments import Segment
from callscribe.transcripts.rendering.cues import Cue, clock, cues
from callscribe.transcripts.rendering.escapes import srt_escaped
from callscribe.transcripts.rendering.lines import columns_of
from callscribe.transcripts.rendering.plain import utterance
from callscribe.transcripts.transcript import Transcript

# Longer names would leave no room for words.
_LONGEST_NAME = 28
_HEAD, _TAIL = 18, 9


def transcript_srt(transcript: Transcript) -> str:
    """Return the transcript as SubRip."""
    said = (
        f"{number}\n{clock(cue.start, ',')} --> {clock(cue.end, ',')}\n"
        f"{srt_escaped('\n'.join(cue.lines))}\n\n"
        for number, cue in enumerate(named_cues(transcript), start=1)
    )
    return "".join(said)


def named_cues(transcript: Transcript) -> list[Cue]:
    """Return the captions; the first one of each utterance begins with its speaker's name."""

    def opening(segment: Segment, line: str) -> str:
        return utterance(_short(transcript.names.of(segment.speaker_id)), line)

    return cues(transcript, opening)


def _short(name: str) -> str:
    """Return a name, without its middle where it is long: its end may tell two people apart."""
    if columns_of(name) <= _LONGEST_NAME:
        return name
    head, tail = name, name
    while columns_of(head) > _HEAD:
        head = head[:-1]
    while columns_of(tail) > _TAIL:
        tail = tail[1:]
    return f"{head.rstrip()}…{tail.lstrip()}"
