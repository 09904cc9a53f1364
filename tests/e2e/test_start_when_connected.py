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

    row = await world.check(ring)

    assert row["TranscriptionAttempts"] == 1
    assert len(await world.stored(ring)) == 5


async def test_a_refused_start_is_tried_again(world: World) -> None:
    """ACS cannot start transcription at first: it is started again a little later."""
    await world.acs("POST", "faults", {"on": "startTranscription", "status": 503})
    ring = await world.ring(script="support-call", speed=4)

    row = await world.check(ring)

    assert row["TranscriptionAttempts"] == 2
    assert await world.stored(ring)


async def test_a_start_that_cannot_work_is_given_up(world: World) -> None:
    """A result that only a person can mend ends transcription, with the reason and the remedy."""
    result = {"code": 403, "subCode": 8565, "message": "Action failed due to a forbidden request."}
    await world.acs("POST", "faults", {"on": "TranscriptionStarted", "result": result})
    ring = await world.ring(script="short", speed=4, waitForStream=0)

    row = await world.check(ring)

    assert row["Transcription"] == "failed"
    assert (row["ReasonCode"], row["ReasonSubCode"]) == (403, 8565)
    assert row["Remedy"]
    assert await world.stored(ring) == []


async def test_starts_that_keep_failing_end(world: World) -> None:
    """What may pass is tried a bounded number of times: never a start-stop loop."""
    result = {"code": 500, "subCode": 8578, "message": "Action failed, not able to connect."}
    fault = {"on": "TranscriptionStarted", "result": result, "times": None}
    await world.acs("POST", "faults", fault)
    ring = await world.ring(script="short", stay=True)

    async def given_up() -> None:
        assert (await world.row(ring))["Transcription"] == "failed"

    try:
        await eventually(given_up)
    finally:
        await world.acs("DELETE", "faults")
    await world.hang_up(ring)
    row = await world.check(ring)

    assert row["TranscriptionAttempts"] == 5
    assert row["ReasonSubCode"] == 8578
