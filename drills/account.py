"""What became of all that was said on a call, and does its report add up? Everything is pure."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import isclose

from callscribe.foundation.identifiers import NO_STREAM
from tests.e2e.accounts import PARTS, SLACK, WITHOUT_STREAM, verify
from tests.e2e.evidence import Evidence, Json, Spoken

# Of an outage; the other kinds are for what nobody wanted.
RIGHT_KINDS = frozenset({"lost"})
# From its first word until its final frame: it is lost with the words that are said then.
SENTENCE = timedelta(seconds=2.2)
# Since a call is back its stream is open; who had begun to speak before is not heard.
BEGUN = timedelta(seconds=1)
# Of a sum of seconds.
ROUNDING = 0.01


@dataclass(frozen=True, slots=True)
class Account:
    """What was said on a call, or on several, by what became of it."""

    said: int = 0
    stored: int = 0
    in_gaps: int = 0
    acknowledged_lost: int = 0
    untold: int = 0
    unheard_later: int = 0
    kinds: frozenset[str] = frozenset()
    wrong: tuple[str, ...] = ()

    def __add__(self, other: "Account") -> "Account":
        return Account(
            self.said + other.said,
            self.stored + other.stored,
            self.in_gaps + other.in_gaps,
            self.acknowledged_lost + other.acknowledged_lost,
            self.untold + other.untold,
            self.unheard_later + other.unheard_later,
            self.kinds | other.kinds,
            self.wrong + other.wrong,
        )


def account(evidence: Evidence, back: datetime | None) -> Account:
    """Return the account of a call that is over, and was transcribed again from `back` on."""
    stored = set(evidence.stored)
    missing = [each for each in evidence.spoken if each.text not in stored]
    told = [each for each in missing if any(_within(each, gap) for gap in evidence.of_kind("g"))]
    return Account(
        said=len(evidence.spoken),
        stored=len(evidence.spoken) - len(missing),
        in_gaps=len(told),
        acknowledged_lost=sum(each.acknowledged for each in missing),
        untold=len(missing) - len(told),
        unheard_later=sum(back is not None and each.at > back + BEGUN for each in missing),
        kinds=frozenset(gap["Kind"] for gap in _outages(evidence)),
        wrong=tuple(report_errors(evidence)),
    )


def total(accounts: Iterable[Account]) -> Account:
    """Return the sum of some accounts."""
    return sum(accounts, Account())


def report_errors(evidence: Evidence) -> list[str]:
    """Say what of a call's report does not add up."""
    found = [*_sum_errors(evidence), *_row_errors(evidence)]
    return found + ([] if found or not _is_whole(evidence) else _verified(evidence))


def _sum_errors(evidence: Evidence) -> list[str]:
    row = evidence.row
    sums = {
        "Frames": sum(row.get(part, 0) for part in PARTS),
        "Finals": len(evidence.segments),
        "Quarantined": len(evidence.of_kind("q")),
        "Duplicates": sum("DuplicateOf" in each for each in evidence.segments),
        "SecondsWithoutStream": _seconds(evidence.of_kind("g")),
    }
    return [
        f"{name} is {row.get(name)}, and should be {expected}"
        for name, expected in sums.items()
        if not _equal(row.get(name), expected)
    ]


def _row_errors(evidence: Evidence) -> list[str]:
    """Say what is stored twice, and what is stored that was said while no stream was open."""
    texts, gaps = Counter(evidence.stored), evidence.of_kind("g")
    twice = [f"{count} rows of {text!r}" for text, count in texts.items() if count > 1]
    return twice + [
        f"{each.text!r} is stored, and in a gap"
        for each in evidence.spoken
        if texts[each.text] and any(_deep_within(each, gap) for gap in gaps)
    ]


def _verified(evidence: Evidence) -> list[str]:
    """Hold the strict rules of the end-to-end tests, where nothing of a stream was forgotten."""
    try:
        verify(evidence)
    except AssertionError as problem:
        return [str(problem) or repr(problem)]
    return []


def _is_whole(evidence: Evidence) -> bool:
    """Tell whether the end of every stream is known: Web PubSub was not killed meanwhile."""
    return all(stream["state"] != "open" for stream in evidence.connections)


def _within(sentence: Spoken, gap: Json) -> bool:
    """Tell whether a sentence lies in a gap, as exactly as its edges are known."""
    begin, end = _span(gap)
    return begin - SLACK <= sentence.at + SENTENCE and sentence.at <= end + SLACK


def _deep_within(sentence: Spoken, gap: Json) -> bool:
    """Tell whether a sentence lies in a gap completely, wherever exactly its edges are."""
    begin, end = _span(gap)
    return begin + SLACK < sentence.at and sentence.at + SENTENCE < end - SLACK


def _span(gap: Json) -> tuple[datetime, datetime]:
    begin = datetime.fromisoformat(gap["From"])
    return begin, begin + timedelta(seconds=gap["Seconds"])


def _outages(evidence: Evidence) -> list[Json]:
    """Return the gaps, but for the one before the first stream: that is no outage."""
    gaps = evidence.of_kind("g")
    return [gap for gap in gaps if not gap["RowKey"].endswith(f"-{NO_STREAM}")]


def _seconds(gaps: list[Json]) -> float:
    return sum(float(gap["Seconds"]) for gap in gaps if gap["Kind"] in WITHOUT_STREAM)


def _equal(value: float | None, expected: float) -> bool:
    return value is not None and isclose(value, expected, abs_tol=ROUNDING)
