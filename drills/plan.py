"""What is drilled: which parts are out together, and for how long."""

import itertools
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

LENGTHS = (5, 20, 60, 150, 600)
USUAL_LENGTHS = (20, 60)


class Part(StrEnum):
    """What can be out."""

    WEB_PUBSUB = "web-pubsub"
    ACS = "acs"
    STORAGE = "storage"
    QUEUE = "queue"
    APP = "app"


@dataclass(frozen=True, slots=True)
class Drill:
    """One outage."""

    parts: tuple[Part, ...]
    seconds: int

    @property
    def what(self) -> str:
        """The parts that are out."""
        return "+".join(self.parts)

    @property
    def title(self) -> str:
        """The drill in a few words."""
        return f"{self.what} {self.seconds} s"

    @property
    def folder(self) -> str:
        """The name of the folder for its data and logs."""
        return f"{self.what}-{self.seconds}"


def parts_in(text: str) -> tuple[Part, ...]:
    """Return the parts that a text names, joined by `+`. Raises ValueError for other names."""
    return tuple(Part(name) for name in text.split("+"))


def usual(groups: Collection[tuple[Part, ...]], lengths: Collection[int]) -> list[Drill]:
    """Return a drill of each group for each length; by default each part alone, 20 and 60 s."""
    drills = (
        Drill(group, seconds)
        for group in groups or [(part,) for part in Part]
        for seconds in lengths or USUAL_LENGTHS
    )
    return list(dict.fromkeys(drills))


def whole() -> list[Drill]:
    """Return the whole matrix: every part and every pair of parts, for every length."""
    groups = [*((part,) for part in Part), *itertools.combinations(Part, 2)]
    return [Drill(group, seconds) for group in groups for seconds in LENGTHS]
