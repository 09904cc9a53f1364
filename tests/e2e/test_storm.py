"""Many calls at once, every event of theirs delivered twice at the same moment."""

import asyncio
from collections import Counter
from collections.abc import Mapping
from typing import Any

import pytest
import pytest_asyncio

from tests.e2e.world import World

pytestmark = pytest.mark.asyncio(loop_scope="module")

CALLS = 20


@pytest.fixture(scope="module")
def times() -> Mapping[str, float]:
    """Give a busy machine the time that the app really has: no claim expires meanwhile."""
    return {"answer_lease": 30}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def rings(world: World) -> list[str]:
    """Ring twenty times within one second; whatever the app is told, it is told twice at once."""
    await world.acs("POST", "faults", {"on": "callback", "do": "together", "times": None})
    twice = {"on": "upstream", "do": "deliverTwice", "value": "together", "times": None}
    await world.web_pubsub("POST", "faults", twice)
    rung = await asyncio.gather(
        *(world.ring(script=_script(number), deliveries=2) for number in range(CALLS))
    )
    await world.check_all(rung)
    return rung


async def test_every_event_came_twice(world: World, rings: list[str]) -> None:
    """Event Grid's, ACS's and Web PubSub's: what the tests below hold was under that load."""
    for ring in rings:
        call = await world.acs("GET", f"calls/{ring}")
        assert len(call["deliveries"]) >= 2
        assert all(each["attempts"] == 2 for each in await _events(world, ring))
        posted = Counter((each["type"], each["at"]) for each in call["callbacks"])
        assert set(posted.values()) == {2}


async def test_there_are_twenty_answers(world: World, rings: list[str]) -> None:
    """Each call was answered by one request: no second drive, no repetition."""
    asked = [(await world.acs("GET", f"calls/{ring}"))["requests"]["answer"] for ring in rings]

    assert asked == [1] * CALLS
    assert [(await world.row(ring))["Drives"] for ring in rings] == [1] * CALLS


async def test_there_are_twenty_complete_transcripts(world: World, rings: list[str]) -> None:
    """Every word of every call is stored, in order, once, in its own call."""
    for number, ring in enumerate(rings):
        await world.check(ring)
        assert await world.stored(ring) == [line["text"] for line in _script(number)["lines"]]


async def test_there_are_twenty_reports_that_add_up(world: World, rings: list[str]) -> None:
    """Each report counts each frame once, and nothing is missing."""
    for ring in rings:
        row = await world.check(ring)
        assert row["Frames"] == len(await _frames(world, ring))
        assert (row["Metadata"], row["Finals"]) == (1, 4)
        assert (row["Duplicates"], row["SuspectedMissing"], row["Quarantined"]) == (0, 0, 0)
        assert row["SecondsWithoutStream"] == 0


async def _events(world: World, ring: str) -> list[dict[str, Any]]:
    (connection,) = await world.connections(ring)
    return list(connection["events"])


async def _frames(world: World, ring: str) -> list[dict[str, Any]]:
    return [event for event in await _events(world, ring) if ".user." in event["type"]]


def _script(number: int) -> dict[str, Any]:
    """Return a dialogue of which no other call has a line."""
    lines = (
        "Good morning, this is desk {number}.",
        "I would like to speak about contract {number}.",
        "Contract {number}, one moment please.",
        "Thank you, I will wait.",
    )
    return {
        "participants": [{}, {}],
        "lines": [
            {"speaker": turn % 2, "at": 0.5 + 3 * turn, "text": line.format(number=number)}
            for turn, line in enumerate(lines)
        ],
    }
