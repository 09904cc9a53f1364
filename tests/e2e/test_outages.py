"""Storage or the app goes away in mid-call: nothing acknowledged is lost, the rest reported.

The calls stay up until they are hung up, so that nothing here depends on how fast the machine is.
"""

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from tests.e2e.world import World, eventually

pytestmark = pytest.mark.asyncio(loop_scope="module")

OUTAGE_SECONDS = 4
OPENING: dict[str, Any] = {
    "participants": [{}, {}],
    "lines": [
        {"speaker": 1, "at": 0.2, "text": "Hello, how can I help?"},
        {"speaker": 0, "at": 2.2, "text": "One moment, please."},
    ],
}


@pytest.fixture(scope="module")
def times() -> Mapping[str, float]:
    """Have another delivery take over soon from a worker that died."""
    return {"answer_lease": 4}


async def _talking(world: World, **options: Any) -> str:
    """Ring, and wait until the first two sentences are stored."""
    ring = await world.ring(script=OPENING, stay=True, **options)
    await world.acknowledged(ring, 2)
    return ring


@pytest.mark.parametrize("trouble", ["stops", "hangs"])
async def test_storage_goes_away(world: World, trouble: str) -> None:
    """Azurite is stopped or frozen for 4 s while people talk: the stream waits, no word is lost."""
    azurite = world.stack.azurite
    ring = await _talking(world)

    await azurite.stop() if trouble == "stops" else azurite.freeze()
    for number in range(3):
        await world.say(ring, f"Sentence {number} of the outage.")
    await asyncio.sleep(OUTAGE_SECONDS)
    await azurite.start() if trouble == "stops" else azurite.thaw()
    await world.acknowledged(ring, 5)
    await world.hang_up(ring)
    row = await world.check(ring)

    assert len(await world.stored(ring)) == 5
    assert row["SuspectedMissing"] == 0
    assert await world.gaps(ring) == []


@pytest.mark.parametrize("reconnect", [0.5, None], ids=["comes back", "given up"])
@pytest.mark.parametrize("retries", [False, True], ids=["no upstream retries", "upstream retries"])
async def test_the_app_is_killed(world: World, *, retries: bool, reconnect: float | None) -> None:
    """The functions process dies (SIGKILL) while people talk, and is started again."""
    await world.retry_upstream(on=retries)
    ring = await _talking(world, reconnect=reconnect)

    world.stack.functions.kill()
    await world.say(ring, "Does anybody hear this?")
    await world.said(ring, 3)
    await world.stack.functions.start()
    # A callback that came in vain is not repeated: the app has to ask.
    await world.streaming(ring, nudge=lambda: world.fire("reconcile"))
    await world.say(ring, "There you are again.")
    await world.heard(ring, "There you are again.")
    await world.hang_up(ring)
    row = await world.check(ring)

    stored = await world.stored(ring)
    assert stored[-1] == "There you are again."
    heard = "Does anybody hear this?" in stored
    assert heard or row["SecondsWithoutStream"] > 0 or row["SuspectedMissing"] > 0


async def test_the_app_is_killed_between_claim_and_answer(world: World) -> None:
    """The worker that claimed the call dies before the answer: another takes over, and answers."""
    unanswerable = {"on": "answer", "status": 503, "times": None}
    await world.acs("POST", "faults", unanswerable)
    ring = await world.ring(script="short")

    async def claimed() -> None:
        assert (await world.row(ring))["State"] == "answering"

    await eventually(claimed)
    world.stack.functions.kill()
    await world.acs("DELETE", "faults")
    await world.stack.functions.start()
    row = await world.check(ring)

    assert row["Drives"] >= 2
    assert len(await world.stored(ring)) == 5
