"""A world in which calls are placed."""

import json
from dataclasses import replace
from typing import Any

from callscribe.calls.placing import Placed
from callscribe.foundation.deadline import Deadline
from callscribe.foundation.moments import Seconds
from tests.fakes.settings import settings
from tests.fakes.world import World

TO, FROM = "+14255550123", "+18005550199"


def a_world(**changes: Any) -> World:
    """Return a world in which every number may be dialled."""
    allowed: dict[str, Any] = {"dial_allow": ("+",), "caller_id": FROM}
    return World(settings=replace(settings(), **(allowed | changes)))


async def place(world: World, key: str | None = None, **told: Any) -> Placed:
    """Send a request; without anything else it dials a number."""
    body = json.dumps(told or {"to": TO}).encode()
    return await world.placing.place(body, key, "key", Deadline.after(Seconds(30)))
