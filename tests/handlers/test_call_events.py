"""Callbacks: what they may hold, and that what is not the call's own changes nothing."""

import pytest
import pytest_asyncio

from callscribe.foundation.clock import SystemClock
from callscribe.foundation.identifiers import new_call_id
from tests.handlers.surface import Surface
from tests.handlers.wire import Call, assert_refused, callback

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def call(app: Surface) -> Call:
    """One call that the refused callbacks of this file are for."""
    return await app.ring()


async def test_a_callback_moves_the_call_on(app: Surface) -> None:
    call = await app.ring()
    answer = await app.call_back(call.id, [callback(call, "CallConnected")])
    assert (answer.status, answer.body) == (200, b"")
    row = await app.call(call.id)
    assert row is not None
    assert row["State"] == "connected"
    assert [row["Type"] for row in await app.rows(call.id, "e")] == [
        "IncomingCall",
        "CallConnected",
    ]


@pytest.mark.parametrize(
    ("call_id", "why"),
    [
        ("01JD000000000000000000000", "too short"),
        ("01JD0000000000000000000000" + "0" * 3_000, "overlong"),
        ("01jd0000000000000000000000", "lower case"),
        ("01JD00000000000000000000U0", "no digit of its alphabet"),
        ("8" + "0" * 25, "beyond 128 bits"),
        ("..%2f..%2fcalls", "a path"),
        ("%01", "a control character"),
        ("%ff%fe", "no UTF-8"),
        ("'%20or%20PartitionKey%20ne%20'", "a filter"),
    ],
)
async def test_a_malformed_id_is_not_found_before_anything_is_checked(
    app: Surface, call_id: str, why: str
) -> None:
    answer = await app.request("POST", f"/api/callbacks/{call_id}", data=b"[]")
    assert assert_refused(answer, 404, "notFound") == "no such call", why


async def test_an_unknown_call_is_not_found_and_nothing_is_written(
    app: Surface, call: Call
) -> None:
    unknown = new_call_id(SystemClock().now(), "nobody rang")
    answer = await app.call_back(unknown, [callback(call, "CallConnected")])
    assert_refused(answer, 404, "notFound")
    assert await app.stored(unknown) == (None, [])


async def test_another_calls_callback_is_not_found_like_an_unknown_one(
    app: Surface, call: Call
) -> None:
    """A good token and a known call in the address, but the event belongs to another call."""
    other = await app.ring()
    before = await app.stored(call.id)
    mixed = [callback(call, "CallDisconnected"), callback(other, "CallDisconnected")]
    refused = await app.call_back(call.id, mixed)
    assert_refused(refused, 404, "notFound")
    unknown = new_call_id(SystemClock().now(), "nobody rang")
    assert refused.body == (await app.call_back(unknown, mixed)).body
    assert await app.stored(call.id) == before


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not JSON",
        b"\xff\xfe\x00",
        b"null",
        b"5",
        b'"text"',
        b"{}",
        b"[5]",
        b"[[]]",
        b'[{"id":"x"}]',
        b'[{"id":"","type":"t","data":{"callConnectionId":"c"}}]',
        b'[{"id":"x","type":"t","data":"a text"}]',
        b"[" * 10_000 + b"]" * 10_000,
        b"[" + b"5," * 100_000 + b"5]",
    ],
    ids=lambda body: str(body[:24]),
)
async def test_what_is_no_event_is_refused(app: Surface, call: Call, body: bytes) -> None:
    before = await app.stored(call.id)
    assert_refused(await app.call_back(call.id, body), 400, "badInput")
    assert await app.stored(call.id) == before


async def test_one_event_instead_of_an_array_moves_the_call_on(app: Surface) -> None:
    call = await app.ring()
    assert (await app.call_back(call.id, callback(call, "CallConnected"))).status == 200
    row = await app.call(call.id)
    assert row is not None
    assert row["State"] == "connected"


async def test_an_empty_array_is_fine(app: Surface, call: Call) -> None:
    before = await app.stored(call.id)
    assert (await app.call_back(call.id, [])).status == 200
    assert await app.stored(call.id) == before


async def test_a_bad_event_does_not_spoil_the_good_one_beside_it(app: Surface) -> None:
    call = await app.ring()
    bad = callback(call, "CallConnected", data="a text")
    good = callback(call, "ParticipantsUpdated")
    assert (await app.call_back(call.id, [bad, good])).status == 200
    assert good["id"] in [row["EventId"] for row in await app.rows(call.id, "e")]
    assert len(app.logged("callbackUnreadable", callId=call.id)) == 1


async def test_an_unknown_type_with_more_and_fewer_fields_is_kept_in_the_timeline(
    app: Surface,
) -> None:
    call = await app.ring()
    event = callback(call, "SomethingNew", time=None, extra={"a": [1]})
    event["data"] = {"callConnectionId": call.connection_id, "more": True}
    assert (await app.call_back(call.id, [event])).status == 200
    assert "SomethingNew" in [row["Type"] for row in await app.rows(call.id, "e")]


async def test_what_no_row_could_hold_does_not_cost_a_callback(app: Surface) -> None:
    call = await app.ring()
    event = callback(call, "CallDisconnected", id="a" * 40_000)
    event["data"] |= {
        "serverCallId": "a" * 40_000,
        "correlationId": "a" * 40_000,
        "resultInformation": {
            "code": 12_345_678_901,
            "subCode": True,
            "message": "a" * 40_000,
        },
    }
    assert (await app.call_back(call.id, [event])).status == 200
    row = await app.call(call.id)
    assert row is not None
    assert row["State"] == "ended"


async def test_a_replayed_callback_changes_nothing(app: Surface) -> None:
    call = await app.ring()
    body, token = [callback(call, "CallConnected")], app.acs.token()
    assert (await app.call_back(call.id, body, token)).status == 200
    before = await app.stored(call.id)
    assert (await app.call_back(call.id, body, token)).status == 200
    assert await app.stored(call.id) == before


async def test_a_callback_cannot_forge_a_line_of_the_log(app: Surface) -> None:
    call = await app.ring()
    event = callback(call, 'x\n{"event": "forged"}\u2028')
    assert (await app.call_back(call.id, [event])).status == 200
    assert app.logged("forged") == []
