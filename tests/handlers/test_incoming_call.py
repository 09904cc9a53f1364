"""Event Grid's deliveries, malformed and odd ones above all."""

import uuid
from typing import Any

import pytest

from tests.handlers.surface import Surface
from tests.handlers.wire import CALLEE, CONTEXT, call_id_of, incoming, late

LARGE = "x" * 1_100_000

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_ringing_phone_is_answered_once_however_often_it_is_told(app: Surface) -> None:
    call = await app.ring()
    assert (await app.deliver(call.event)).status == 202
    assert (await app.answered(call.event)).connection_id == call.connection_id
    row = await app.call(call.id)
    assert row is not None
    assert (row["Direction"], row["To"]) == ("inbound", CALLEE)
    assert CONTEXT not in str(row)


async def test_ids_that_no_row_could_hold_do_not_cost_the_call(app: Surface) -> None:
    long = "a" * 40_000
    event = incoming(id=long, data={"serverCallId": long, "correlationId": long})
    assert (await app.deliver(event)).status == 202
    call = await app.answered(event)
    assert [row["Type"] for row in await app.rows(call.id, "e")] == ["IncomingCall"]


async def test_one_malformed_event_does_not_spoil_the_others_of_its_array(app: Surface) -> None:
    first, bad, last = incoming(), incoming(eventTime="yesterday"), incoming()
    assert (await app.deliver(first, bad, last)).status == 202
    await app.answered(first)
    await app.answered(last)
    assert len(app.logged("eventUnreadable", eventId=bad["id"])) == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"data": None},
        {"data": "a text"},
        {"data": 5},
        {"data": []},
        {"data": {"incomingCallContext": None}},
        {"data": {"incomingCallContext": ""}},
        {"data": {"incomingCallContext": 5}},
        {"data": {"from": {"rawId": LARGE}}},
        {"eventTime": None},
        {"eventTime": "2026-13-01T00:00:00Z"},
        {"eventTime": float("nan")},
    ],
    ids=lambda changes: str(changes)[:60],
)
async def test_an_event_that_cannot_be_used_is_logged_once_and_acknowledged(
    app: Surface, changes: dict[str, Any]
) -> None:
    event = incoming(**changes)
    answers = len(app.acs.answers)
    assert (await app.deliver(event)).status == 202
    (line,) = app.logged("eventUnreadable", eventId=event["id"])
    assert line["problem"]
    assert len(app.acs.answers) == answers


@pytest.mark.parametrize("event", [None, 5, "text", [], {}, {"id": ""}, {"eventType": 5}])
async def test_what_is_no_event_at_all_is_logged_once_and_acknowledged(
    app: Surface, event: object
) -> None:
    before = len(app.logged("eventUnreadable"))
    assert (await app.deliver(event)).status == 202
    assert len(app.logged("eventUnreadable")) == before + 1


async def test_deep_nesting_is_no_error_of_ours(app: Surface) -> None:
    nested: list[Any] = []
    for _ in range(800):
        nested = [nested]
    event = incoming(data={"customContext": nested})
    assert (await app.deliver(event)).status == 202
    assert (await app.call(call_id_of(event)) is not None) or app.logged(
        "eventUnreadable", eventId=event["id"]
    )


@pytest.mark.parametrize(
    "caller",
    [None, {"rawId": ""}, {"kind": "unknown"}, {"rawId": 5}, "withheld", {"rawId": "x" * 5_000}],
    ids=["missing", "empty", "no raw id", "a number", "a text", "overlong"],
)
async def test_a_caller_who_is_withheld_is_answered_as_unknown(
    app: Surface, caller: object
) -> None:
    call = await app.ring(data={"from": caller})
    row = await app.call(call.id)
    assert row is not None
    assert row["From"] == "unknown"


async def test_a_caller_of_another_kind_is_answered_under_its_raw_id(app: Surface) -> None:
    call = await app.ring(data={"from": {"rawId": "28:orgid:someone"}})
    row = await app.call(call.id)
    assert row is not None
    assert row["From"] == "28:orgid:someone"


async def test_an_event_of_another_type_is_acknowledged_and_ignored(app: Surface) -> None:
    event = incoming(eventType="Microsoft.Communication.CallStarted")
    assert (await app.deliver(event)).status == 202
    assert len(app.logged("eventIgnored", eventId=event["id"])) == 1
    assert await app.call(call_id_of(event)) is None


async def test_an_event_older_than_the_ring_is_a_missed_call(app: Surface) -> None:
    event = late(eventTime="2024-05-06T07:08:09.123Z")
    answers = len(app.acs.answers)
    assert (await app.deliver(event)).status == 202
    row = await app.call(call_id_of(event))
    assert row is not None
    assert row["State"] == "missed"
    assert len(app.acs.answers) == answers


async def test_an_event_id_cannot_forge_a_line_of_the_log(app: Surface) -> None:
    forged = f'x{uuid.uuid4()}\n{{"event": "forged"}}\r\u2028'
    assert (await app.deliver(incoming(id=forged, data=None))).status == 202
    assert len(app.logged("eventUnreadable", eventId=forged)) == 1
    assert app.logged("forged") == []
