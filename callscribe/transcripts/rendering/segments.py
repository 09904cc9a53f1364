"""A transcript as the API's JSON: what was said, in order, with names for speakers."""

from callscribe.foundation.json_input import Json
from callscribe.stream.segments import Segment
from callscribe.transcripts.searching import places
from callscribe.transcripts.transcript import Transcript


def segment_json(transcript: Transcript, segment: Segment) -> Json:
    """Return a segment as the API shows it; unknown fields are left out."""
    sought, text = transcript.sought, segment.text
    found = None if sought is None else [_in_utf_16(text, *place) for place in places(sought, text)]
    fields: Json = {
        "rowKey": segment.row_key,
        "text": text,
        "speaker": transcript.names.of(segment.speaker_id),
        "speakerId": segment.speaker_id,
        "startTime": segment.start_time or "",
        "endTime": segment.end_time,
        "durationMs": segment.duration_ms,
        "confidence": segment.confidence,
        "locale": segment.locale,
        "words": segment.words or None,
        "found": found,
    }
    return {name: value for name, value in fields.items() if value is not None}


def transcript_json(transcript: Transcript) -> Json:
    """Return the whole transcript as one JSON object."""
    return {
        "callId": transcript.call.id,
        "state": transcript.call.state,
        "transcription": transcript.call.transcription,
        "segments": [segment_json(transcript, segment) for segment in transcript.segments],
    }


def _in_utf_16(text: str, start: int, end: int) -> tuple[int, int]:
    """Return a place in a text in UTF-16 code units, in which most languages count."""
    if text.isascii():
        return start, end
    before, within = (
        len(part.encode("utf-16-le", "surrogatepass")) // 2
        for part in (text[:start], text[start:end])
    )
    return before, before + within
