"""What was said, as the live feed shows it."""

from callscribe.foundation.json_input import Json
from callscribe.foundation.masking import masked
from callscribe.stream.segments import Segment


def live_json(segment: Segment) -> Json:
    """Return a segment for viewers: no phone number is whole, and unknown fields are left out."""
    speaker = "unknown" if segment.speaker_id is None else masked(segment.speaker_id)
    fields: Json = {
        "rowKey": segment.row_key,
        "text": segment.text,
        "speaker": speaker,
        "startTime": segment.start_time or "",
        "endTime": segment.end_time,
        "locale": segment.locale,
    }
    return {name: value for name, value in fields.items() if value is not None}
