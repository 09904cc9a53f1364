"""A call, its report and its timeline as the API's JSON."""

import math
from collections.abc import Mapping

from callscribe.calls.call import Call, Report
from callscribe.foundation.columns import Value
from callscribe.foundation.json_input import Json
from callscribe.foundation.moments import iso


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
    """Return a row of the timeline with its columns' names in camelCase.

    Columns that another hand added are shown, but for those that JSON has no form for.
    """
    return {name[0].lower() + name[1:]: value for name, value in columns.items() if _is_json(value)}


def _is_json(value: Value) -> bool:
    return math.isfinite(value) if isinstance(value, float) else not isinstance(value, bytes)


def _iso(milliseconds: int | None) -> str | None:
    return None if milliseconds is None else iso(milliseconds)
