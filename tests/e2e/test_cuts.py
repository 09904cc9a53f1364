"""The stream is cut in mid-call, with every setting of what the service may do about it."""

import asyncio
import itertools
from typing import Any

import pytest
import pytest_asyncio

from tests.e2e.world import World, eventually

pytestmark = pytest.mark.asyncio(loop_scope="module")

RETURNS = [
    {"reconnect": 0.6, "subscription": subscription, "cutOffsets": offsets, "replay": replay}
    for subscription, offsets, replay in itertools.product(
        ("new", "kept"), ("restart", "continue"), (False, True)
    )
]
CLOCKED = [{**RETURNS[0], "offsets": "clock", "replay": replay} for replay in (False, True)]
GIVEN_UP: list[dict[str, Any]] = [{"reconnect": None}]
CUTS = [*RETURNS, *CLOCKED, *GIVEN_UP]
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


async def _cut_call(world: World, cut: dict[str, Any]) -> str:
    """Cut the stream, say something meanwhile, and something once the next one is open."""
    ring = await _talking(world, **cut)
    await world.acs("POST", f"calls/{ring}/drop-stream", {})
    await world.say(ring, "Does anybody hear this?")
    await _streaming_again(world, ring)
    await world.say(ring, "There you are again.")
    await world.heard(ring, "There you are again.")
    await world.hang_up(ring)
    return ring


async def _streaming_again(world: World, ring: str) -> None:
    """Wait until the second stream has had its first frame."""

    async def streaming() -> None:
        connections = await world.connections(ring)
        assert len(connections) == 2
        assert connections[-1]["events"][-1]["status"] == 204

    await eventually(streaming)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def rings(world: World) -> dict[str, str]:
    """Play all calls side by side and cut each of them after its second final."""
    rung = await asyncio.gather(*(_cut_call(world, cut) for cut in CUTS))
    return {_name(cut): ring for cut, ring in zip(CUTS, rung, strict=True)}


@pytest.mark.parametrize("cut", CUTS, ids=_name)
async def test_a_cut_stream(world: World, rings: dict[str, str], cut: dict[str, Any]) -> None:
    """Rows are the acknowledged finals in order, once; the cut is a gap in the report."""
    ring = rings[_name(cut)]

    row = await world.check(ring)

    assert len(await world.connections(ring)) == 2
    assert row["SecondsWithoutStream"] > 0
    assert row["Metadata"] == 2
    assert row["Duplicates"] == int(bool(cut.get("replay")))
    assert "There you are again." in await world.stored(ring)
    assert "Does anybody hear this?" not in await world.stored(ring)


async def test_a_given_up_stream_is_started_again(world: World, rings: dict[str, str]) -> None:
    """Where the service does not come back by itself, transcription is started once more."""
    row = await world.row(rings[_name(GIVEN_UP[0])])

    assert 2 <= row["TranscriptionAttempts"] <= 5


async def test_web_pubsub_closes_the_stream(world: World) -> None:
    """Web PubSub itself closes the connection (a reload); words go on with the next one."""
    ring = await _talking(world, reconnect=0.5)
    (connection,) = await world.connections(ring)
    closing = {"code": 1001, "reason": "ServiceReload"}
    await world.web_pubsub("POST", f"connections/{connection['id']}/close", closing)
    await _streaming_again(world, ring)
    await world.hang_up(ring)

    await world.check(ring)

    (gap,) = await world.rows(ring, "g")
    assert "ServiceReload" in gap["Why"]


async def test_a_lost_end_of_transcription_is_noticed(world: World) -> None:
    """The callback that says that the stream was given up is lost: reconcile asks, and restarts."""
    lost = {"on": "TranscriptionFailed", "do": "drop"}
    ring = await _talking(world, reconnect=None)
    await world.acs("POST", "faults", lost)
    await world.acs("POST", f"calls/{ring}/drop-stream", {})

    async def restarted() -> None:
        await world.fire("reconcile")
        assert len(await world.connections(ring)) == 2

    await eventually(restarted)
    await world.hang_up(ring)
    await world.check(ring)
