"""A stream's events: 204 means stored, and whatever a frame is, it does not hang up the stream."""

import base64
import json
from datetime import UTC, datetime, timedelta

import pytest
from multidict import CIMultiDict

from callscribe.foundation.clock import SystemClock
from callscribe.foundation.identifiers import new_call_id
from tests.handlers.surface import Surface, until
from tests.handlers.wire import SPOKEN, Call, assert_refused, callback, frame

pytestmark = pytest.mark.asyncio(loop_scope="session")
METADATA = json.dumps(
    {"kind": "TranscriptionMetadata", "transcriptionMetadata": {"locale": "en-US"}}
).encode()


async def test_connect_is_answered_with_a_state_and_no_body(app: Surface, call: Call) -> None:
    answer = await app.upstream(call.id, b"{}", "sys.connect")
    assert (answer.status, answer.body) == (204, b"")
    assert len(answer.headers.getall("ce-connectionState")) == 1
    base64.b64decode(answer.headers["ce-connectionState"], validate=True)


@pytest.mark.parametrize("kind", ["sys.connected", "sys.disconnected"])
async def test_what_only_reports_is_answered_without_a_state(
    app: Surface, call: Call, kind: str
) -> None:
    answer = await app.upstream(call.id, b"{}", kind)
    assert (answer.status, answer.body) == (204, b"")
    assert "ce-connectionState" not in answer.headers


async def test_what_no_row_could_hold_does_not_refuse_an_event(app: Surface, call: Call) -> None:
    long = "a" * 70_000
    headers = {"x-ms-call-connection-id": [long], "x-ms-call-correlation-id": [long]}
    connect = json.dumps({"headers": headers}).encode()
    assert (await app.upstream(call.id, connect, "sys.connect")).status == 204
    metadata = {"locale": long, "subscriptionId": long}
    told = {"kind": "TranscriptionMetadata", "transcriptionMetadata": metadata}
    assert (await app.upstream(call.id, json.dumps(told).encode())).status == 204
    end = json.dumps({"reason": long}).encode()
    assert (await app.upstream(call.id, end, "sys.disconnected")).status == 204
    assert await app.rows(call.id, "q") == []


async def test_a_final_is_stored_before_its_event_is_acknowledged(app: Surface, call: Call) -> None:
    answer = await app.upstream(call.id, frame())
    assert (answer.status, answer.body) == (204, b"")
    row = await app.row(call.id, "s")
    assert (row["Text"], row["Sequence"].value) == (SPOKEN, 1)


async def test_an_intermediate_is_not_stored(app: Surface, call: Call) -> None:
    assert (await app.upstream(call.id, frame(resultStatus="Intermediate"))).status == 204
    assert await app.rows(call.id, "s") == []


async def test_the_same_event_again_is_the_same_row(app: Surface, call: Call) -> None:
    headers = app.event_headers(call.id, "user.message")
    for _ in range(2):
        assert (await app.upstream(call.id, frame(), headers=headers)).status == 204
    assert len(await app.rows(call.id, "s")) == 1


async def test_speech_without_metadata_is_stored_and_its_language_unknown(
    app: Surface, call: Call
) -> None:
    assert (await app.upstream(call.id, frame())).status == 204
    assert "Locale" not in await app.row(call.id, "s")


async def test_the_metadatas_language_travels_in_the_state(app: Surface, call: Call) -> None:
    told = app.event_headers(call.id, "user.message")
    headers = app.next_headers(told, await app.upstream(call.id, METADATA, headers=told))
    assert (await app.upstream(call.id, frame(), headers=headers)).status == 204
    assert (await app.row(call.id, "s"))["Locale"] == "en-US"


@pytest.mark.parametrize(
    "state",
    ["", "not base64", "bm90IG91cnM=", "eyJrZXkiOiJhIn0=", "ünlesbar", "A" * 6_000],
    ids=lambda state: state[:16],
)
async def test_a_state_that_is_not_ours_begins_anew(app: Surface, call: Call, state: str) -> None:
    headers = {"ce-connectionState": state}
    assert (await app.upstream(call.id, frame(), headers=headers)).status == 204
    assert (await app.row(call.id, "s"))["Text"] == SPOKEN


@pytest.mark.parametrize(
    "headers",
    [
        {"ce-id": "x"},
        {"ce-id": "-1"},
        {"ce-id": "99999999999999999999"},
        {"ce-id": "\u0661"},
        {"ce-time": "yesterday"},
        {"ce-time": "9999-99-99T00:00:00Z"},
        {"ce-time": "ü"},
    ],
    ids=str,
)
async def test_an_event_without_usable_number_or_time_is_stored(
    app: Surface, call: Call, headers: dict[str, str]
) -> None:
    assert (await app.upstream(call.id, frame(), headers=headers)).status == 204
    assert (await app.row(call.id, "s"))["Text"] == SPOKEN


async def test_headers_that_come_twice_count_once(app: Surface, call: Call) -> None:
    once = app.event_headers(call.id, "user.message")
    twice = CIMultiDict(once)
    twice.extend({name: value for name, value in once.items() if name.startswith("ce-")})
    assert (await app.upstream(call.id, frame(), headers=twice)).status == 204
    row = await app.row(call.id, "s")
    assert (row["ConnectionId"], row["Sequence"].value) == (once["ce-connectionId"], 1)


async def test_an_unknown_call_gets_no_stream(app: Surface) -> None:
    unknown = new_call_id(SystemClock().now(), "nobody rang")
    assert_refused(await app.upstream(unknown, b"{}", "sys.connect"), 404, "notFound")
    assert await app.stored(unknown) == (None, [])


@pytest.mark.parametrize("call_id", ["", "x", "01jd0000000000000000000000", "../calls", "ü"])
async def test_a_stream_without_a_calls_id_is_not_found(app: Surface, call_id: str) -> None:
    answer = await app.upstream(call_id, frame())
    assert_refused(answer, 404, "notFound")


@pytest.mark.parametrize("kind", ["sys.message", "sys.", "sys.exploded", "USER.message"])
async def test_an_event_of_no_known_type_is_refused(app: Surface, call: Call, kind: str) -> None:
    assert_refused(await app.upstream(call.id, frame(), kind), 400, "badInput")


@pytest.mark.parametrize(("minutes", "status"), [(0, 204), (9, 204), (11, 404), (60, 404)])
async def test_a_stream_may_come_until_ten_minutes_after_the_call(
    app: Surface, call: Call, minutes: int, status: int
) -> None:
    opened = app.event_headers(call.id, "sys.connect")
    first = await app.upstream(call.id, b"{}", headers=opened)
    ended = datetime.now(UTC) - timedelta(minutes=minutes)
    over = callback(call, "CallDisconnected", time=ended.isoformat())
    assert (await app.call_back(call.id, [over])).status == 200
    answer = await app.upstream(call.id, b"{}", "sys.connect")
    assert answer.status == status
    headers = app.next_headers(opened, first)  # of a connection that was open already
    assert (await app.upstream(call.id, frame(), headers=headers)).status == 204
    assert (await app.row(call.id, "s"))["Text"] == SPOKEN


async def test_no_frame_hangs_up_the_stream(app: Surface, call: Call) -> None:
    """A real client on the address that ACS is given, through Web PubSub."""
    async with app.http.ws_connect(call.stream_url) as socket:
        await socket.send_bytes(METADATA)
        await socket.send_str("no frame at all")
        await socket.send_bytes(b"\x00\xff")
        await socket.send_str(frame().decode())

        async def stored() -> bool:
            return len(await app.rows(call.id, "s")) == 1

        await until(stored)
        assert not socket.closed
        assert len(await app.rows(call.id, "q")) == 2

        await socket.close()

    async def closed() -> bool:
        return "ClosedAt" in await app.row(call.id, "c")

    await until(closed)
