"""Rows that another hand wrote or spoilt are read as far as they can be."""

from copy import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from azure.core.exceptions import ResourceNotFoundError

from callscribe.calls.call import Call, Direction, Report, State
from callscribe.calls.call_columns import call_columns, call_of
from callscribe.calls.ports import Active
from callscribe.foundation.columns import Columns
from callscribe.foundation.errors import CallscribeError
from callscribe.foundation.identifiers import call_keys, new_call_id
from callscribe.foundation.moments import day
from tests.fakes.clock import START
from tests.storage.storage import Storage

CALL = Call(new_call_id(START, "event"), Direction.INBOUND, State.ENDED, "4:+1", "4:+2", START)
SPOILT: Columns = {
    "TranscriptionAt": "yesterday",
    "AnsweredAt": 7,
    "EndedAt": b"2026",
    "Drives": "many",
    "ReasonCode": 1.5,
    "Frames": "some",
    "SecondsWithoutStream": "long",
}


def test_a_calls_columns_of_other_types_count_as_not_known() -> None:
    assert call_of(call_columns(CALL) | SPOILT) == replace(CALL, report=Report())


@pytest.mark.parametrize("seconds", [float("nan"), float("inf"), True])
def test_a_number_that_json_cannot_say_is_none(seconds: float) -> None:
    columns = call_columns(replace(CALL, report=Report())) | {"SecondsWithoutStream": seconds}
    report = call_of(columns).report
    assert report
    assert report.seconds_without_stream in (0.0, 1.0)


@pytest.mark.parametrize("name", ["Direction", "State", "Transcription"])
def test_a_row_that_does_not_say_how_a_call_stands_is_none(name: str) -> None:
    with pytest.raises(CallscribeError, match="does not say"):
        call_of(call_columns(CALL) | {name: "odd"})


async def test_a_row_that_is_no_call_takes_no_place_in_a_list(storage: Storage) -> None:
    """A note that is merged into the row of a call which was erased makes such a row."""
    await storage.calls.create(CALL)
    today, key = call_keys(new_call_id(START + 1, "erased"))
    await storage.table("Calls").merge(today, key, {"Note": "called back"})
    assert await storage.calls.of_day(day(START), "", 1) == [CALL]


async def test_dates_and_guids_are_read_as_text(storage: Storage) -> None:
    moment, guid = datetime(2026, 11, 22, 18, 54, 3, tzinfo=UTC), UUID(int=1)
    row: dict[str, Any] = {"PartitionKey": "p", "RowKey": "r", "At": moment, "Id": guid}
    client = storage.table_client("Rows")
    try:
        await client.upsert_entity(row)
    except ResourceNotFoundError:
        await client.create_table()
        await client.upsert_entity(row)
    found = await storage.table().read("p", "r")
    assert found
    assert found[0] == {"At": "2026-11-22 18:54:03+00:00", "Id": str(guid)}


async def test_an_active_call_that_says_not_when_it_was_checked_is_due(storage: Storage) -> None:
    await storage.calls.remember(CALL.id, START)
    await storage.table("Active").put("active", CALL.id, {"Note": "odd"})
    assert await storage.calls.active() == [Active(CALL.id, 0)]
