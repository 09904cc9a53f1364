"""Rows that another hand wrote or spoilt are read as far as they can be."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from azure.core.exceptions import ResourceNotFoundError

from callscribe.calls.call import Call, Direction, State
from callscribe.foundation.identifiers import call_keys, new_call_id
from callscribe.foundation.moments import Ms, day
from callscribe.storage.active import active_keys
from tests.fakes.clock import START
from tests.fakes.wishes import ON
from tests.storage.storage import Storage

CALL = Call(new_call_id(START, "event"), Direction.INBOUND, State.ENDED, "4:+1", "4:+2", START, ON)


async def test_a_row_that_is_no_call_takes_no_place_in_a_list(storage: Storage) -> None:
    """A note that is merged into the row of a call which was erased makes such a row."""
    await storage.calls.create(CALL, START)
    today, key = call_keys(new_call_id(Ms(START + 1), "erased"))
    await storage.table("Calls").merge(today, key, {"Note": "called back"})
    assert await storage.calls.of_day(day(START), None, 1) == [CALL]


async def test_a_persons_call_is_read_from_the_rows_key(storage: Storage) -> None:
    """The column may be lost or spoilt, and a row may be of no call at all."""
    earlier = new_call_id(Ms(START - 1), "earlier")
    people = storage.table("Participants")
    await people.put("person", call_keys(CALL.id)[1], {"Note": "called back"})
    await people.put("person", call_keys(earlier)[1], {"CallId": "odd"})
    await people.put("person", "0 a note", {"CallId": CALL.id})
    everything = [CALL.id, earlier]
    assert await storage.calls.of_person("person", None, "~", 10) == everything
    assert await storage.calls.of_person("person", None, "~", 1) == everything[:1]


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


async def test_an_active_call_that_does_not_say_when_it_is_due_is_due(storage: Storage) -> None:
    await storage.table("Active").put(*active_keys(CALL.id), {"Note": "odd"})
    [found] = await storage.calls.due(START, 10)
    assert (found.call_id, found.next_at, found.connection_id) == (CALL.id, 0, None)
