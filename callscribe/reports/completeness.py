"""What a call's rows add up to: counts, what was said twice, who spoke, and the gaps.

Every segment and quarantined row has the counts `Seen` and `Missing` of its stream so far; the
stream's own row has those at its end. Where `disconnected` is lost, only the intermediates after
the stream's last row are not counted.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from callscribe.calls.call import Call, Report
from callscribe.foundation.columns import Value, joined_text, number_in, text_in
from callscribe.foundation.identifiers import stream_id_in
from callscribe.foundation.moments import Ms, Seconds
from callscribe.reports.gaps import Gap, find_gaps
from callscribe.stream.streams import Streams

# Rows of one call as (RowKey, columns).
Rows = Iterable[tuple[str, Mapping[str, Value]]]


@dataclass(frozen=True, slots=True)
class Findings:
    """What finishing writes.

    `duplicates` maps the RowKey of each repeated segment to that of the first; `speakers` are raw
    ids.
    """

    report: Report
    gaps: tuple[Gap, ...]
    duplicates: dict[str, str]
    speakers: frozenset[str]


@dataclass(slots=True)
class _Counts:
    """What one stream's state has counted, and how many of these frames have rows."""

    seen: int = 0
    missing: int = 0
    metadata: int = 0
    finals: int = 0
    quarantined: int = 0

    @property
    def counted(self) -> int:
        """The frames that are no intermediates."""
        return self.metadata + self.finals + self.quarantined

    @property
    def frames(self) -> int:
        """All frames of the stream."""
        # A state that was lost starts counting at 0: there may be more rows than it has seen.
        return max(self.seen, self.counted)


@dataclass(slots=True)
class _Tally:
    counts: dict[str, _Counts] = field(default_factory=dict)
    streams: Streams = field(default_factory=Streams)
    originals: dict[tuple[Value | None, ...], str] = field(default_factory=dict)
    duplicates: dict[str, str] = field(default_factory=dict)
    speakers: set[str] = field(default_factory=set)


def examine(call: Call, rows: Rows, now: Ms, shortest_gap: Seconds) -> Findings:
    """Add up the rows of a call; their order and repetition do not matter.

    What is shorter than `shortest_gap` is no gap, unless a stream was cut: a stream takes a moment
    to open after the answer, and may close a moment before the call ends.
    """
    tally = _Tally()
    # The rows' keys sort by time, so that of two equal ones the first is the original.
    for row_key, columns in sorted(dict(rows).items()):
        match row_key[:2]:
            case "c-":
                _add_stream(tally, row_key, columns)
            case "q-":
                _add_stream(tally, row_key, columns).quarantined += 1
            case "s-":
                _add_stream(tally, row_key, columns).finals += 1
                _add_segment(tally, row_key, columns)
            case "e-":
                tally.streams.add_event(columns)
            case _:
                pass  # the gaps of an earlier report
    found = find_gaps(tally.streams, call, now)
    gaps = tuple(gap for gap in found if gap.cut or gap.seconds >= shortest_gap)
    return Findings(
        report=_report(tally, gaps),
        gaps=gaps,
        duplicates=tally.duplicates,
        speakers=frozenset(tally.speakers),
    )


def _report(tally: _Tally, gaps: Iterable[Gap]) -> Report:
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
        # Gaps are known to the millisecond: further digits come from adding floats.
        seconds_without_stream=Seconds(round(sum((gap.seconds for gap in gaps), 0.0), 3)),
    )


def _add_stream(tally: _Tally, row_key: str, columns: Mapping[str, Value]) -> _Counts:
    """Note what a row says of its stream, and return that stream's counts."""
    stream_id = stream_id_in(row_key)
    # Counts are cumulative, so the highest is the latest, in whatever order the rows come.
    counts = tally.counts.setdefault(stream_id, _Counts())
    counts.seen = max(counts.seen, number_in(columns, "Seen") or 0)
    counts.missing = max(counts.missing, number_in(columns, "Missing") or 0)
    counts.metadata = max(counts.metadata, number_in(columns, "Metadata") or 0)
    tally.streams.add_row(stream_id, columns)
    return counts


def _add_segment(tally: _Tally, row_key: str, columns: Mapping[str, Value]) -> None:
    speaker = text_in(columns, "SpeakerId")
    if speaker is not None:
        tally.speakers.add(speaker)
    if "WireOffset" not in columns:
        return  # without its place on the stream, equal text may well be new
    said = (
        speaker,
        columns["WireOffset"],
        columns.get("DurationMs"),
        joined_text(columns, "Text"),
    )
    first = tally.originals.setdefault(said, row_key)
    if first != row_key:
        tally.duplicates[row_key] = first
