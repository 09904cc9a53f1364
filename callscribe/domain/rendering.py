"""A transcript for people and programs: who said what, when. Rows said twice are left out."""

import re
from collections.abc import Iterable, Mapping

from callscribe.domain.call import Call, Report
from callscribe.domain.columns import Value
from callscribe.domain.identifiers import masked
from callscribe.domain.moments import iso
from callscribe.domain.segments import Segment

Json = dict[str, object]
_UNSEEN = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""Control characters, and those that turn the direction of reading around."""


def speaker_name(call: Call, speaker_id: str) -> str:
    """Name a speaker: the caller (by display name where known), the callee, or a masked number."""
    if not speaker_id:
        return "unknown"
    if speaker_id == call.caller:
        return masked(call.caller_name) or "caller"
    if speaker_id == call.callee:
        return "callee"
    return masked(speaker_id)


def in_order(segments: Iterable[Segment]) -> list[Segment]:
    """Return what was said once each, by start time."""
    once = [segment for segment in segments if segment.duplicate_of is None]
    return sorted(once, key=lambda segment: (segment.start_time, segment.row_key))


def segment_json(call: Call, segment: Segment) -> Json:
    """Return a segment as the API shows it; unknown fields are left out."""
    fields: Json = {
        "rowKey": segment.row_key,
        "text": segment.text,
        "speaker": speaker_name(call, segment.speaker_id),
        "speakerId": segment.speaker_id or None,
        "startTime": segment.start_time,
        "endTime": segment.end_time,
        "durationMs": segment.duration_ms,
        "confidence": segment.confidence,
        "locale": segment.locale,
        "words": [list(word) for word in segment.words] or None,
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


def transcript_text(call: Call, segments: Iterable[Segment]) -> str:
    """Return the transcript as text, a line an utterance: `[18:54:03] caller: …` (UTC)."""
    lines = [
        f"[{segment.start_time[11:19]}] "
        f"{_line(speaker_name(call, segment.speaker_id))}: {_line(segment.text)}\n"
        for segment in in_order(segments)
    ]
    return "".join(lines)


def live_json(segment: Segment) -> Json:
    """Return what was said as the live feed shows it: the words, and nobody's full number."""
    fields: Json = {
        "rowKey": segment.row_key,
        "text": segment.text,
        "speaker": masked(segment.speaker_id) or "unknown",
        "startTime": segment.start_time,
        "endTime": segment.end_time,
        "locale": segment.locale,
    }
    return {name: value for name, value in fields.items() if value is not None}


def state_json(call: Call) -> Json:
    """Return the live feed's message about how a call stands."""
    return {"type": "state", "state": call.state, "transcription": call.transcription}


def call_json(call: Call) -> Json:
    """Return a call as the API shows it: the columns of its row in camelCase, unknown ones out."""
    fields: Json = {
        "callId": call.id,
        "direction": call.direction,
        "state": call.state,
        "transcription": call.transcription,
        "from": call.caller,
        "fromName": call.caller_name,
        "to": call.callee,
        "locale": call.locale,
        "callConnectionId": call.connection_id,
        "serverCallId": call.server_call_id,
        "correlationId": call.correlation_id,
        "rangAt": _iso(call.rang_at),
        "answeredAt": _iso(call.answered_at),
        "connectedAt": _iso(call.connected_at),
        "endedAt": _iso(call.ended_at),
        "finishedAt": _iso(call.finished_at),
        "reason": call.reason.text,
        "reasonCode": call.reason.code or None,
        "reasonSubCode": call.reason.sub_code or None,
        "remedy": call.reason.remedy,
    }
    return {name: value for name, value in fields.items() if value not in (None, "")}


def report_json(report: Report) -> Json:
    """Return the completeness report as the API shows it."""
    return {
        "frames": report.frames,
        "metadata": report.metadata,
        "intermediates": report.intermediates,
        "finals": report.finals,
        "quarantined": report.quarantined,
        "duplicates": report.duplicates,
        "suspectedMissing": report.suspected_missing,
        "secondsWithoutStream": report.seconds_without_stream,
    }


def row_json(columns: Mapping[str, Value]) -> Json:
    """Return a row of the timeline with its columns' names in camelCase."""
    return {name[0].lower() + name[1:]: value for name, value in columns.items()}


def _line(text: str) -> str:
    """Return text without what would break a line, or show it in another order than it has."""
    return _UNSEEN.sub("", " ".join(text.splitlines()))


def _iso(milliseconds: int | None) -> str | None:
    return None if milliseconds is None else iso(milliseconds)
