"""What a call's rows add up to: counts, what was said twice, and when no stream was open.

Every segment and quarantined row carries its connection's cumulative `Seen` and `Missing`, its own
row those at its end: a lost `disconnected` loses at most the intermediates after the last row.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from callscribe.domain.call import Call, Report
from callscribe.domain.columns import Columns, Value, joined_text
from callscribe.domain.identifiers import NO_TAG, gap_key, tag_of
from callscribe.domain.moments import iso, parse_iso

Rows = Iterable[tuple[str, Mapping[str, Value]]]
"""Rows of one call as (RowKey, columns)."""
INTERRUPTED = "streamConnectionInterrupted"
"""What ACS calls it when it loses a stream and gives it up."""
# https://learn.microsoft.com/azure/azure-web-pubsub/howto-troubleshoot-common-issues
AS_IT_SHOULD = frozenset({"", "Normal"})
"""Web PubSub's reasons for the end of a connection that its client closed: any other is a cut."""


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch of the call without an open stream, in Unix ms; `tag` is the connection before.

    `cut` says that a stream was broken off, or that there was none at all. Words are lost then
    however short it is: what is being said at a cut never arrives.
    """

    start: int
    end: int
    tag: str
    why: str
    cut: bool = False

    @property
    def seconds(self) -> float:
        """How long it lasted."""
        return (self.end - self.start) / 1000

    @property
    def row_key(self) -> str:
        """The gap's RowKey."""
        return gap_key(self.start, self.tag)

    @property
    def columns(self) -> Columns:
        """The gap's row."""
        return {"From": iso(self.start), "Seconds": self.seconds, "Why": self.why}


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
class _Stream:
    """When one connection was open. Without an end it ends at its last row."""

    tag: str
    opened: int
    last: int
    closed: int | None = None
    reason: str = ""

    @property
    def end(self) -> int:
        return self.last if self.closed is None else self.closed

    @property
    def why(self) -> str:
        if self.closed is None:
            return "the stream's end was never reported"
        return self.reason or "the stream was closed"


@dataclass(slots=True)
class _Tally:
    counts: dict[str, _Counts] = field(default_factory=dict)
    streams: dict[str, _Stream] = field(default_factory=dict)
    originals: dict[tuple[Value, ...], str] = field(default_factory=dict)
    duplicates: dict[str, str] = field(default_factory=dict)
    speakers: set[str] = field(default_factory=set)
    interruptions: list[int] = field(default_factory=list)


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
                _add_event(tally, columns)
            case _:
                pass  # gaps are results, not causes
    found = _gaps(call, tally, now)
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
    tag = tag_of(row_key)
    counts = tally.counts.setdefault(tag, _Counts())
    counts.seen = max(counts.seen, _number(columns, "Seen"))
    counts.missing = max(counts.missing, _number(columns, "Missing"))
    counts.metadata = max(counts.metadata, _number(columns, "Metadata"))
    # A lost state changes the tag; the stream is still the same.
    _follow(tally.streams, str(columns.get("ConnectionId") or tag), tag, columns)
    return counts


def _follow(streams: dict[str, _Stream], name: str, tag: str, columns: Mapping[str, Value]) -> None:
    closed = _moment(columns, "ClosedAt")
    moments = (_moment(columns, "OpenedAt"), _moment(columns, "ReceivedAt"), closed)
    known = [moment for moment in moments if moment is not None]
    if not known:
        return
    stream = streams.setdefault(name, _Stream(tag, min(known), max(known)))
    stream.opened = min(stream.opened, *known)
    stream.last = max(stream.last, *known)
    if closed is not None:
        stream.closed, stream.reason = closed, str(columns.get("CloseReason", ""))


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


def _add_event(tally: _Tally, columns: Mapping[str, Value]) -> None:
    moment = _moment(columns, "Time")
    if columns.get("Details") == INTERRUPTED and moment is not None:
        tally.interruptions.append(moment)


def _gaps(call: Call, tally: _Tally, now: int) -> Iterator[Gap]:
    """Walk from the answer to the end and yield what no connection covers.

    A call has one stream at a time: where the next one opens, the one before had been cut.
    """
    if call.answered_at is None:
        return
    end = call.ended_at if call.terminal and call.ended_at is not None else now
    streams = sorted(tally.streams.values(), key=lambda stream: stream.opened)
    if streams and not call.terminal:
        streams[-1].last = now  # the newest is open until it is said to be closed
    covered, tag, cut = min(call.answered_at, end), NO_TAG, not streams
    why = "no stream was opened yet"
    for number, stream in enumerate(streams):
        start = min(max(covered, stream.opened), end)
        if cut or covered < start:
            yield Gap(covered, start, tag, why, cut)
        cuts = _cuts(stream, streams[number + 1 :], tally.interruptions, end)
        covered = min(max(covered, min([stream.end, *cuts])), end)
        tag, why, cut = stream.tag, stream.why, bool(cuts) or stream.reason not in AS_IT_SHOULD
    if cut or covered < end:
        yield Gap(covered, end, tag, why, cut)


def _cuts(stream: _Stream, later: list[_Stream], interruptions: list[int], end: int) -> list[int]:
    """Return the moments by which a stream had been cut.

    Its own end may be reported later: frames that have to wait for storage come before it.
    """
    openings = [other.opened for other in later[:1] if other.opened < max(stream.end, end)]
    until = min([*openings, end])
    return openings + [moment for moment in interruptions if stream.opened < moment < until]


def _moment(columns: Mapping[str, Value], name: str) -> int | None:
    try:
        return parse_iso(str(columns.get(name, "")))
    except ValueError:
        return None


def _number(columns: Mapping[str, Value], name: str) -> int:
    value = columns.get(name, 0)
    return value if isinstance(value, int) else 0
