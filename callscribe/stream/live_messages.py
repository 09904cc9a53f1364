"""What was said as the live feed shows it."""

from callscribe.foundation.json_input import Json
from callscribe.foundation.masking import masked
from callscribe.stream.segments import Segment


def live_json(segment: Segment) -> Json:
    """Return what was said as the live feed shows it: the words, and nobody's full number."""
    fields: Json = {
        "rowKey": segment.row_key,
        "text": segment.text,
        "speaker": masked(segment.speaker_id) if segment.speaker_id else "unknown",
        "startTime": segment.start_time,
        "endTime": segment.end_time,
        "locale": segment.locale,
    }
    return {name: value for name, value in fields.items() if value is not None}


def spoken_json(segment: Segment, *, final: bool) -> Json:
    """Return the live feed's message of something said: a segment, or a hypothesis."""
    return {"type": "segment" if final else "intermediate"} | live_json(segment)
