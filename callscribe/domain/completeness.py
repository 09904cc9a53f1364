"""What a call's rows add up to: counts, what was said twice, and when no stream was open.

Every segment and quarantined row carries its connection's cumulative `Seen` and `Missing`, and a
connection's own row the counts at its end, so that a lost `disconnected` loses at most the
intermediate results after the last row.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from callscribe.domain.call import Call, Report
from callscribe.domain.columns import Columns, Value, joined_text
from callscribe.domain.identifiers import NO_TAG, gap_key, tag_of
from callscribe.domain.moments import iso, parse_iso

Rows = Iterable[tuple[str, Mapping[str, Value]]]
"""Rows of one call as (RowKey, columns), in the order of their keys."""


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch of the call without an open stream, in Unix ms; `tag` is the connection before."""

    start: int
    end: int
    tag: str
    why: str

    @property
    def row_key(self) -> str:
        """The gap's RowKey."""
        return gap_key(self.start, self.tag)

    @property
    def columns(self) -> Columns:
        """The gap's row."""
        return {
            "From": iso(self.start),
            "Seconds": (self.end - self.start) / 1000,
            "Why": self.why,
        }


@dataclass(frozen=True, slots=True)
class Findings:
    """What finishing writes: the report, the gaps, and which rows repeat which others."""

    report: Report
    gaps: tuple[Gap, ...]
    duplicates: dict[str, str]
    speakers: frozenset[str]


@dataclass(slots=True)
class _Connection:
    tag: str
    opened: int | None = None
    closed: int | None = None
    reason: str = ""
    seen: int = 0
    missing: int = 0
    metadata: int = 0
    last_row: int = 0


@dataclass(slots=True)
class _Tally:
    connections: dict[str, _Connection] = field(default_factory=dict)
    finals: int = 0
    quarantined: int = 0
    originals: dict[tuple[Value, ...], str] = field(default_factory=dict)
    duplicates: dict[str, str] = field(default_factory=dict)
    speakers: set[str] = field(default_factory=set)


def examine(call: Call, rows: Rows, now: int, shortest_gap: float) -> Findings:
    """Add up the rows of a call; gaps shorter than `shortest_gap` (seconds) are none."""
    tally = _Tally()
    for row_key, columns in rows:
        _ADDING.get(row_key[:2], _ignore)(tally, row_key, columns)
    connections = [tally.connections[tag] for tag in sorted(tally.connections)]
    gaps = [gap for gap in _gaps(call, connections, now) if _seconds(gap) >= shortest_gap]
    return Findings(
        report=_report(tally, connections, sum(map(_seconds, gaps))),
        gaps=tuple(gaps),
        duplicates=tally.duplicates,
        speakers=frozenset(tally.speakers),
    )


def _report(tally: _Tally, connections: list[_Connection], without: float) -> Report:
    metadata = sum(connection.metadata for connection in connections)
    seen = sum(connection.seen for connection in connections)
    counted = metadata + tally.finals + tally.quarantined
    # A lost state starts counting anew, so rows can outnumber what was seen: never below zero.
    frames = max(seen, counted)
    return Report(
        frames=frames,
        metadata=metadata,
        intermediates=frames - counted,
        finals=tally.finals,
        quarantined=tally.quarantined,
        duplicates=len(tally.duplicates),
        suspected_missing=sum(connection.missing for connection in connections),
        seconds_without_stream=round(without, 3),
    )


def _add_segment(tally: _Tally, row_key: str, columns: Mapping[str, Value]) -> None:
    tally.finals += 1
    _add_frame(tally, row_key, columns)
    if "SpeakerId" in columns:
        tally.speakers.add(str(columns["SpeakerId"]))
    if "WireOffset" not in columns:
        return  # without its place on the stream nobody can say that it was said before
    said = (
        columns.get("SpeakerId", ""),
        columns["WireOffset"],
        columns.get("DurationMs", ""),
        joined_text(columns, "Text"),
    )
    first = tally.originals.setdefault(said, row_key)
    if first != row_key:
        tally.duplicates[row_key] = first


def _add_quarantined(tally: _Tally, row_key: str, columns: Mapping[str, Value]) -> None:
    tally.quarantined += 1
    _add_frame(tally, row_key, columns)


def _add_frame(tally: _Tally, row_key: str, columns: Mapping[str, Value]) -> None:
    connection = _connection(tally, row_key)
    received = _moment(columns, "ReceivedAt") or 0
    connection.opened = min(connection.opened or received, received)
    connection.last_row = max(connection.last_row, received)
    _count(connection, columns)


def _add_connection(tally: _Tally, row_key: str, columns: Mapping[str, Value]) -> None:
    connection = _connection(tally, row_key)
    connection.opened = _moment(columns, "OpenedAt") or connection.opened
    connection.closed = _moment(columns, "ClosedAt")
    connection.reason = str(columns.get("CloseReason", ""))
    _count(connection, columns)


def _ignore(_tally: _Tally, _row_key: str, _columns: Mapping[str, Value]) -> None:
    """Timeline entries and gaps are results, not causes."""


_ADDING = {"s-": _add_segment, "q-": _add_quarantined, "c-": _add_connection}


def _count(connection: _Connection, columns: Mapping[str, Value]) -> None:
    connection.seen = max(connection.seen, _number(columns, "Seen"))
    connection.missing = max(connection.missing, _number(columns, "Missing"))
    connection.metadata = max(connection.metadata, _number(columns, "Metadata"))


def _connection(tally: _Tally, row_key: str) -> _Connection:
    tag = tag_of(row_key)
    return tally.connections.setdefault(tag, _Connection(tag))


def _gaps(call: Call, connections: list[_Connection], now: int) -> Iterable[Gap]:
    """Walk from the answer to the end and yield what no connection covers."""
    if call.answered_at is None:
        return
    end = call.ended_at if call.terminal and call.ended_at is not None else now
    covered = Gap(call.answered_at, call.answered_at, NO_TAG, "no stream was opened yet")
    for connection in sorted(connections, key=lambda each: each.opened or 0):
        opened = connection.opened or 0
        if opened > covered.end:
            yield replace(covered, start=covered.end, end=min(opened, end))
        closed, why = _close_of(connection, end, terminal=call.terminal)
        if closed >= covered.end:
            covered = Gap(covered.start, closed, connection.tag, why)
    if end > covered.end:
        yield replace(covered, start=covered.end, end=end)


def _close_of(connection: _Connection, end: int, *, terminal: bool) -> tuple[int, str]:
    if connection.closed is not None:
        return connection.closed, connection.reason or "the stream was closed"
    if not terminal:
        return end, "the stream is open"
    last = max(connection.last_row, connection.opened or 0)
    return last, "the stream's end was never reported"


def _seconds(gap: Gap) -> float:
    return max(0, gap.end - gap.start) / 1000


def _moment(columns: Mapping[str, Value], name: str) -> int | None:
    try:
        return parse_iso(str(columns.get(name, "")))
    except ValueError:
        return None


def _number(columns: Mapping[str, Value], name: str) -> int:
    value = columns.get(name, 0)
    return value if isinstance(value, int) else 0
