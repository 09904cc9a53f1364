"""The jobs queue and the clock, as the functions host serves them."""

import json
from base64 import b64encode

import pytest
from azure.core.exceptions import ResourceNotFoundError
from azure.data.tables import UpdateMode
from azure.data.tables.aio import TableClient
from azure.storage.queue.aio import QueueClient

from callscribe.foundation.identifiers import new_call_id
from callscribe.foundation.moments import Ms
from tests.handlers.surface import KEY, Surface, until
from tests.handlers.wire import callback, frame

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def _put(app: Surface, *messages: bytes) -> None:
    """Queue messages as they are on the wire; the queue is there once a call has ended."""
    call = await app.ring()
    await app.call_back(call.id, [callback(call, "CallDisconnected")])
    async with _queue(app, "jobs") as queue:
        for message in messages:
            await queue.send_message(b64encode(message).decode())


def _queue(app: Surface, name: str) -> QueueClient:
    return QueueClient.from_connection_string(app.stack.azurite.connection_string, name)


def _calls(app: Surface) -> TableClient:
    return TableClient.from_connection_string(app.stack.azurite.connection_string, "Calls")


async def test_a_finished_call_shows_its_report(app: Surface) -> None:
    call = await app.ring()
    await app.upstream(call.id, b"{}", "sys.connect")
    await app.upstream(call.id, frame())
    await app.upstream(call.id, b"no frame", headers={"ce-id": "2"})
    await app.call_back(call.id, [callback(call, "CallDisconnected")])
    await _put(app, json.dumps({"kind": "finish", "callId": call.id, "tries": 0}).encode())

    async def reported() -> bool:
        return "report" in (await app.api(f"/api/calls/{call.id}")).json()

    await until(reported)
    report = (await app.api(f"/api/calls/{call.id}")).json()["report"]
    assert (report["finals"], report["quarantined"]) == (1, 1)


async def test_a_job_that_cannot_be_read_is_logged_and_done_with(app: Surface) -> None:
    before = len(app.logged("jobUnreadable"))
    junk = [b"not JSON", b"{}", b'{"kind":"explode","callId":"x"}']
    await _put(app, *junk)

    async def logged() -> bool:
        return len(app.logged("jobUnreadable")) == before + len(junk)

    await until(logged)
    async with _queue(app, "jobs-poison") as poison:
        assert not await _exists(poison)


async def test_a_job_for_a_call_that_is_not_there_is_done_with(app: Surface) -> None:
    unknown = new_call_id(Ms(1_700_000_000_000), "nobody rang")
    await _put(app, json.dumps({"kind": "finish", "callId": unknown, "tries": 0}).encode(), b"{}")
    before = len(app.logged("jobUnreadable"))

    async def next_one_done() -> bool:
        return len(app.logged("jobUnreadable")) > before

    await until(next_one_done)
    assert await app.stored(unknown) == (None, [])


async def test_a_job_that_cannot_be_done_is_put_off(app: Surface) -> None:
    call = await app.ring()
    row = await app.call(call.id)
    assert row is not None

    async def failed() -> bool:
        return bool(app.logged("jobPutOff", callId=call.id, kind="finish", tries=1))

    no_call = {name: value for name, value in row.items() if name not in ("State", "Direction")}
    async with _calls(app) as calls:
        await calls.update_entity(no_call, mode=UpdateMode.REPLACE)
        try:
            await _put(app, json.dumps({"kind": "finish", "callId": call.id, "tries": 0}).encode())
            await until(failed)
        finally:
            await calls.update_entity(row)


async def test_the_clock_finds_nothing_wrong_with_a_call_that_is_fine(app: Surface) -> None:
    call = await app.ring()
    before = await app.stored(call.id)
    answer = await app.request(
        "POST",
        "/admin/functions/reconcile?wait=true",
        json={},
        headers={"x-functions-key": KEY},
    )
    assert answer.status == 200, answer.body
    assert await app.stored(call.id) == before


async def _exists(queue: QueueClient) -> bool:
    try:
        await queue.get_queue_properties()
    except ResourceNotFoundError:
        return False
    return True
