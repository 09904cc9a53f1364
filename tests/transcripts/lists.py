"""Calls to be listed."""

from dataclasses import replace

from callscribe.foundation.identifiers import new_call_id
from callscribe.foundation.moments import Ms
from tests.fakes.world import World

DAY = 86_400_000


def given_calls(world: World, *times: int) -> list[str]:
    """Have calls that rang at these times, and return their ids, newest first."""
    moments = [Ms(time) for time in times]
    ids = [new_call_id(moment, f"event {number}") for number, moment in enumerate(moments)]
    for call_id, time in zip(ids, moments, strict=True):
        world.calls.put(replace(world.usual(), id=call_id, begun_at=time))
    return [call_id for _, call_id in sorted(zip(moments, ids, strict=True), reverse=True)]
