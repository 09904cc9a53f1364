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
GIVEN_UP: list[dict[str, Any]] = [{"reconnect": None, "script": "support-call", "speed": 3}]
CUTS = [*RETURNS, *CLOCKED, *GIVEN_UP]


def _name(cut: dict[str, Any]) -> str:
    return "-".join(f"{name}={value}" for name, value in cut.items())


async def _cut_call(world: World, cut: dict[str, Any]) -> str:
    ring = await world.ring(**{"script": "short", "speed": 2} | cut)
    await world.acknowledged(ring, 2)
    await world.acs("POST", f"calls/{ring}/drop-stream", {})
    return ring


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
    assert len(await world.stored(ring)) >= 3


async def test_a_given_up_stream_is_started_again(world: World, rings: dict[str, str]) -> None:
    """Where the service does not come back by itself, transcription is started once more."""
    row = await world.row(rings[_name(GIVEN_UP[0])])

    assert row["TranscriptionAttempts"] == 2


async def test_web_pubsub_closes_the_stream(world: World) -> None:
    """Web PubSub itself closes the connection (a reload); words go on with the next one."""
    ring = await world.ring(script="short", speed=2, reconnect=0.5)
    await world.acknowledged(ring, 2)
    (connection,) = await world.connections(ring)
    closing = {"code": 1001, "reason": "ServiceReload"}
    await world.web_pubsub("POST", f"connections/{connection['id']}/close", closing)

    await world.check(ring)

    assert len(await world.connections(ring)) == 2


async def test_a_lost_end_of_transcription_is_noticed(world: World) -> None:
    """The callback that says that the stream was given up is lost: reconcile asks, and restarts."""
    lost = {"on": "TranscriptionFailed", "do": "drop"}
    ring = await world.ring(script="support-call", speed=4, reconnect=None)
    await world.acknowledged(ring, 2)
    await world.acs("POST", "faults", lost)
    await world.acs("POST", f"calls/{ring}/drop-stream", {})

    async def restarted() -> None:
        await world.fire("reconcile")
        assert len(await world.connections(ring)) == 2

    await eventually(restarted)
    await world.check(ring)
