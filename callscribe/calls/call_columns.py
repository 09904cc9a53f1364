"""The Calls table's columns. Their names are a public contract: docs/querying.md."""

import math
from collections.abc import Mapping

from callscribe.calls.call import Call, Direction, Reason, Report, State, Transcription
from callscribe.foundation.columns import Columns, Value, moment_in, number_in
from callscribe.foundation.errors import CallscribeError
from callscribe.foundation.moments import iso


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
        "ClaimId": call.lease_id or None,
        "ClaimUntil": _iso(call.lease_until),
        "Drives": call.drives,
    }
    known = {name: value for name, value in columns.items() if value is not None}
    return known | ({} if call.report is None else _report_columns(call.report))


def call_of(columns: Mapping[str, Value]) -> Call:
    """Read a call's row back. What another hand spoilt counts as not known.

    Raises CallscribeError where it does not say how a call stands.
    """
    try:
        direction = Direction(_text(columns, "Direction"))
        state = State(_text(columns, "State"))
        transcription = Transcription(_text(columns, "Transcription"))
    except ValueError:
        raise CallscribeError("a row of Calls does not say how a call stands") from None
    return Call(
        id=_text(columns, "CallId"),
        direction=direction,
        state=state,
        transcription=transcription,
        transcription_at=moment_in(columns, "TranscriptionAt"),
        transcription_attempts=number_in(columns, "TranscriptionAttempts"),
        caller=_text(columns, "From"),
        caller_name=_text(columns, "FromName"),
        callee=_text(columns, "To"),
        locale=_text(columns, "Locale"),
        connection_id=_text(columns, "CallConnectionId"),
        server_call_id=_text(columns, "ServerCallId"),
        correlation_id=_text(columns, "CorrelationId"),
        rang_at=moment_in(columns, "RangAt") or 0,
        answered_at=moment_in(columns, "AnsweredAt"),
        connected_at=moment_in(columns, "ConnectedAt"),
        ended_at=moment_in(columns, "EndedAt"),
        finished_at=moment_in(columns, "FinishedAt"),
        reason=_reason(columns),
        lease_id=_text(columns, "ClaimId"),
        lease_until=moment_in(columns, "ClaimUntil"),
        drives=number_in(columns, "Drives"),
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
        frames=number_in(columns, "Frames"),
        metadata=number_in(columns, "Metadata"),
        intermediates=number_in(columns, "Intermediates"),
        finals=number_in(columns, "Finals"),
        quarantined=number_in(columns, "Quarantined"),
        duplicates=number_in(columns, "Duplicates"),
        suspected_missing=number_in(columns, "SuspectedMissing"),
        seconds_without_stream=_seconds(columns, "SecondsWithoutStream"),
    )


def _reason(columns: Mapping[str, Value]) -> Reason:
    return Reason(
        text=_text(columns, "Reason"),
        code=number_in(columns, "ReasonCode"),
        sub_code=number_in(columns, "ReasonSubCode"),
        remedy=_text(columns, "Remedy"),
    )


def _text(columns: Mapping[str, Value], name: str) -> str:
    return str(columns.get(name, ""))


def _seconds(columns: Mapping[str, Value], name: str) -> float:
    value = columns.get(name)
    return float(value) if isinstance(value, int | float) and math.isfinite(value) else 0.0


def _iso(milliseconds: int | None) -> str | None:
    return None if milliseconds is None else iso(milliseconds)
