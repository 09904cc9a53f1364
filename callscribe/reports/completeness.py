"""What a call's rows add up to: counts, what was said twice, who spoke, and the gaps.

Every segment and quarantined row carries its connection's cumulative `Seen` and `Missing`, its own
row those at its end: a lost `disconnected` loses at most the intermediates after the last row.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from callscribe.calls.call import Call, Report
from callscribe.foundation.columns import Value, joined_text, number_in
from callscribe.foundation.identifiers import stream_id_in
from callscribe.reports.gaps import Gap, find_gaps
from callscribe.stream.streams import Streams

Rows = Iterable[tuple[str, Mapping[str, Value]]]
"""Rows of one call as (RowKey, columns)."""


@dataclass(frozen=True, slots=True)
class Findings:
    """What finishing writes: the report, the gaps, and which rows repeat which others."""

    report: Report
    gaps: tuple[Gap, ...]
    duplicates: dict[str, str]
    speakers: frozenset[str]


@dataclass(slots=True)
class _Counts:
    """What one connection's state has counted, and which of it rows tell one by one."""

    seen: int = 0
    missing: int = 0
    metadata: int = 0
    finals: int = 0
    quarantined: int = 0

    @property
    def counted(self) -> int:
        return self.metadata + self.finals + self.quarantined

    @property
    def frames(self) -> int:
        # A lost state counts anew, so that rows can outnumber what was seen.
        return max(self.seen, self.counted)


@dataclass(slots=True)
class _Tally:
    counts: dict[str, _Counts] = field(default_factory=dict)
    streams: Streams = field(default_factory=Streams)
    originals: dict[tuple[Value, ...], str] = field(default_factory=dict)
    duplicates: dict[str, str] = field(default_factory=dict)
    speakers: set[str] = field(default_factory=set)


def examine(call: Call, rows: Rows, now: int, shortest_gap: float) -> Findings:
    """Add up the rows of a call.

    Before the first stream and after the last one, what is shorter than `shortest_gap` (seconds)
    is no gap: a stream takes a moment to open.
    """
    tally = _Tally()
    # The rows' keys sort by time, so that of two equal ones the first is the original.
    for row_key, columns in sorted(dict(rows).items()):
        match row_key[:2]:
            case "c-":
                _add_connection(tally, row_key, columns)
            case "q-":
                _add_connection(tally, row_key, columns).quarantined += 1
            case "s-":
                _add_connection(tally, row_key, columns).finals += 1
                _add_segment(tally, row_key, columns)
            case "e-":
                tally.streams.add_event(columns)
            case _:
                pass  # gaps are results, not causes
    found = find_gaps(tally.streams, call, now)
    gaps = tuple(gap for gap in found if gap.cut or gap.seconds >= shortest_gap)
    return Findings(
        report=_report(tally, sum((gap.seconds for gap in gaps), 0.0)),
        gaps=gaps,
        duplicates=tally.duplicates,
        speakers=frozenset(tally.speakers),
    )


def _report(tally: _Tally, without: float) -> Report:
    each = tally.counts.values()
    frames = sum(counts.frames for counts in each)
    return Report(
        frames=frames,
        metadata=sum(counts.metadata for counts in each),
        intermediates=frames - sum(counts.counted for counts in each),
        finals=sum(counts.finals for counts in each),
        quarantined=sum(counts.quarantined for counts in each),
        duplicates=len(tally.duplicates),
        suspected_missing=sum(counts.missing for counts in each),
        seconds_without_stream=round(without, 3),
    )


def _add_connection(tally: _Tally, row_key: str, columns: Mapping[str, Value]) -> _Counts:
    """Note what any row says of its connection."""
    stream_id = stream_id_in(row_key)
    counts = tally.counts.setdefault(stream_id, _Counts())
    counts.seen = max(counts.seen, number_in(columns, "Seen"))
    counts.missing = max(counts.missing, number_in(columns, "Missing"))
    counts.metadata = max(counts.metadata, number_in(columns, "Metadata"))
    tally.streams.add_row(stream_id, columns)
    return counts


def _add_segment(tally: _Tally, row_key: str, columns: Mapping[str, Value]) -> None:
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
