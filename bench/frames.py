"""The frames that are parsed and checked per second; baseline: `json.loads` of the same bytes."""

import json
import time
from collections.abc import Callable
from typing import Any

from bench.figures import Figure, Goal, interleaved, ratio
from bench.rig import Rig
from bench.stream import final
from callscribe.stream.frames import documented

GOAL = Goal(3, at_least=True)
WORDS = "Yes, that is fine."


async def measure(rig: Rig) -> list[Figure]:
    """Parse a long and a short final many times, in turns with `json.loads`."""
    count = rig.scaled(5000, 50)

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
            rig.scaled(15, 1), rate(documented, frame), rate(json.loads, frame)
        )
        what = f"Frames of {kind} parsed per second ÷ json.loads alone"
        figures.append(ratio(what, rounds, GOAL))
    return figures
