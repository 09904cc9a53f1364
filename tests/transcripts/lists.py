"""Calls to be listed."""

from dataclasses import replace

from callscribe.foundation.identifiers import new_call_id
from tests.fakes.world import World

DAY = 86_400_000


def given_calls(world: World, *times: int) -> list[str]:
    """Have calls that rang at these times, and return their ids, newest first."""
    ids = [new_call_id(time, f"event {number}") for number, time in enumerate(times)]
    for call_id, time in zip(ids, times, strict=True):
        world.calls.put(replace(world.usual(), id=call_id, rang_at=time))
    return [call_id for _, call_id in sorted(zip(times, ids, strict=True), reverse=True)]
