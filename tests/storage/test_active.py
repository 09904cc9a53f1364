"""The list of active calls costs few requests, however many calls are on it."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from azure.data.tables.aio import TableClient

from callscribe.calls.call import State
from callscribe.calls.ports import Active
from callscribe.foundation.errors import ConflictError, StorageUnavailableError
from callscribe.foundation.identifiers import new_call_id
from callscribe.foundation.moments import Ms, Seconds, later
from callscribe.storage.active import PARTITIONS, active_columns, active_keys
from tests.calls.full import FULL
from tests.fakes.clock import START
from tests.storage.proxy import Order, Proxy, lost
from tests.storage.storage import Storage

CALL = replace(FULL, state=State.CONNECTED)
DUE = later(START, Seconds(20))


async def listed(storage: Storage, count: int) -> None:
    """Have so many calls on the list, written in batches."""
    by_partition: dict[str, list[tuple[str, dict[str, Any]]]] = {}
    for number in range(count):
        call = replace(CALL, id=new_call_id(Ms(START - number), "one of many"))
        partition, row = active_keys(call.id)
        entity = {"PartitionKey": partition, "RowKey": row, **active_columns(call, START, None)}
        by_partition.setdefault(partition, []).append(("upsert", entity))
    await storage.calls.open(CALL, START, None)  # makes the table
    client = storage.table_client("Active")
    await asyncio.gather(*(_sent(client, each) for each in by_partition.values()))
    await client.delete_entity(*active_keys(CALL.id))


async def _sent(client: TableClient, operations: list[tuple[str, dict[str, Any]]]) -> None:
    for first in range(0, len(operations), 100):
        await client.submit_transaction(operations[first : first + 100])


async def test_a_round_over_600_calls_with_nothing_new_is_at_most_60_requests(
    proxy: Proxy, disturbed: Storage, storage: Storage
) -> None:
    """What a round does besides is asking ACS: tests/jobs/test_watch_many.py."""
    await listed(storage, 600)
    found = await disturbed.calls.due(START, 600)
    assert len(found) == 600
    await disturbed.calls.put_off([(active, DUE) for active in found])
    assert len(proxy.requests) <= 60
    assert await storage.calls.due(START, 600) == []
    assert len(await storage.calls.due(DUE, 1_000)) == 600


async def test_more_calls_than_a_page_or_a_batch_holds_are_found_and_put_off(
    storage: Storage,
) -> None:
    await listed(storage, 2_000)
    found = await storage.calls.due(START, 3_000)
    assert len(found) == 2_000
    assert {active_keys(active.call_id)[0] for active in found} == set(PARTITIONS)
    await storage.calls.put_off([(active, DUE) for active in found])
    assert await storage.calls.due(START, 3_000) == []


async def test_a_row_of_another_hand_is_read_as_far_as_that_goes(storage: Storage) -> None:
    await storage.calls.open(CALL, DUE, None)
    await storage.table("Active").put("3", "4:+1", {"Note": "odd", "NextAt": 7, "State": 1.5})
    found = await storage.calls.due(DUE, 10)
    assert found[0] == Active("4:+1", found[0].etag, Ms(0))
    assert found[1].call_id == CALL.id


async def test_a_call_that_is_gone_already_is_taken_off_the_list(
    proxy: Proxy, disturbed: Storage, storage: Storage
) -> None:
    """The SDK repeats a DELETE whose reply was lost: then 404 is one's own doing."""
    await storage.calls.open(CALL, START, None)
    etag = await storage.calls.listed(CALL.id)
    assert etag
    proxy.order(lost("DELETE"))
    await disturbed.calls.close(CALL.id, etag)
    assert await storage.calls.listed(CALL.id) is None


async def test_a_list_that_does_not_exist_yet_is_empty(storage: Storage) -> None:
    assert await storage.calls.due(START, 10) == []
    assert await storage.calls.listed(CALL.id) is None
    await storage.calls.track(CALL, START, None)
    await storage.calls.close(CALL.id, 'W/"etag"')


@pytest.mark.parametrize("status", [500, 503])
async def test_a_list_in_trouble_is_unavailable(
    proxy: Proxy, disturbed: Storage, status: int
) -> None:
    proxy.order(*[Order("*", perform=False, status=status)] * 1_000)
    row = Active(CALL.id, 'W/"etag"', START)
    for work in (
        disturbed.calls.due(START, 10),
        disturbed.calls.put_off([(row, DUE)]),
        disturbed.calls.track(CALL, START, None),
        disturbed.calls.close(CALL.id, 'W/"etag"'),
        disturbed.calls.listed(CALL.id),
        disturbed.calls.open(CALL, START, None),
    ):
        with pytest.raises(StorageUnavailableError):
            await work


async def test_a_row_that_was_changed_is_noted_by_nobody_who_read_it_before(
    storage: Storage,
) -> None:
    await storage.calls.open(CALL, START, None)
    etag = await storage.calls.listed(CALL.id)
    await storage.calls.track(CALL, DUE, None)
    with pytest.raises(ConflictError):
        await storage.calls.track(CALL, START, None, etag)
    [active] = await storage.calls.due(DUE, 10)
    assert active.next_at == DUE
