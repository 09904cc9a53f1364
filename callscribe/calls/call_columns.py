"""A call's columns, declared once: for its row, for the API, and for the pages that describe both.

The names are a public contract: docs/querying.md and docs/openapi.yaml.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import EnumType
from functools import partial
from operator import attrgetter
from typing import Any

from callscribe.calls.call import Call, Direction, Report, State, Transcription, reason_of
from callscribe.calls.incoming import UNKNOWN
from callscribe.foundation.columns import (
    Columns,
    Value,
    moment_in,
    number_in,
    seconds_in,
    text_in,
)
from callscribe.foundation.errors import CallscribeError
from callscribe.foundation.moments import Ms, Seconds, iso

type Read = Callable[[Mapping[str, Value], str], Any]
type Write = Callable[[Any], Value]


@dataclass(frozen=True, slots=True)
class Column:
    """One column: where its value is on a Call, its name in the row, and its name in the API.

    `kind` is the value's type: `str`, `int`, `Seconds`, `Ms` (ISO 8601 in the row) or an enum.
    `shown` is None where the column is the app's own. A report is shown apart from its call.
    """

    path: str
    name: str
    kind: object
    shown: str | None = None

    @property
    def part(self) -> str | None:
        """The part of the call that has the value: `reason` or `report`; None: the call itself."""
        return self.path.rpartition(".")[0] or None

    @property
    def attribute(self) -> str:
        """The attribute of that part that is the value."""
        return self.path.rpartition(".")[2]


CALL_COLUMNS = (
    Column("id", "CallId", str, "callId"),
    Column("direction", "Direction", Direction, "direction"),
    Column("state", "State", State, "state"),
    Column("transcription", "Transcription", Transcription, "transcription"),
    Column("transcription_at", "TranscriptionAt", Ms),
    Column("transcription_attempts", "TranscriptionAttempts", int),
    Column("caller", "From", str, "from"),
    Column("caller_name", "FromName", str, "fromName"),
    Column("callee", "To", str, "to"),
    Column("locale", "Locale", str, "locale"),
    Column("connection_id", "CallConnectionId", str, "callConnectionId"),
    Column("server_call_id", "ServerCallId", str, "serverCallId"),
    Column("correlation_id", "CorrelationId", str, "correlationId"),
    Column("rang_at", "RangAt", Ms, "rangAt"),
    Column("answered_at", "AnsweredAt", Ms, "answeredAt"),
    Column("connected_at", "ConnectedAt", Ms, "connectedAt"),
    Column("ended_at", "EndedAt", Ms, "endedAt"),
    Column("finished_at", "FinishedAt", Ms, "finishedAt"),
    Column("reason.text", "Reason", str, "reason"),
    Column("reason.code", "ReasonCode", int, "reasonCode"),
    Column("reason.sub_code", "ReasonSubCode", int, "reasonSubCode"),
    Column("reason.remedy", "Remedy", str, "remedy"),
    Column("report.frames", "Frames", int, "frames"),
    Column("report.metadata", "Metadata", int, "metadata"),
    Column("report.intermediates", "Intermediates", int, "intermediates"),
    Column("report.finals", "Finals", int, "finals"),
    Column("report.quarantined", "Quarantined", int, "quarantined"),
    Column("report.duplicates", "Duplicates", int, "duplicates"),
    Column("report.suspected_missing", "SuspectedMissing", int, "suspectedMissing"),
    Column(
        "report.seconds_without_stream", "SecondsWithoutStream", Seconds, "secondsWithoutStream"
    ),
    Column("report.seconds_not_wanted", "SecondsNotWanted", Seconds, "secondsNotWanted"),
    Column("lease_id", "ClaimId", str),
    Column("lease_until", "ClaimUntil", Ms),
    Column("drives", "Drives", int),
)

# Every call has these. Where another hand took one out of a row, the call is read all the same.
_SPOILT: dict[str, Any] = {"id": "", "caller": UNKNOWN, "callee": UNKNOWN, "rang_at": Ms(0)}
# By kind; an enum is written as its text, and read as its member of that value.
_WRITE: dict[object, Write] = {str: str, int: int, Seconds: float, Ms: iso}
_READ: dict[object, Read] = {str: text_in, int: number_in, Seconds: seconds_in, Ms: moment_in}


def _read(kind: object) -> Read:
    return partial(_member_in, kind) if isinstance(kind, EnumType) else _READ[kind]


def _member_in(kind: EnumType, columns: Mapping[str, Value], name: str) -> object:
    return kind(columns.get(name))


class Part:
    """The columns of one part of a call; how each is written and read is looked up only once."""

    def __init__(self, name: str | None) -> None:
        self.columns = [column for column in CALL_COLUMNS if column.part == name]
        self._values = attrgetter(*(column.attribute for column in self.columns))
        self._writes = [(each.name, _WRITE.get(each.kind, str)) for each in self.columns]
        self._reads = [(each.attribute, each.name, _read(each.kind)) for each in self.columns]

    def write(self, holder: object) -> Columns:
        """Return the columns of a Call, a Reason or a Report, without what is None or empty."""
        pairs = zip(self._writes, self._values(holder), strict=True)
        return {name: write(value) for (name, write), value in pairs if value not in (None, "")}

    def read(self, columns: Mapping[str, Value]) -> dict[str, Any]:
        """Return what can be read, by attribute. Raises ValueError for what is of no enum."""
        found = ((attribute, read(columns, name)) for attribute, name, read in self._reads)
        return {attribute: value for attribute, value in found if value is not None}


OF_CALL, OF_REASON, OF_REPORT = Part(None), Part("reason"), Part("report")


def call_columns(call: Call) -> Columns:
    """Return a call's row; what is not known is left out."""
    row = unreported_columns(call)
    return row if call.report is None else row | OF_REPORT.write(call.report)


def unreported_columns(call: Call) -> Columns:
    """Return a call's row without its report."""
    row = OF_CALL.write(call)
    return row if call.reason is None else row | OF_REASON.write(call.reason)


def call_of(columns: Mapping[str, Value]) -> Call:
    """Read a call's row back. What another hand spoilt counts as not known.

    Raises CallscribeError where it does not say how a call stands.
    """
    try:
        known = _SPOILT | OF_CALL.read(columns)
    except ValueError:
        raise CallscribeError("a row of Calls does not say how a call stands") from None
    reason = reason_of(**OF_REASON.read(columns))
    report = Report(**OF_REPORT.read(columns)) if "Frames" in columns else None
    return Call(**known, reason=reason, report=report)
