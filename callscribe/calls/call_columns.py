"""A call's columns, declared once: for its row, for the API, and for the pages that describe both.

The names are a public contract: docs/querying.md and docs/openapi.yaml.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import EnumType
from functools import partial
from operator import attrgetter
from typing import Any

import msgspec

from callscribe.calls.call import (
    Call,
    Consent,
    Direction,
    EndedBy,
    HangUp,
    Machine,
    Report,
    State,
    Transcription,
)
from callscribe.calls.incoming import UNKNOWN
from callscribe.calls.labels import Labels, labels_in, written
from callscribe.calls.results import reason_of
from callscribe.calls.wish import Language, Why, Wish
from callscribe.foundation.columns import (
    Columns,
    Value,
    moment_in,
    number_in,
    seconds_in,
    text_in,
)
from callscribe.foundation.errors import CallscribeError
from callscribe.foundation.json_input import Decoder
from callscribe.foundation.moments import Ms, Seconds, iso

type Read = Callable[[Mapping[str, Value], str], Any]
type Write = Callable[[Any], Value]


@dataclass(frozen=True, slots=True)
class Column:
    """One column: where its value is on a Call, its name in the row, and its name in the API.

    `kind` is the value's type: `str`, `int`, `bool`, `Seconds`, `Ms` (ISO 8601 in the row), an
    enum, Labels (a list in the API), or Machine (JSON). `shown` is None where the column is the
    app's own; `derived` ones are written for those who read the table, and follow from others. A
    report is shown apart.
    """

    path: str
    name: str
    kind: object
    shown: str | None = None
    derived: bool = False

    @property
    def part(self) -> str | None:
        """The part of the call that has the value, such as `reason`; None: the call itself."""
        return self.path.rpartition(".")[0] or None

    @property
    def attribute(self) -> str:
        """The attribute of that part that is the value."""
        return self.path.rpartition(".")[2]


CALL_COLUMNS = (
    Column("id", "CallId", str, "callId"),
    Column("direction", "Direction", Direction, "direction"),
    Column("state", "State", State, "state"),
    Column("transcription", "Transcription", Transcription, "transcription", derived=True),
    Column("caller", "From", str, "from"),
    Column("caller_name", "FromName", str, "fromName"),
    Column("callee", "To", str, "to"),
    Column("begun_at", "BegunAt", Ms, "begunAt"),
    Column("answered_at", "AnsweredAt", Ms, "answeredAt"),
    Column("connected_at", "ConnectedAt", Ms, "connectedAt"),
    Column("ended_at", "EndedAt", Ms, "endedAt"),
    Column("ended_by", "EndedBy", EndedBy, "endedBy"),
    Column("finished_at", "FinishedAt", Ms, "finishedAt"),
    Column("reason.text", "Reason", str, "reason"),
    Column("reason.code", "ReasonCode", int, "reasonCode"),
    Column("reason.sub_code", "ReasonSubCode", int, "reasonSubCode"),
    Column("reason.remedy", "Remedy", str, "remedy"),
    Column("wish.on", "WantedOn", bool, "wantedOn"),
    Column("wish.language.locale", "WantedLocale", str, "wantedLocale"),
    Column("wish.language.model", "WantedModel", str, "wantedModel"),
    Column("wish.revision", "WantedRevision", int, "wantedRevision"),
    Column("wish.why", "WantedWhy", Why, "wantedWhy"),
    Column("wish.at", "WantedAt", Ms, "wantedAt"),
    Column("wish.by", "WantedBy", str, "wantedBy"),
    Column("locale", "Locale", str, "locale", derived=True),
    Column("problem.text", "TranscriptionReason", str, "transcriptionReason", derived=True),
    Column("problem.code", "TranscriptionCode", int, "transcriptionCode", derived=True),
    Column("problem.sub_code", "TranscriptionSubCode", int, "transcriptionSubCode", derived=True),
    Column("problem.remedy", "TranscriptionRemedy", str, "transcriptionRemedy", derived=True),
    Column("transcription_next_at", "TranscriptionNextAt", Ms, "transcriptionNextAt", derived=True),
    Column("hang_up", "HangUp", HangUp, "hangUp"),
    Column("consent", "Consent", Consent, "consent"),
    Column("consent_at", "ConsentAt", Ms, "consentAt"),
    Column("consent_by", "ConsentBy", str, "consentBy"),
    Column("consent_what", "ConsentWhat", str, "consentWhat"),
    Column("people_now", "PeopleNow", int, "peopleNow"),
    Column("labels", "Labels", Labels, "labels"),
    Column("connection_id", "CallConnectionId", str, "callConnectionId"),
    Column("server_call_id", "ServerCallId", str, "serverCallId"),
    Column("correlation_id", "CorrelationId", str, "correlationId"),
    Column("locator", "Locator", str, "locator"),
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
    Column("deployment", "Deployment", str),
    Column("route", "Route", str),
    Column("machine", "Machine", Machine),
    Column("tickets", "Tickets", str),
    Column("request_key", "RequestKey", str),
    Column("closed_at", "ClosedAt", Ms),
    Column("lease_id", "ClaimId", str),
    Column("lease_until", "ClaimUntil", Ms),
    Column("drives", "Drives", int),
)

# Every call has these. Where another hand took one out of a row, the call is read all the same.
_SPOILT: dict[str, Any] = {"id": "", "caller": UNKNOWN, "callee": UNKNOWN, "begun_at": Ms(0)}
_SPOILT_WISH: dict[str, Any] = {"on": False, "at": Ms(0)}
_NO_LOCALE = "und"  # the undetermined language: https://www.rfc-editor.org/rfc/rfc5646#section-4.1
_MACHINE = Decoder(Machine)
_UNDERSTOOD = ("Direction", "State")


def _write_machine(machine: Machine) -> str:
    return msgspec.json.encode(machine).decode()


def _read_machine(columns: Mapping[str, Value], name: str) -> Machine | None:
    return _MACHINE.strict((text_in(columns, name) or "").encode(errors="replace"))


def _read_flag(columns: Mapping[str, Value], name: str) -> bool | None:
    value = columns.get(name)
    return value if isinstance(value, bool) else None


def _read_labels(columns: Mapping[str, Value], name: str) -> Labels:
    return labels_in(text_in(columns, name))


# By kind; an enum is written as its text, and read as its member of that value.
_WRITE: dict[object, Write] = {
    str: str,
    int: int,
    bool: bool,
    Seconds: float,
    Ms: iso,
    Machine: _write_machine,
    Labels: written,
}
_READ: dict[object, Read] = {
    str: text_in,
    int: number_in,
    bool: _read_flag,
    Seconds: seconds_in,
    Ms: moment_in,
    Machine: _read_machine,
    Labels: _read_labels,
}


def _read(kind: object) -> Read:
    return partial(_member_in, kind) if isinstance(kind, EnumType) else _READ[kind]


def _member_in(kind: EnumType, columns: Mapping[str, Value], name: str) -> object:
    value = columns.get(name)
    return kind(value) if value in kind else None


_NOTHING = (None, "", ())


class Part:
    """The columns of one part of a call; how each is written and read is looked up only once."""

    def __init__(self, name: str | None) -> None:
        self.columns = [column for column in CALL_COLUMNS if column.part == name]
        self._values = [attrgetter(column.attribute) for column in self.columns]
        self._writes = [(each.name, _WRITE.get(each.kind, str)) for each in self.columns]
        read = [each for each in self.columns if not each.derived]
        self._reads = [(each.attribute, each.name, _read(each.kind)) for each in read]

    def write(self, holder: object) -> Columns:
        """Return the columns of a part of a call, without what is None or empty."""
        if holder is None:
            return {}
        values = (value(holder) for value in self._values)
        pairs = zip(self._writes, values, strict=True)
        return {name: write(value) for (name, write), value in pairs if value not in _NOTHING}

    def read(self, columns: Mapping[str, Value]) -> dict[str, Any]:
        """Return what can be read, by attribute."""
        found = ((attribute, read(columns, name)) for attribute, name, read in self._reads)
        return {attribute: value for attribute, value in found if value is not None}


OF_CALL, OF_REASON, OF_REPORT = Part(None), Part("reason"), Part("report")
OF_WISH, OF_LANGUAGE, OF_PROBLEM = Part("wish"), Part("wish.language"), Part("problem")


def call_columns(call: Call) -> Columns:
    """Return a call's row; what is not known is left out."""
    return unreported_columns(call) | OF_REPORT.write(call.report)


def unreported_columns(call: Call) -> Columns:
    """Return a call's row without its report."""
    return (
        OF_CALL.write(call)
        | OF_REASON.write(call.reason)
        | OF_WISH.write(call.wish)
        | OF_LANGUAGE.write(call.wish.language)
        | OF_PROBLEM.write(call.problem)
    )


def call_of(columns: Mapping[str, Value]) -> Call:
    """Read a call's row back. What another hand spoilt counts as not known.

    How the call stands is guessed then, and put right by ACS as soon as it is looked at. Raises
    CallscribeError for a row that says neither that nor in which direction the call went.
    """
    if not any(name in columns for name in _UNDERSTOOD):
        raise CallscribeError("a row of Calls does not say how a call stands")
    known = _SPOILT | OF_CALL.read(columns)
    known.setdefault("direction", Direction.INBOUND)
    known.setdefault("state", _guessed(known))
    reason = reason_of(**OF_REASON.read(columns))
    report = Report(**OF_REPORT.read(columns)) if "Frames" in columns else None
    return Call(**known, wish=_wish_of(columns), reason=reason, report=report)


def _guessed(known: Mapping[str, Any]) -> State:
    """Return how a call stands whose row does not say it: over, if it says when."""
    if "ended_at" in known:
        return State.ENDED
    return State.CONNECTED if "connection_id" in known else State.CONNECTING


def _wish_of(columns: Mapping[str, Value]) -> Wish:
    language = Language(**({"locale": _NO_LOCALE} | OF_LANGUAGE.read(columns)))
    return Wish(language=language, **({"by": None} | _SPOILT_WISH | OF_WISH.read(columns)))
