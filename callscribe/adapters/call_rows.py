"""The Calls table's columns. Their names are a public contract: docs/querying.md."""

import math
from collections.abc import Mapping

from callscribe.domain.call import Call, Direction, Reason, Report, State, Transcription
from callscribe.domain.columns import Columns, Value
from callscribe.domain.moments import iso, parse_iso


def call_columns(call: Call) -> Columns:
    """Return a call's row; what is not known yet is left out."""
    columns: dict[str, Value | None] = {
        "CallId": call.id,
        "Direction": call.direction.value,
        "State": call.state.value,
        "Transcription": call.transcription.value,
        "TranscriptionAt": _iso(call.transcription_at),
        "TranscriptionAttempts": call.transcription_attempts,
        "From": call.caller,
        "FromName": call.caller_name or None,
        "To": call.callee,
        "Locale": call.locale or None,
        "CallConnectionId": call.connection_id or None,
        "ServerCallId": call.server_call_id or None,
        "CorrelationId": call.correlation_id or None,
        "RangAt": _iso(call.rang_at),
        "AnsweredAt": _iso(call.answered_at),
        "ConnectedAt": _iso(call.connected_at),
        "EndedAt": _iso(call.ended_at),
        "FinishedAt": _iso(call.finished_at),
        "Reason": call.reason.text or None,
        "ReasonCode": call.reason.code or None,
        "ReasonSubCode": call.reason.sub_code or None,
        "Remedy": call.reason.remedy or None,
        "ClaimId": call.claim_id or None,
        "ClaimUntil": _iso(call.claim_until),
        "Drives": call.drives,
    }
    known = {name: value for name, value in columns.items() if value is not None}
    return known | ({} if call.report is None else _report_columns(call.report))


def call_of(columns: Mapping[str, Value]) -> Call:
    """Read a call's row back. What another hand spoilt counts as not known.

    Raises ValueError where it says no longer what call this is, or how it stands.
    """
    return Call(
        id=_text(columns, "CallId"),
        direction=Direction(_text(columns, "Direction")),
        state=State(_text(columns, "State")),
        transcription=Transcription(_text(columns, "Transcription")),
        transcription_at=_moment(columns, "TranscriptionAt"),
        transcription_attempts=_number(columns, "TranscriptionAttempts"),
        caller=_text(columns, "From"),
        caller_name=_text(columns, "FromName"),
        callee=_text(columns, "To"),
        locale=_text(columns, "Locale"),
        connection_id=_text(columns, "CallConnectionId"),
        server_call_id=_text(columns, "ServerCallId"),
        correlation_id=_text(columns, "CorrelationId"),
        rang_at=_moment(columns, "RangAt") or 0,
        answered_at=_moment(columns, "AnsweredAt"),
        connected_at=_moment(columns, "ConnectedAt"),
        ended_at=_moment(columns, "EndedAt"),
        finished_at=_moment(columns, "FinishedAt"),
        reason=_reason(columns),
        claim_id=_text(columns, "ClaimId"),
        claim_until=_moment(columns, "ClaimUntil"),
        drives=_number(columns, "Drives"),
        report=_report(columns) if "Frames" in columns else None,
    )


def _report_columns(report: Report) -> Columns:
    return {
        "Frames": report.frames,
        "Metadata": report.metadata,
        "Intermediates": report.intermediates,
        "Finals": report.finals,
        "Quarantined": report.quarantined,
        "Duplicates": report.duplicates,
        "SuspectedMissing": report.suspected_missing,
        "SecondsWithoutStream": report.seconds_without_stream,
    }


def _report(columns: Mapping[str, Value]) -> Report:
    return Report(
        frames=_number(columns, "Frames"),
        metadata=_number(columns, "Metadata"),
        intermediates=_number(columns, "Intermediates"),
        finals=_number(columns, "Finals"),
        quarantined=_number(columns, "Quarantined"),
        duplicates=_number(columns, "Duplicates"),
        suspected_missing=_number(columns, "SuspectedMissing"),
        seconds_without_stream=_seconds(columns, "SecondsWithoutStream"),
    )


def _reason(columns: Mapping[str, Value]) -> Reason:
    return Reason(
        text=_text(columns, "Reason"),
        code=_number(columns, "ReasonCode"),
        sub_code=_number(columns, "ReasonSubCode"),
        remedy=_text(columns, "Remedy"),
    )


def _text(columns: Mapping[str, Value], name: str) -> str:
    return str(columns.get(name, ""))


def _number(columns: Mapping[str, Value], name: str) -> int:
    value = columns.get(name)
    return value if isinstance(value, int) else 0


def _seconds(columns: Mapping[str, Value], name: str) -> float:
    value = columns.get(name)
    return float(value) if isinstance(value, int | float) and math.isfinite(value) else 0.0


def _moment(columns: Mapping[str, Value], name: str) -> int | None:
    try:
        return parse_iso(str(columns.get(name, "")))
    except ValueError:
        return None


def _iso(milliseconds: int | None) -> str | None:
    return None if milliseconds is None else iso(milliseconds)
