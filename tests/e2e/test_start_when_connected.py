"""Transcription that starts once the call is connected, and a custom speech model on the way."""

from collections.abc import Mapping

import pytest

from tests.e2e.world import World, eventually

pytestmark = pytest.mark.asyncio(loop_scope="module")

MODEL = "0000a000-9999-5555-ae00-cd00e0bc0001"


@pytest.fixture(scope="module")
def overrides() -> Mapping[str, str]:
    """Start transcription by a request of its own."""
    return {"TRANSCRIPTION_START": "connected", "SPEECH_MODEL_ENDPOINT_ID": MODEL}


async def test_words_are_stored(world: World) -> None:
    """A call whose transcription starts late is complete from then on."""
    ring = await world.ring(script="short", speed=4)

    await world.check(ring)

    assert await _starts(world, ring) == 1
    assert len(await world.stored(ring)) == 5


async def test_a_refused_start_is_tried_again(world: World) -> None:
    """ACS cannot start transcription at first: it is started again a little later."""
    await world.acs("POST", "faults", {"on": "startTranscription", "status": 503})
    ring = await world.ring(script="short", stay=True)
    await world.streaming(ring)
    await world.acknowledged(ring, 1)
    await world.hang_up(ring)

    await world.check(ring)

    assert await _starts(world, ring) == 2


async def test_what_only_people_can_mend_is_said_and_not_tried_again_soon(world: World) -> None:
    """The call says what is wrong and what to do, while it is up and when it is over."""
    result = {"code": 403, "subCode": 8565, "message": "Action failed due to a forbidden request."}
    await world.acs("POST", "faults", {"on": "TranscriptionStarted", "result": result})
    ring = await world.ring(script="short", stay=True, waitForStream=0)

    async def said() -> None:
        row = await world.row(ring)
        assert row["Transcription"] == "failed"
        assert (row["TranscriptionCode"], row["TranscriptionSubCode"]) == (403, 8565)
        assert row["TranscriptionRemedy"]

    await eventually(said)
    await world.hang_up(ring)
    await world.check(ring)

    await said()
    assert await _starts(world, ring) == 1
    assert await world.stored(ring) == []


async def test_what_may_pass_is_tried_for_as_long_as_it_takes(world: World) -> None:
    """The start fails again and again, each time after a longer pause; then it works."""
    result = {"code": 500, "subCode": 8578, "message": "Action failed, not able to connect."}
    fault = {"on": "TranscriptionStarted", "result": result, "times": None}
    await world.acs("POST", "faults", fault)
    ring = await world.ring(script="short", stay=True, waitForStream=0)

    async def tried_again() -> None:
        assert await _starts(world, ring) >= 3
        assert (await world.row(ring))["TranscriptionSubCode"] == 8578

    try:
        await eventually(tried_again)
    finally:
        await world.acs("DELETE", "faults")
    await world.streaming(ring)
    await world.say(ring, "There you are again.")
    await world.acknowledged(ring, 1)
    await world.hang_up(ring)

    await world.check(ring)

    assert "There you are again." in await world.stored(ring)


async def _starts(world: World, ring: str) -> int:
    """Return how often ACS was asked to start the call's transcription."""
    requests: dict[str, int] = (await world.acs("GET", f"calls/{ring}"))["requests"]
    return requests.get("startTranscription", 0)
