"""A transcript as the API's JSON: what was said, in order, with names for speakers."""

from collections.abc import Iterable

from callscribe.calls.call import Call
from callscribe.foundation.json_input import Json
from callscribe.stream.segments import Segment
from callscribe.stream.speakers import speaker_name
from callscribe.transcripts.rendering.plain import is_visible


def in_order(segments: Iterable[Segment]) -> list[Segment]:
    """Return the segments by start time, without those that repeat another or show nothing.

    Recognisers also report noise and silence, as an utterance without text.
    """
    # Times of one form sort as text; the key settles equal ones, so the order is always the same.
    once = (segment for segment in segments if segment.duplicate_of is None)
    said = (segment for segment in once if is_visible(segment.text))
    return sorted(said, key=lambda segment: (segment.start_time or "", segment.row_key))


def segment_json(call: Call, segment: Segment) -> Json:
    """Return a segment as the API shows it; unknown fields are left out."""
    fields: Json = {
        "rowKey": segment.row_key,
        "text": segment.text,
        "speaker": speaker_name(call, segment.speaker_id),
        "speakerId": segment.speaker_id,
        "startTime": segment.start_time or "",
        "endTime": segment.end_time,
        "durationMs": segment.duration_ms,
        "confidence": segment.confidence,
        "locale": segment.locale,
        "words": segment.words or None,
    }
    return {name: value for name, value in fields.items() if value is not None}


def transcript_json(call: Call, segments: Iterable[Segment]) -> Json:
    """Return the whole transcript as one JSON object."""
    return {
        "callId": call.id,
        "state": call.state,
        "transcription": call.transcription,
        "segments": [segment_json(call, segment) for segment in in_order(segments)],
    }
