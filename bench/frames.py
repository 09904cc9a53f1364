"""How many frames a second are parsed and checked, beside parsing their JSON alone."""

import json
import time
from collections.abc import Callable
from typing import Any

from bench.figures import Figure, Goal, interleaved, ratio
from bench.stream import final
from bench.yard import Yard
from callscribe.stream.frames import parse_frame

GOAL = Goal(3, at_least=True)
WORDS = "Yes, that is fine."


async def measure(yard: Yard) -> list[Figure]:
    """Parse a long final and a short one again and again, taking turns with `json.loads`."""
    count = yard.scaled(5000, 50)

    def rate(parse: Callable[[bytes], Any], frame: bytes) -> Callable[[], Any]:
        async def measured() -> float:
            began = time.perf_counter()
            for _ in range(count):
                parse(frame)
            return count / (time.perf_counter() - began)

        return measured

    figures = []
    for kind, frame in (("16 words", final()), ("4 words", final(WORDS))):
        rounds = await interleaved(
            yard.scaled(15, 1), rate(parse_frame, frame), rate(json.loads, frame)
        )
        what = f"Frames of {kind} parsed per second ÷ json.loads alone"
        figures.append(ratio(what, rounds, GOAL))
    return figures
