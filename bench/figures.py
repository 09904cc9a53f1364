"""Figures: ratios to a baseline measured in the same rounds, with medians and quartiles."""

import statistics
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

TIMES = "\N{MULTIPLICATION SIGN}"
Measure = Callable[[], Awaitable[float]]
# For each round, what was measured of the app and of the baseline.
Rounds = list[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Goal:
    """What a figure should be: at most, or at least, a limit."""

    limit: float
    at_least: bool = False

    def __str__(self) -> str:
        return f"{'≥' if self.at_least else '≤'} {self.limit:g}"

    def met_by(self, value: float) -> bool:
        """Tell whether a figure meets the goal."""
        # Compared as it is printed: a table with "1.30, goal 1.3, not met" would look wrong.
        shown = round(value, 2)
        return shown >= self.limit if self.at_least else shown <= self.limit


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table: the median of the rounds, and their quartiles."""

    what: str
    median: float
    low: float
    high: float
    unit: str = TIMES
    goal: Goal | None = None
    note: str = ""

    @property
    def met(self) -> bool | None:
        """Whether the goal is met; None without one."""
        return None if self.goal is None else self.goal.met_by(self.median)


def figure(
    what: str,
    values: Sequence[float],
    *,
    unit: str = TIMES,
    goal: Goal | None = None,
    note: str = "",
) -> Figure:
    """Return the figure for the values of all rounds."""
    low, middle, high = quartiles(values)
    return Figure(what, middle, low, high, unit, goal, note)


def ratio(what: str, rounds: Rounds, goal: Goal | None = None, note: str = "") -> Figure:
    """Return the figure for the ratios of all rounds, each to the baseline of the same round."""
    return figure(what, [ours / baseline for ours, baseline in rounds], goal=goal, note=note)


def quartiles(values: Sequence[float]) -> tuple[float, float, float]:
    """Return the quartiles, the second of which is the median."""
    if len(values) == 1:
        return values[0], values[0], values[0]
    low, middle, high = statistics.quantiles(values, method="inclusive")
    return low, middle, high


def percentiles(what: str, milliseconds: Sequence[float]) -> list[Figure]:
    """Return the 50th and the 95th percentile of durations, with their minimum and maximum."""
    cuts = statistics.quantiles(milliseconds, n=20, method="inclusive")
    least, most = min(milliseconds), max(milliseconds)
    note = f"{len(milliseconds)} finals, {least:.0f} to {most:.0f} ms"
    return [
        Figure(f"{what}, {name}", value, value, value, "ms", note=note)
        for name, value in (("p50", cuts[9]), ("p95", cuts[18]))
    ]


async def interleaved(rounds: int, ours: Measure, baseline: Measure) -> Rounds:
    """Measure the app and its baseline in each round; the first round is not counted."""
    # Both in the same round: when the machine is slow for a while, the ratio hardly changes. They
    # also take turns in being first, because the first one may find caches cold.
    await ours()
    await baseline()
    found: Rounds = []
    for number in range(rounds):
        if number % 2:
            base = await baseline()
            found.append((await ours(), base))
        else:
            own = await ours()
            found.append((own, await baseline()))
    return found
