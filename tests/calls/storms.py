"""Calls in bad weather, many of them: a seed says all of one. tests/calls/storm.py has one call.

python -m tests.calls.storms 20000      plays so many, and prints the seeds of those that fail
"""

import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from callscribe.calls.transcription import (
    CONFIRM,
    PEOPLE,
)
from tests.calls.storm import LANGUAGES, QUIET, Storm, Weather, chance_of

# So soon after that, and after what was being waited for then, all is as wanted.
SETTLED_WITHIN = 120.0
BACK_WITHIN = 35.0
# As a clock is set, what was asked for a moment ago looks old: it may be asked for once more.
CLOCK_SET = CONFIRM
MOST_STARTS, MOST_LATER, MINUTE = 7, 3, 60.0


@dataclass(frozen=True)
class Played:
    """What became of a storm."""

    seed: int
    storm: Storm
    settled: bool

    @property
    def beside(self) -> list[float]:
        """When a start came beside what ran or started, but for when the clock was set."""
        clock = self.storm.weather.clock
        return [
            at
            for at in self.storm.beside
            if clock is None or not clock[0] <= at <= clock[0] + CLOCK_SET
        ]

    @property
    def most_starts(self) -> int:
        """The most starts of one revision in a minute."""
        by_revision: dict[int, list[float]] = {}
        for at, revision in self.storm.starts:
            by_revision.setdefault(revision, []).append(at)
        return max((most_in_a_minute(each) for each in by_revision.values()), default=0)

    @property
    def faults(self) -> list[str]:
        """What is not as it was promised."""
        found = [] if self.settled else ["not as wanted"]
        found += ["a start beside what runs"] if self.beside else []
        return found + (["too many starts"] if self.most_starts > MOST_STARTS else [])


def most_in_a_minute(moments: list[float]) -> int:
    """Return how many of the moments lie in one minute, at most."""
    return max((sum(at <= each < at + MINUTE for each in moments) for at in moments), default=0)


def play(seed: int) -> Played:
    """Play the storm of a seed, and see whether all is as wanted once it is quiet."""
    chance = chance_of(f"weather {seed}")
    frozen = clock = None
    if chance.random() < 0.4:
        begin = chance.uniform(5, 120)
        frozen = (begin, begin + chance.choice([8, 20, 60]))
    if chance.random() < 0.2:
        clock = (chance.uniform(5, 200), chance.choice([-3600.0, -40.0, 10.0, 40.0, 3600.0]))
    weather = Weather(rough=True, frozen=frozen, clock=clock)
    storm = Storm(seed, weather, joined=chance.random() < 0.3, setup=chance.random() < 0.5)
    for _ in range(chance.randrange(8)):
        on = chance.choice([True, False, None])
        locale = chance.choice([None, *LANGUAGES])
        storm.plan(chance.uniform(2, 200), partial(storm.want, on=on, locale=locale))
    for _ in range(chance.randrange(6)):
        storm.plan(chance.uniform(2, 200), storm.cut)
    storm.pass_until(QUIET)
    storm.pass_until(QUIET + storm.waiting + SETTLED_WITHIN)
    if not storm.as_wanted:
        # A revision that is refused is tried again so seldom: it may just be out.
        storm.pass_until(storm.true + PEOPLE + MINUTE)
    return Played(seed, storm, storm.as_wanted)


def outage(seed: int) -> tuple[float, Storm, float]:
    """Play a call whose stream is cut while the door is shut, for 5 to 600 s.

    Return how long it took to be transcribed again, the storm, and when the door was shut.
    """
    chance = chance_of(f"outage {seed}")
    begin = chance.uniform(5, 20)
    end = begin + chance.choice([5, 20, 60, 150, 600])
    storm = Storm(seed, Weather(shut=(begin, end)), joined=False, setup=True)
    storm.plan(begin, storm.cut)
    storm.pass_until(end)
    while storm.runs is None and storm.true < end + 10 * BACK_WITHIN:
        storm.pass_until(storm.true + 0.25)
    return storm.true - end, storm, begin


def seeds(first: int, how_many: int) -> Iterator[Played]:
    """Play storms one after the other."""
    return (play(seed) for seed in range(first, first + how_many))


def main(arguments: list[str]) -> int:
    """Play storms and outages, and print what was found; return 1 if any failed."""
    how_many = int(arguments[0]) if arguments else 20_000
    seen: Counter[str] = Counter()
    failed = 0
    most = 0
    for played in seeds(0, how_many):
        seen["calls"] += 1
        seen["starts"] += len(played.storm.starts)
        seen["starts beside another, as a clock was set"] += len(played.storm.beside) - len(
            played.beside
        )
        most = max(most, played.most_starts)
        for fault in played.faults:
            failed += 1
            seen[fault] += 1
            _say(f"seed {played.seed}: {fault}; {played.storm.call.transcribing}")
    backs = sorted(outage(seed)[0] for seed in range(400))
    _say(", ".join(f"{name}: {number}" for name, number in seen.items()))
    _say(f"most starts of one revision in a minute: {most}")
    _say(f"outages of the streams' door: back after {backs[200]:.1f} s, at most {backs[-1]:.1f} s")
    return int(failed > 0 or backs[-1] > BACK_WITHIN)


def _say(text: Any) -> None:
    sys.stdout.write(f"{text}\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
