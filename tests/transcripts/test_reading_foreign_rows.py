"""Columns and rows that another hand wrote break neither a transcript nor a call's timeline."""

import json
from copy import replace
from typing import Any

import pytest

from callscribe.calls.call import State
from callscribe.foundation.columns import Columns, Value
from callscribe.foundation.errors import CallscribeError, StorageUnavailableError
from callscribe.foundation.identifiers import new_call_id, participant_id
from callscribe.foundation.moments import Ms
from callscribe.transcripts.rendering.documents import FORMATS
from tests.fakes.clock import START
from tests.fakes.world import CALL_ID, CALLER, LOST, World
from tests.transcripts.lists import given_calls

COLUMNS = ("SpeakerId", "StartTime", "EndTime", "DurationMs", "Confidence", "Locale", "Words")
SPOILT: tuple[Value, ...] = ("odd", "", -1, 2**63 - 1, 1.5, float("nan"), b"\xff", True)
SAID: Columns = {"Text": "Hello", "StartTime": "2026-11-22T18:54:03.123Z"}


@pytest.mark.parametrize("format_", FORMATS)
async def test_a_transcript_has_whatever_can_be_read(world: World, format_: str) -> None:
    world.given()
    for number, value in enumerate(SPOILT):
        row = SAID | dict.fromkeys(COLUMNS, value)
        await world.transcripts.put(CALL_ID, f"s-{number}", row)
    document = await world.reading.transcript(CALL_ID, {"format": format_})
    assert document.body.count(b"Hello") == len(SPOILT)


async def test_a_call_is_shown_with_whatever_json_can_say(world: World) -> None:
    world.given()
    for kind in "cdefg":
        row: Columns = {"Type": "odd", "Seconds": float("inf"), "Note": b"x", "more": 1}
        await world.transcripts.put(CALL_ID, f"{kind}-1", row)
    shown: Any = json.loads(json.dumps(await world.reading.show_call(CALL_ID), allow_nan=False))
    expected = [{"type": "odd", "more": 1}]
    assert shown["timeline"] == shown["connections"] == shown["gaps"] == expected


async def test_a_persons_list_leaves_out_a_call_whose_row_cannot_be_read(world: World) -> None:
    ids = given_calls(world, START, START - 1)
    for call_id in ids:
        await world.calls.link(CALLER, world.calls.call(call_id))
    world.calls.fail("read", CallscribeError("a row of Calls does not say how a call stands"))
    listing: Any = await world.reading.list_calls({"participant": participant_id(CALLER)})
    assert [call["callId"] for call in listing["calls"]] == ids[1:]


async def test_a_persons_list_is_not_cut_short_by_an_outage(world: World) -> None:
    (call_id,) = given_calls(world, START)
    await world.calls.link(CALLER, world.calls.call(call_id))
    world.calls.fail("read", LOST)
    with pytest.raises(StorageUnavailableError):
        await world.reading.list_calls({"participant": participant_id(CALLER)})


async def test_a_call_whose_row_cannot_be_read_does_not_keep_from_the_others(world: World) -> None:
    """Its stream's row says not when it was opened, either."""
    world.given(state=State.ANSWERING, connection_id=None)
    await world.transcripts.put(CALL_ID, "c-1", {"CallConnectionId": "connection"})
    world.calls.put(replace(world.call, id=new_call_id(Ms(START + 1), "other")))
    world.calls.fail("read", CallscribeError("a row of Calls does not say how a call stands"))
    await world.watch.reconcile()
    await world.passing(15)
    await world.watch.reconcile()
    assert world.call.connection_id == "connection"
