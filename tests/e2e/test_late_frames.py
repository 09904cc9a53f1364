"""What comes after the end of a call is stored and reported; what never comes is not made up."""

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any

import aiohttp
import pytest
from azure.core.credentials import AzureKeyCredential
from azure.messaging.webpubsubservice.aio import WebPubSubServiceClient

from tests.e2e.evidence import taken
from tests.e2e.world import World, eventually

pytestmark = pytest.mark.asyncio(loop_scope="module")

LOST_END: dict[str, Any] = {"on": "upstream", "event": "disconnected", "do": "status", "value": 500}
LATE_FRAMES = (
    {"kind": "TranscriptionMetadata", "transcriptionMetadata": {"locale": "en-US"}},
    {
        "kind": "TranscriptionData",
        "transcriptionData": {
            "text": "One more thing.",
            "format": "display",
            "confidence": 0.9,
            "offset": 0,
            "duration": 9600000,
            "words": [],
            "participantRawID": "4:+14255550123",
            "resultStatus": "Final",
        },
    },
)


@pytest.fixture(scope="module")
def overrides() -> Mapping[str, str]:
    """Have the last report come half a minute after the end: late frames come before it."""
    return {"FINISH_DELAY_SECONDS": "3"}


async def test_a_frame_on_its_way_when_the_call_ends(world: World) -> None:
    """The last words reach the app after the call is over; the last report counts them."""
    ring = await world.ring(script="short", stay=True)
    await world.acknowledged(ring, 5)
    # Without an end of the stream nothing but the end of the call asks for a report.
    await world.web_pubsub("POST", "faults", LOST_END)
    world.stack.web_pubsub.freeze()
    try:
        await world.say(ring, "Goodbye!")
        await world.said(ring, 6)
        await world.hang_up(ring)
        await _ended(world, ring)
    finally:
        world.stack.web_pubsub.thaw()

    row = await world.check(ring)

    *_, last = await world.rows(ring, "s")
    assert last["Text"] == "Goodbye!"
    assert last["ReceivedAt"] > row["EndedAt"]
    (connection,) = await world.connections(ring)
    assert connection["events"][-1]["status"] == 500
    assert (row["Finals"], row["SuspectedMissing"]) == (6, 0)
    # Nobody told that the stream's end was a good one: what came behind the last word is lost.
    gaps = await world.rows(ring, "g")
    assert all(gap["Why"] == "the stream's end was never reported" for gap in gaps)


async def _ended(world: World, ring: str) -> None:
    """Wait until the app knows that the call is over."""

    async def ended() -> None:
        assert (await world.row(ring))["State"] == "ended"

    await eventually(ended)


async def test_a_stream_that_opens_after_the_first_report(world: World) -> None:
    """Frames of an ended call are stored; the second report counts them, the end stays the end."""
    ring = await world.ring(script="short")
    before = await world.check(ring)
    assert before["Finals"] == 5

    async with aiohttp.ClientSession() as http, await _late_stream(world, http, ring) as stream:
        for frame in LATE_FRAMES:
            await stream.send_json(frame)
        world.said_besides(ring, "One more thing.", stream=2, frame=1)

        async def reported_again() -> dict[str, Any]:
            row = await world.row(ring)
            assert (row["Finals"], row["Metadata"]) == (6, 2)
            return row

        # The stream stays open: its end would ask for a report of its own.
        row = await eventually(reported_again)

    assert (await world.stored(ring))[-1] == "One more thing."
    assert row["FinishedAt"] > before["FinishedAt"]
    assert (row["State"], row["EndedAt"]) == ("ended", before["EndedAt"])
    assert await world.gaps(ring) == []
    await world.check(ring)


async def test_the_end_of_the_stream_is_lost(world: World) -> None:
    """Without `disconnected` the stream ends at its last row, and no word is missing for that."""
    await world.web_pubsub("POST", "faults", LOST_END)
    ring = await world.ring(script="short")

    row = await world.check(ring)

    assert len(await world.stored(ring)) == 5
    assert row["SuspectedMissing"] == 0


async def test_the_end_of_a_stream_that_is_cut_is_lost(world: World) -> None:
    """The gap begins with the last row then, and holds what was not heard."""
    await world.web_pubsub("POST", "faults", LOST_END)
    ring = await world.ring(script="short", stay=True, reconnect=0.5)
    await world.acknowledged(ring, 5)
    async with world.no_stream_opens():
        await world.cut(ring, "Does anybody hear this?")
    await world.streaming(ring, 2)
    await world.hang_up(ring)

    row = await world.check(ring)

    first, _ = await world.connections(ring)
    assert not taken(first["events"][-1])
    assert row["SecondsWithoutStream"] >= 0.5


async def test_both_ends_are_lost(world: World) -> None:
    """Neither `disconnected` nor CallDisconnected comes: asking ACS ends the call, truly."""
    await world.web_pubsub("POST", "faults", LOST_END)
    await world.acs("POST", "faults", {"on": "CallDisconnected", "do": "drop"})
    ring = await world.ring(script="short")
    await world.over(ring)

    async def reported() -> None:
        await world.fire("reconcile")
        await world.check(ring, within=0)

    await eventually(reported)
    assert len(await world.stored(ring)) == 5


async def _late_stream(
    world: World, http: aiohttp.ClientSession, ring: str
) -> AbstractAsyncContextManager[aiohttp.ClientWebSocketResponse]:
    """Dial the call's stream as ACS does, with a token as the app's own."""
    settings = world.stack.settings
    key = AzureKeyCredential(settings["WEBPUBSUB_ACCESS_KEY"])
    async with WebPubSubServiceClient(settings["WEBPUBSUB_ENDPOINT"], "stream", key) as hub:
        access = await hub.get_client_access_token(user_id=await world.call_id(ring))
    return http.ws_connect(access["url"])
