"""The stream is cut in mid-call, with every setting of what the service may do about it.

What is said while there is no stream is said before another one can open.
"""

import asyncio
import itertools
from typing import Any

import pytest
import pytest_asyncio

from tests.e2e.world import Nudge, World

pytestmark = pytest.mark.asyncio(loop_scope="module")

RETURNS = [
    {"reconnect": 0.6, "subscription": subscription, "cutOffsets": offsets, "replay": replay}
    for subscription, offsets, replay in itertools.product(
        ("new", "kept"), ("restart", "continue"), (False, True)
    )
]
CLOCKED = [{**RETURNS[0], "offsets": "clock", "replay": replay} for replay in (False, True)]
TAKEN_UP = [*RETURNS, *CLOCKED]
GIVEN_UP: dict[str, Any] = {"reconnect": None}
CUTS = [*TAKEN_UP, GIVEN_UP]
UNHEARD, HEARD = "Does anybody hear this?", "There you are again."
OPENING: dict[str, Any] = {
    "participants": [{}, {}],
    "lines": [
        {"speaker": 1, "at": 0.2, "text": "Hello, how can I help?"},
        {"speaker": 0, "at": 2.2, "text": "Is the shop open today?"},
    ],
}


def _name(cut: dict[str, Any]) -> str:
    return "-".join(f"{name}={value}" for name, value in cut.items())


async def _talking(world: World, **options: Any) -> str:
    """Ring, and wait until the first two sentences are stored; the call stays up."""
    ring = await world.ring(script=OPENING, stay=True, **options)
    await world.acknowledged(ring, 2)
    return ring


async def _cut_and_taken_up(world: World) -> list[str]:
    """Play calls side by side, and cut each after its second final; the service comes back."""
    rung = await asyncio.gather(*(_talking(world, **cut) for cut in TAKEN_UP))
    async with world.no_stream_opens():
        await asyncio.gather(*(world.cut(ring, UNHEARD) for ring in rung))
    return rung


async def _cut_and_given_up(world: World) -> str:
    """Cut a call that the service gives up: the app cannot start again before it may run on."""
    ring = await _talking(world, **GIVEN_UP)
    world.stack.functions.freeze()
    try:
        await world.acs("POST", f"calls/{ring}/drop-stream", {})
        await world.say(ring, UNHEARD)
        await world.was_said(ring, UNHEARD)
    finally:
        world.stack.functions.thaw()
    return ring


async def _go_on(world: World, ring: str, nudge: Nudge | None = None) -> None:
    """Say something once the second stream is open, and hang up."""
    await world.streaming(ring, 2, nudge)
    await world.say(ring, HEARD)
    await world.heard(ring, HEARD)
    await world.hang_up(ring)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def rings(world: World) -> dict[str, str]:
    """Return the calls by how they were cut."""
    taken_up = await _cut_and_taken_up(world)
    await asyncio.gather(*(_go_on(world, ring) for ring in taken_up))
    given_up = await _cut_and_given_up(world)
    # Should the callback that tells of the cut have found the app asleep for too long.
    await _go_on(world, given_up, nudge=lambda: world.fire("reconcile"))
    return {_name(cut): ring for cut, ring in zip(CUTS, [*taken_up, given_up], strict=True)}


@pytest.mark.parametrize("cut", CUTS, ids=_name)
async def test_a_cut_stream(world: World, rings: dict[str, str], cut: dict[str, Any]) -> None:
    """Rows are the acknowledged finals in order, once; the cut is a gap in the report."""
    ring = rings[_name(cut)]

    row = await world.check(ring)

    assert len(await world.connections(ring)) == 2
    assert row["SecondsWithoutStream"] > 0
    assert row["Metadata"] == 2
    assert row["Duplicates"] == int(bool(cut.get("replay")))
    assert HEARD in await world.stored(ring)
    assert UNHEARD not in await world.stored(ring)


async def test_a_given_up_stream_is_started_again(world: World, rings: dict[str, str]) -> None:
    """Where the service does not come back by itself, transcription is started once more."""
    call = await world.acs("GET", f"calls/{rings[_name(GIVEN_UP)]}")

    assert call["requests"]["startTranscription"] >= 1


async def test_web_pubsub_closes_the_stream(world: World) -> None:
    """Web PubSub itself closes the connection (a reload); words go on with the next one."""
    ring = await _talking(world, reconnect=0.5)
    (connection,) = await world.connections(ring)
    closing = {"code": 1001, "reason": "ServiceReload"}
    await world.web_pubsub("POST", f"connections/{connection['id']}/close", closing)
    await world.streaming(ring, 2)
    await world.hang_up(ring)

    await world.check(ring)

    (gap,) = await world.gaps(ring)
    assert "ServiceReload" in gap["Why"]


async def test_a_lost_end_of_transcription_is_noticed(world: World) -> None:
    """The callback that says that the stream was given up is lost: reconcile asks, and restarts."""
    lost = {"on": "TranscriptionFailed", "do": "drop"}
    ring = await _talking(world, reconnect=None)
    await world.acs("POST", "faults", lost)
    await world.acs("POST", f"calls/{ring}/drop-stream", {})
    await world.streaming(ring, 2, nudge=lambda: world.fire("reconcile"))
    await world.hang_up(ring)
    await world.check(ring)
