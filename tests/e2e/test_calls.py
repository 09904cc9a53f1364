"""Whole calls through real sockets, without trouble and with messages that come more than once.

By either door for the stream: all is the same.
"""

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio

from callscribe.foundation.identifiers import participant_id
from tests.e2e.evidence import Json, messages
from tests.e2e.world import World, eventually

pytestmark = pytest.mark.asyncio(loop_scope="module")

SHORT = [
    "Hello, how can I help?",
    "Is the shop open today?",
    "Yes, until six o'clock.",
    "Great, see you later.",
    "See you!",
]


Rings = dict[str, str]


REFUSED = {"WEBPUBSUB_STREAM_ADMISSION": "ticket", "WEBPUBSUB_FOREIGN_AUTHORIZATION": "refused"}
DOORS: dict[str, Mapping[str, str]] = {
    "token": {},
    "ticket, header refused": REFUSED,
    "ticket, header forwarded": REFUSED | {"WEBPUBSUB_FORWARD_AUTHORIZATION": "true"},
}


@pytest.fixture(scope="module", params=DOORS)
def overrides(request: pytest.FixtureRequest) -> Mapping[str, str]:
    """Let streams in by one of the two doors, as Web PubSub may treat the header of ACS's."""
    return DOORS[request.param]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def rings(world: World) -> Rings:
    """Ring all calls that nothing disturbs at once, and wait until they are over."""
    wanted: dict[str, dict[str, Any]] = {
        "stream": {"offsets": "stream"},
        "clock": {"offsets": "clock"},
        "thrice": {"deliveries": 3},
        "named": {"callerDisplayName": "Ada"},
        **{f"other {number}": {} for number in range(8)},
    }
    rung = await asyncio.gather(*(world.ring(script="short", **each) for each in wanted.values()))
    await world.check_all(rung)
    return dict(zip(wanted, rung, strict=True))


async def test_calls_become_rows(world: World, rings: Rings) -> None:
    """Twelve ringing calls at once end as their finals in Table Storage, with clean reports."""
    for ring in rings.values():
        row = await world.check(ring)
        assert await world.stored(ring) == SHORT
        assert (row["Finals"], row["Duplicates"], row["SuspectedMissing"]) == (5, 0, 0)
        assert await world.gaps(ring) == []


@pytest.mark.parametrize("offsets", ["stream", "clock"])
async def test_times_are_those_of_the_words(world: World, rings: Rings, offsets: str) -> None:
    """Both offset scales give the moment when something was said, to a second.

    A stream's own scale begins with its first frame: what that one is late, all times are late.
    """
    ring = rings[offsets]
    spoken = await world.spoken(ring)
    (stream,) = await world.connections(ring)
    late = _late(stream) if offsets == "stream" else timedelta()
    for final, segment in zip(spoken, await world.rows(ring, "s"), strict=True):
        start = datetime.fromisoformat(segment["StartTime"])
        assert timedelta(seconds=-1) < start - final.at < late + timedelta(seconds=1)


def _late(stream: Json) -> timedelta:
    """Return how long after its opening a stream's first frame came through, at most."""
    first = messages(stream)[0]["at"]
    return datetime.fromisoformat(first) - datetime.fromisoformat(stream["openedAt"])


async def test_what_proves_a_stream_is_noted(world: World, rings: Rings) -> None:
    """The connection's row names the proof; by ticket the call has hashes of its tickets."""
    settings = world.stack.settings
    by_ticket = settings.get("WEBPUBSUB_STREAM_ADMISSION") == "ticket"
    forwarded = settings.get("WEBPUBSUB_FORWARD_AUTHORIZATION") == "true"
    ring = rings["named"]
    proof = ("ticket" if by_ticket else "token") + ("+acs" if forwarded else "")
    assert [row["Proof"] for row in await world.rows(ring, "c")] == [proof]
    assert ("Tickets" in await world.row(ring)) is by_ticket


async def test_the_event_delivered_three_times_at_once(world: World, rings: Rings) -> None:
    """Three deliveries of one ring at the same moment: one drive, one answer."""
    call = await world.over(rings["thrice"])

    assert len(call["deliveries"]) >= 3
    assert (await world.row(rings["thrice"]))["Drives"] == 1
    callbacks = [posted["type"] for posted in call["callbacks"]]
    assert sum(each.endswith("CallConnected") for each in callbacks) == 1


async def test_the_call_can_be_read(world: World, rings: Rings) -> None:
    """The API lists the call, shows it with its timeline and report, and tells what was said."""
    call_id = await world.call_id(rings["named"])

    listed = await world.app("GET", "/api/calls")
    shown = await world.app("GET", f"/api/calls/{call_id}")
    transcript = await world.app("GET", f"/api/calls/{call_id}/transcript?format=json")

    assert call_id in [call["callId"] for call in listed["calls"]]
    assert shown["report"]["finals"] == 5
    types = [entry["type"] for entry in shown["timeline"]]
    assert types[0] == "IncomingCall"
    assert types[-1] == "CallDisconnected"
    assert [segment["text"] for segment in transcript["segments"]] == SHORT
    assert {segment["speaker"] for segment in transcript["segments"]} == {"Ada", "callee"}


@pytest.mark.parametrize("value", [None, "together"])
async def test_every_event_delivered_twice(world: World, value: str | None) -> None:
    """Each upstream event comes twice, one after the other or at the same moment: the same rows."""
    fault = {"on": "upstream", "do": "deliverTwice", "value": value, "times": None}
    await world.web_pubsub("POST", "faults", fault)
    try:
        ring = await world.ring(script="short")
        row = await world.check(ring)
    finally:
        await world.web_pubsub("DELETE", "faults")

    assert await world.stored(ring) == SHORT
    assert (row["Finals"], row["Duplicates"], row["SuspectedMissing"]) == (5, 0, 0)


async def test_a_skipped_event_is_suspected_missing(world: World) -> None:
    """An event id that never comes shows in the report."""
    fault = {"on": "upstream", "event": "message", "do": "skipId", "times": 2}
    await world.web_pubsub("POST", "faults", fault)

    row = await world.check(await world.ring(script="short"))

    assert row["SuspectedMissing"] == 2


async def test_a_failed_event_is_reported(world: World) -> None:
    """An event that fails hangs the stream up; what was lost then is reported."""
    ring = await world.ring(script="short", stay=True, reconnect=0.5)
    await world.acknowledged(ring, 5)
    fault = {"on": "upstream", "event": "message", "do": "status", "value": 500}
    await world.web_pubsub("POST", "faults", fault)
    await world.say(ring, "Does anybody hear this?")
    await world.streaming(ring, 2)
    await world.hang_up(ring)

    row = await world.check(ring)

    assert len(await world.connections(ring)) == 2
    assert row["State"] == "ended"


async def test_who_only_listens_can_be_found(world: World) -> None:
    """ACS names who is on the call, whether they speak or not."""
    listener = "4:+14255550188"
    script = {"participants": [{}, {}, {"rawId": listener}], "lines": []}
    ring = await world.ring(script=script, stay=True)
    await world.streaming(ring)
    call_id, person = await world.call_id(ring), participant_id(listener)

    async def found() -> None:
        calls = (await world.app("GET", f"/api/calls?participant={person}"))["calls"]
        assert [call["callId"] for call in calls] == [call_id]

    await eventually(found)
    await world.hang_up(ring)
    await world.check(ring)
