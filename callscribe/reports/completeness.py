"""What a call's rows add up to: counts, what was said twice, who spoke, and the gaps.

Every row of a stream says how much that stream had seen by then, and how many rows it must have.
So rows that have vanished are noticed, and where `disconnected` is lost, only the intermediates
after the stream's last row are not counted.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from callscribe.calls.call import Call, Report
from callscribe.foundation.columns import Value, joined_text, moment_in, number_in, text_in
from callscribe.foundation.identifiers import event_time_in, is_row_of_stream, stream_id_in
from callscribe.foundation.moments import Ms, Seconds
from callscribe.reports.gaps import WITHOUT_STREAM, Gap, find_gaps
from callscribe.reports.languages import Languages
from callscribe.reports.wishes import Wishes
from callscribe.stream.state import HIGHEST_COUNT
from callscribe.stream.streams import Streams

_OF_STREAMS = frozenset({"c-", "q-", "s-"})
# By so many milliseconds the times of one utterance may differ, as different events told them.
SAME_MOMENT = 1_000
# Rows of one call as (RowKey, columns).
Rows = Iterable[tuple[str, Mapping[str, Value]]]


@dataclass(frozen=True, slots=True)
class Findings:
    """What finishing writes.

    `duplicates` maps the RowKey of each repeated segment to that of the first, `locales` that of a
    segment to its true locale, where it names another; `speakers` are raw ids.
    """

    report: Report
    gaps: tuple[Gap, ...]
    duplicates: dict[str, str]
    speakers: frozenset[str]
    locales: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class _Counts:
    """What one stream has counted, as far as its rows tell, and how many rows of it are there.

    `kept` counts the finals and quarantined frames that were acknowledged: each has a row.
    """

    seen: int = 0
    missing: int = 0
    metadata: int = 0
    kept: int = 0
    finals: int = 0
    quarantined: int = 0

    @property
    def rows(self) -> int:
        """How many of its finals and quarantined frames have a row."""
        return self.finals + self.quarantined

    @property
    def intermediates(self) -> int:
        """What is left of the frames: hypotheses are not stored."""
        # A state that was lost counts anew, so that there may be more rows than it has seen.
        return max(0, self.seen - self.metadata - max(self.kept, self.rows))

    @property
    def vanished(self) -> int:
        """How many rows were acknowledged and are not there."""
        return max(0, self.kept - self.rows)


@dataclass(frozen=True, slots=True)
class _Said:
    """A segment that no other one has said before: its row's key, when, and what else it tells."""

    row_key: str
    start: Ms | None
    rest: tuple[Value | None, ...]

    def is_repeated_by(self, other: "_Said") -> bool:
        """Tell whether another of the same words and offset is this one again.

        Offsets may begin anew: then it is only if it fits in time, or if all of it is the same.
        """
        if self.rest == other.rest:
            return True
        if self.start is None or other.start is None:
            return False
        return abs(self.start - other.start) <= SAME_MOMENT


@dataclass(slots=True)
class _Tally:
    counts: dict[str, _Counts] = field(default_factory=dict)
    streams: Streams = field(default_factory=Streams)
    wishes: Wishes = field(default_factory=Wishes)
    languages: Languages = field(default_factory=Languages)
    originals: dict[tuple[Value | None, ...], list[_Said]] = field(default_factory=dict)
    duplicates: dict[str, str] = field(default_factory=dict)
    speakers: set[str] = field(default_factory=set)


def examine(call: Call, rows: Rows, now: Ms, shortest_gap: Seconds) -> Findings:
    """Add up the rows of a call that is over; their order and repetition do not matter.

    What is shorter than `shortest_gap` is no gap, unless a stream was cut: a stream takes a moment
    to open after the answer, and may close a moment before the call ends.
    """
    tally = _Tally()
    # The rows' keys sort by time, so that of two equal ones the first is the original.
    for row_key, columns in sorted(dict(rows).items()):
        if row_key[:2] in _OF_STREAMS and not is_row_of_stream(row_key):
            continue  # another hand's
        match row_key[:2]:
            case "c-":
                _add_stream(tally, row_key, columns)
                tally.languages.add_stream(stream_id_in(row_key), columns)
            case "q-":
                at = event_time_in(row_key)
                _add_stream(tally, row_key, columns, at).quarantined += 1
            case "s-":
                at = event_time_in(row_key)
                _add_stream(tally, row_key, columns, at).finals += 1
                _add_segment(tally, row_key, columns)
                tally.languages.add_segment(row_key, columns)
            case "e-":
                tally.streams.add_event(columns)
                tally.languages.add_event(columns)
            case "w-":
                tally.wishes.add_row(columns)
            case _:
                pass  # the gaps of an earlier report, and kinds that count nothing
    gaps = tuple(find_gaps(tally.streams, tally.wishes, call, now, shortest_gap))
    return Findings(
        report=_report(tally, gaps),
        gaps=gaps,
        duplicates=tally.duplicates,
        speakers=frozenset(tally.speakers),
        locales=tally.languages.corrections(),
    )


def _report(tally: _Tally, gaps: Iterable[Gap]) -> Report:
    each = tally.counts.values()
    counted = _shares(
        sum(counts.finals for counts in each),
        sum(counts.quarantined for counts in each),
        sum(counts.metadata for counts in each),
        sum(counts.intermediates for counts in each),
    )
    finals, quarantined, metadata, intermediates = counted
    missing = sum(counts.missing + counts.vanished for counts in each)
    return Report(
        frames=sum(counted),
        metadata=metadata,
        intermediates=intermediates,
        finals=finals,
        quarantined=quarantined,
        duplicates=len(tally.duplicates),
        suspected_missing=min(missing, HIGHEST_COUNT),
        seconds_without_stream=_seconds(gap for gap in gaps if gap.kind in WITHOUT_STREAM),
        seconds_not_wanted=_seconds(gap for gap in gaps if gap.kind not in WITHOUT_STREAM),
    )


def _shares(*counts: int) -> list[int]:
    """Return the counts such that their sum fits a column too; the last ones are cut first."""
    room = HIGHEST_COUNT
    shares = []
    for count in counts:
        shares.append(min(count, room))
        room -= shares[-1]
    return shares


def _seconds(gaps: Iterable[Gap]) -> Seconds:
    return Seconds(round(sum((gap.seconds for gap in gaps), 0.0), 3))


def _add_stream(
    tally: _Tally, row_key: str, columns: Mapping[str, Value], at: Ms | None = None
) -> _Counts:
    """Note what any row says of its stream, and return that stream's counts.

    `at` is the time of the event that brought it, where it is a frame's.
    """
    stream_id = stream_id_in(row_key)
    # Counts are cumulative, so the highest is the latest, in whatever order the rows come.
    counts = tally.counts.setdefault(stream_id, _Counts())
    kept = _count(columns, "Kept") + _count(columns, "Finals") + _count(columns, "Quarantined")
    counts.seen = max(counts.seen, _count(columns, "Seen"))
    counts.missing = max(counts.missing, _count(columns, "Missing"))
    counts.metadata = max(counts.metadata, _count(columns, "Metadata"))
    counts.kept = max(counts.kept, kept)
    tally.streams.add_row(stream_id, columns, at)
    return counts


def _count(columns: Mapping[str, Value], name: str) -> int:
    """Return the count in a column; what another hand spoilt is none, or as much as may be."""
    return min(max(0, number_in(columns, name) or 0), HIGHEST_COUNT)


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
    rest = columns.get("Confidence"), joined_text(columns, "Words")
    again = _Said(row_key, moment_in(columns, "StartTime"), rest)
    before = tally.originals.setdefault(said, [])
    first = next((each for each in before if each.is_repeated_by(again)), None)
    if first is None:
        before.append(again)
    else:
        tally.duplicates[row_key] = first.row_key
