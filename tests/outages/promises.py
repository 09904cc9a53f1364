"""What is promised of a call, whatever becomes of ACS's replies, and what is not as promised."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from callscribe.calls.call import Call, Report, State
from callscribe.foundation.columns import Value, moment_in
from callscribe.foundation.moments import Ms, elapsed
from tests.fakes.clock import START
from tests.outages.lines import Line, Sentence
from tests.outages.town import SENTENCE
from tests.outages.weather import Weathered

# A sentence is heard at its end, by which a gap after a cut begins.
LENGTH = 1.0
MOMENT = 0.01


@dataclass
class Played:
    """What became of a call, and what had been wanted of it from when on (None: nothing).

    `back` is how long after the weather all was as wanted, `begun` the ids that whoever asked for
    the call was told.
    """

    seed: int
    kind: str
    town: Weathered
    back: float | None = None
    wanted: list[tuple[float, str | None]] = field(default_factory=list)
    begun: set[str] = field(default_factory=set)
    late: list[str] = field(default_factory=list)

    def wanted_at(self, at: float) -> str | None:
        """Return the language that was wanted at a moment; None where none was."""
        known = [locale for since, locale in self.wanted if since <= at]
        return known[-1] if known else None

    @property
    def call(self) -> Call:
        """The call as it is stored, which there is one of."""
        (stored,) = self.town.world.calls.saved.values()
        return stored.call

    @property
    def faults(self) -> list[str]:
        """What is not as it was promised."""
        known = self.town.world.calls.saved
        if len(known) != 1 or self.begun - known.keys():
            return [*self.late, "not one call"]
        return [*self.late, *_of_call(self, self.call)]


@dataclass(frozen=True)
class _Gap:
    """A gap of the report, in seconds of the town."""

    start: float
    end: float
    kind: str

    @classmethod
    def of(cls, row: Mapping[str, Value]) -> "_Gap":
        start = elapsed(START, moment_in(row, "From") or Ms(0))
        return cls(start, start + float(row["Seconds"]), str(row["Kind"]))

    def has(self, at: float, slack: float = MOMENT) -> bool:
        return self.start - slack <= at <= self.end + slack


def _of_call(played: Played, call: Call) -> Iterator[str]:
    town = played.town
    if town.brought.total() > 1:
        yield "brought about twice"
    if town.beside:
        yield "a start beside what runs"
    if not call.terminal or call.id in town.world.calls.rows:
        yield "not over"
    report, line = call.report, town.lines.get(call.id)
    if report is None:
        yield "not reported on"
        return
    if not _is_state(call, line):
        yield f"not what it came to: {call.state}"
    gaps = [_Gap.of(row) for row in town.world.transcripts.of_kind(call.id, "g")]
    if line is not None and line.connected is not None:
        yield from _words(played, call.id, report, gaps)
        yield from _heard(line, gaps)
    elif report.frames or (gaps and not _was_answered(played)):
        yield "reported on what never was"


def _was_answered(played: Played) -> bool:
    """Tell whether ACS had answered it: from then on it is up for who rings."""
    return bool(played.town.brought["answer"])


def _is_state(call: Call, line: Line | None) -> bool:
    """Tell whether a call is said to have come to what it came to."""
    if line is not None and line.connected is not None:
        return call.state is State.ENDED
    if call.state is State.FAILED:
        return call.reason is not None
    given_up = call.hang_up is not None and line is not None
    return call.state in (State.MISSED, State.UNANSWERED) or (
        given_up and call.state is State.ENDED
    )


def _words(played: Played, call_id: str, report: Report, gaps: list[_Gap]) -> Iterator[str]:
    """Each sentence is stored, or lies in a gap that says whether it was wanted; never both."""
    said, stored = played.town.sentences[call_id], played.town.stored(call_id)
    for sentence in said:
        if sentence.text in stored:
            if any(gap.has(sentence.at, -LENGTH) for gap in gaps):
                yield f"reported as lost: {sentence}"
        elif not any(gap.has(sentence.at) and _fits(played, gap, sentence) for gap in gaps):
            yield f"lost and not reported: {sentence}"
    acknowledged = {each.text for each in said if each.acknowledged}
    if acknowledged - stored or report.finals != len(stored) or report.duplicates:
        yield "not stored once"


def _fits(played: Played, gap: _Gap, sentence: Sentence) -> bool:
    wanted = played.wanted_at(sentence.at) is not None
    return (gap.kind != "notWanted") is wanted


def _heard(line: Line, gaps: list[_Gap]) -> Iterator[str]:
    """A gap has no stream in it, but from what was heard last to the cut."""
    for gap in gaps:
        spans = ((stream.opened, stream.closed) for stream in line.streams)
        open_ = sum(max(0.0, min(gap.end, end) - max(gap.start, start)) for start, end in spans)
        if open_ > SENTENCE + LENGTH:
            yield f"a gap in which a stream was open: {gap}"
