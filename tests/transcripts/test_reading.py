"""Calls and transcripts are shown as the rows tell them."""

import json
from typing import Any

import pytest

from callscribe.calls.call import Report
from callscribe.foundation.errors import BadInputError, NotFoundError
from callscribe.stream.upstream import Kind
from tests.fakes.wire import speech
from tests.fakes.world import CALL_ID, World, outcome


async def test_shows_a_call_with_its_report_and_its_timeline(world: World) -> None:
    world.given(report=Report(finals=3))
    await world.transcripts.put(CALL_ID, "e-1", {"Type": "CallConnected", "Code": 200})
    await world.transcripts.put(CALL_ID, "c-1", {"Seen": 3})
    await world.transcripts.put(CALL_ID, "g-1", {"Seconds": 2.5})
    await world.transcripts.put(CALL_ID, "s-1", {"Text": "not here"})
    shown: Any = await world.reading.show_call(CALL_ID)
    assert (shown["callId"], shown["state"], shown["report"]["finals"]) == (CALL_ID, "connected", 3)
    assert shown["timeline"] == [{"type": "CallConnected", "code": 200}]
    assert (shown["connections"], shown["gaps"]) == ([{"seen": 3}], [{"seconds": 2.5}])
    assert "claimId" not in shown


async def test_a_call_without_a_report_has_none(world: World) -> None:
    world.given()
    assert "report" not in await world.reading.show_call(CALL_ID)


async def spoken(world: World) -> None:
    world.given()
    state = await world.receive(world.upstream(Kind.CONNECT, 0))
    await world.receive(world.upstream(Kind.MESSAGE, 2, speech("hé <b>"), state))


async def test_a_transcript_comes_in_the_format_of_its_parameter(world: World) -> None:
    await spoken(world)
    document = await world.reading.transcript(CALL_ID, {"format": "text"}, "application/json")
    assert document.content_type == "text/plain; charset=utf-8"
    assert document.body.decode().endswith("] caller: hé <b>\n")


async def test_a_transcript_is_json_unless_asked(world: World) -> None:
    await spoken(world)
    document = await world.reading.transcript(CALL_ID, {})
    assert document.content_type == "application/json"
    shown = json.loads(document.body)
    assert (shown["callId"], shown["state"]) == (CALL_ID, "connected")
    [segment] = shown["segments"]
    assert (segment["text"], segment["speaker"]) == ("hé <b>", "caller")


async def test_what_is_asked_wrongly_is_refused_before_anything_is_read(world: World) -> None:
    world.given()
    failure = await outcome(world.reading.transcript(CALL_ID, {"format": "pdf"}))
    assert isinstance(failure, BadInputError)
    assert world.calls.log == world.transcripts.log == []


async def test_hands_out_an_address_to_watch_for_an_hour(world: World) -> None:
    world.given()
    shown = await world.reading.viewer(CALL_ID)
    assert shown["expiresInMinutes"] == 60
    assert f"{CALL_ID}-60" in str(shown["url"])


@pytest.mark.parametrize("call_id", [CALL_ID, "nonsense", "' or PartitionKey ne '", "../x", ""])
async def test_an_unknown_call_is_not_found(world: World, call_id: str) -> None:
    for work in (
        world.reading.show_call(call_id),
        world.reading.transcript(call_id, {}),
        world.reading.viewer(call_id),
    ):
        assert isinstance(await outcome(work), NotFoundError)
    assert world.calls.log == [("read", CALL_ID)] * (3 if call_id == CALL_ID else 0)
    assert world.transcripts.log == world.feed.log == []
