"""ACS's own callbacks are lost: reconcile asks, and the report is true all the same."""

import pytest

from tests.e2e.world import World, eventually

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.mark.parametrize("event", ["CallConnected", "TranscriptionStarted", "CallDisconnected"])
async def test_a_lost_callback(world: World, event: str) -> None:
    """The call ends with all its words and no time without a stream that did not go by."""
    await world.acs("POST", "faults", {"on": event, "do": "drop"})
    ring = await world.ring(script="short", speed=4)
    await world.over(ring)
    await world.stream_closed(ring)  # a call that is found to be over ended with its stream

    async def reported() -> None:
        await world.fire("reconcile")
        await world.check(ring, within=0)

    await eventually(reported)
    assert await world.gaps(ring) == []
    assert len(await world.stored(ring)) == 5


async def test_a_call_of_which_only_its_stream_tells(world: World) -> None:
    """No reply to the answer and no callback ever comes: it is followed all the same."""
    for lost in ({"on": "answer", "do": "loseReply"}, {"on": "callback", "do": "drop"}):
        await world.acs("POST", "faults", lost | {"times": None})
    ring = await world.ring(script="short", stay=True)

    async def followed() -> None:
        await world.fire("reconcile")
        row = await world.row(ring)
        assert (row["State"], row["Transcription"]) == ("connected", "active")

    async def reported() -> None:
        await world.fire("reconcile")
        await world.check(ring, within=0)

    try:
        await eventually(followed)
        await world.acknowledged(ring, 5)
        await world.hang_up(ring)
        await eventually(reported)
    finally:
        await world.acs("DELETE", "faults")
    assert len(await world.stored(ring)) == 5


async def test_a_missed_call(world: World) -> None:
    """A call that cannot be answered is missed, which is no other call's trouble."""
    await world.acs("POST", "faults", {"on": "answer", "status": 404})

    missed = await world.ring(script="short")

    async def refused() -> None:
        assert (await world.acs("GET", f"calls/{missed}"))["requests"].get("answer")

    await eventually(refused)
    row = await world.check(await world.ring(script="short"))

    assert row["State"] == "ended"
    assert (await world.row(missed))["State"] == "missed"
