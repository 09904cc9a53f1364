"""Calls and transcripts for people and programs: one form per module, none of it decides anything.

Rows said twice are left out everywhere, and what was said is sorted by when it began.
"""

from callscribe.calls.call_json import call_json, report_json, row_json, state_json
from callscribe.transcripts.rendering.segments import (
    in_order,
    live_json,
    segment_json,
    speaker_name,
    transcript_json,
)
from callscribe.transcripts.rendering.text import transcript_text

__all__ = [
    "call_json",
    "in_order",
    "live_json",
    "report_json",
    "row_json",
    "segment_json",
    "speaker_name",
    "state_json",
    "transcript_json",
    "transcript_text",
]
