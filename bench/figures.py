"""Figures: ratios to a bare floor measured in the same rounds, their medians and their spreads."""

import statistics
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

TIMES = "\N{MULTIPLICATION SIGN}"
Measure = Callable[[], Awaitable[float]]
Rounds = list[tuple[float, float]]
"""What was measured of ours and of the floor, round by round."""


@dataclass(frozen=True, slots=True)
class Goal:
    """What a figure should be: at most, or at least, a limit."""

    limit: float
    at_least: bool = False

    def __str__(self) -> str:
        return f"{'≥' if self.at_least else '≤'} {self.limit:g}"

    def met_by(self, value: float) -> bool:
        """Tell whether a figure is good enough, as it is printed."""
        shown = round(value, 2)
        return shown >= self.limit if self.at_least else shown <= self.limit


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table: the median of the rounds, and where half of them lie."""

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
    """Sum up the values of the rounds: their median and their quartiles."""
    low, middle, high = quartiles(values)
    return Figure(what, middle, low, high, unit, goal, note)


def ratio(what: str, rounds: Rounds, goal: Goal | None = None, note: str = "") -> Figure:
    """Divide what was measured in each round by the floor of that round."""
    return figure(what, [ours / floor for ours, floor in rounds], goal=goal, note=note)


def quartiles(values: Sequence[float]) -> tuple[float, float, float]:
    """Return the quartiles, of which the second is the median; a single value is all three."""
    if len(values) == 1:
        return values[0], values[0], values[0]
    low, middle, high = statistics.quantiles(values, method="inclusive")
    return low, middle, high


def percentiles(what: str, milliseconds: Sequence[float]) -> list[Figure]:
    """Return the 50th and the 95th percentile of durations, each with the least and the most."""
    cuts = statistics.quantiles(milliseconds, n=20, method="inclusive")
    least, most = min(milliseconds), max(milliseconds)
    note = f"{len(milliseconds)} finals, {least:.0f} to {most:.0f} ms"
    return [
        Figure(f"{what}, {name}", value, value, value, "ms", note=note)
        for name, value in (("p50", cuts[9]), ("p95", cuts[18]))
    ]


async def interleaved(rounds: int, ours: Measure, floor: Measure) -> Rounds:
    """Measure both in each round, taking turns in who is first; one round before is not counted.

    A machine that is slow for a while is so for both, and the ratio of a round hardly moves.
    """
    await ours()
    await floor()
    found: Rounds = []
    for number in range(rounds):
        if number % 2:
            below = await floor()
            found.append((await ours(), below))
        else:
            above = await ours()
            found.append((above, await floor()))
    return found
