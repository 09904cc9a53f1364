"""A stream's events: 204 means stored, and whatever a frame is, it does not hang up the stream."""

import base64
import json
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio
from multidict import CIMultiDict

from callscribe.domain.identifiers import new_call_id
from tests.handlers.surface import Surface, until
from tests.handlers.wire import SPOKEN, Call, Json, assert_refused, callback, frame

pytestmark = pytest.mark.asyncio(loop_scope="session")
METADATA = json.dumps(
    {"kind": "TranscriptionMetadata", "transcriptionMetadata": {"locale": "en-US"}}
).encode()


@pytest_asyncio.fixture(loop_scope="session")
async def call(app: Surface) -> Call:
    return await app.ring()


async def _row(app: Surface, call: Call, kind: str) -> Json:
    (row,) = await app.rows(call.id, kind)
    return row


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


async def test_a_final_is_stored_before_its_event_is_acknowledged(app: Surface, call: Call) -> None:
    answer = await app.upstream(call.id, frame())
    assert (answer.status, answer.body) == (204, b"")
    row = await _row(app, call, "s")
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
    assert "Locale" not in await _row(app, call, "s")


async def test_the_metadatas_language_travels_in_the_state(app: Surface, call: Call) -> None:
    answer = await app.upstream(call.id, METADATA)
    state = {"ce-connectionState": answer.headers["ce-connectionState"], "ce-id": "2"}
    assert (await app.upstream(call.id, frame(), headers=state)).status == 204
    assert (await _row(app, call, "s"))["Locale"] == "en-US"


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "not JSON"),
        (b"not JSON", "not JSON"),
        (b"\x00\x01\xfe\xff", "not JSON"),
        (b"[" * 10_000, "not"),
        (b"[]", "expected a JSON object, got list"),
        (b"null", "expected a JSON object, got NoneType"),
        (b'{"kind":"AudioData"}', "unknown kind of frame"),
        (b'{"kind":"TranscriptionData"}', "transcriptionData: expected an object"),
        (
            b'{"kind":"TranscriptionData","transcriptionData":{"text":5}}',
            "transcriptionData.text: expected text",
        ),
    ],
    ids=lambda value: str(value[:20]),
)
async def test_a_frame_that_cannot_be_read_is_kept_aside(
    app: Surface, call: Call, body: bytes, why: str
) -> None:
    answer = await app.upstream(call.id, body)
    assert (answer.status, answer.body) == (204, b"")
    row = await _row(app, call, "q")
    assert row["Why"].startswith(why)
    assert row.get("Body", b"") == body
    assert len(app.logged("frameQuarantined", callId=call.id)) == 1


async def test_a_frame_too_large_for_a_row_is_kept_aside(app: Surface, call: Call) -> None:
    assert (await app.upstream(call.id, frame(text="x" * 470_000))).status == 204
    assert (await _row(app, call, "q"))["Why"] == "too large for an entity"
    assert await app.rows(call.id, "s") == []


@pytest.mark.parametrize("content_type", ["application/json", "application/octet-stream", "a/b"])
async def test_the_media_type_does_not_matter(app: Surface, call: Call, content_type: str) -> None:
    headers = {"Content-Type": content_type}
    assert (await app.upstream(call.id, frame(), headers=headers)).status == 204
    assert (await _row(app, call, "s"))["Text"] == SPOKEN


@pytest.mark.parametrize(
    ("changes", "repaired"),
    [
        ({"offset": -1}, "offset"),
        ({"offset": 2**63}, "offset"),
        ({"offset": 1.5}, "offset"),
        ({"offset": "5"}, "offset"),
        ({"offset": None}, "offset"),
        ({"duration": -1}, "duration"),
        ({"duration": 10**400}, "duration"),
        ({"confidence": float("nan")}, "confidence"),
        ({"confidence": 7}, "confidence"),
        ({"participantRawID": 5}, "participantRawID"),
        ({"resultStatus": None}, "resultStatus"),
        ({"words": "words"}, "words"),
    ],
    ids=str,
)
async def test_readable_words_are_stored_whatever_else_is_wrong(
    app: Surface, call: Call, changes: dict[str, Any], repaired: str
) -> None:
    assert (await app.upstream(call.id, frame(**changes))).status == 204
    row = await _row(app, call, "s")
    assert row["Text"] == SPOKEN
    assert repaired in row["Repaired"].split(",")
    assert row["StartTime"] <= row["ReceivedAt"]


@pytest.mark.parametrize(
    ("wire", "stored"),
    [
        (json.dumps("a\x00b"), "a\x00b"),
        ('"a\\ud800b"', "a\ufffdb"),
        (json.dumps("a\u202eb"), "a\u202eb"),
        (json.dumps("😀"), "😀"),
        (json.dumps("<script>alert(1)</script>"), "<script>alert(1)</script>"),
        (json.dumps(""), ""),
    ],
    ids=["NUL", "lone surrogate", "right to left", "emoji", "script", "empty"],
)
async def test_text_of_any_kind_is_stored(app: Surface, call: Call, wire: str, stored: str) -> None:
    body = frame(text="@").replace(b'"@"', wire.encode())
    assert (await app.upstream(call.id, body)).status == 204
    assert (await _row(app, call, "s"))["Text"] == stored


async def test_long_text_is_continued_in_further_columns(app: Surface, call: Call) -> None:
    text = "😀" * 50_000
    assert (await app.upstream(call.id, frame(text=text))).status == 204
    row = await _row(app, call, "s")
    assert "".join(row[name] for name in ("Text", "Text_2", "Text_3", "Text_4")) == text


async def test_a_byte_order_mark_does_not_hide_the_words(app: Surface, call: Call) -> None:
    assert (await app.upstream(call.id, b"\xef\xbb\xbf" + frame())).status == 204
    assert (await _row(app, call, "s"))["Text"] == SPOKEN


@pytest.mark.parametrize(
    "state",
    ["", "not base64", "bm90IG91cnM=", "eyJrZXkiOiJhIn0=", "ünlesbar", "A" * 6_000],
    ids=lambda state: state[:16],
)
async def test_a_state_that_is_not_ours_begins_anew(app: Surface, call: Call, state: str) -> None:
    headers = {"ce-connectionState": state}
    assert (await app.upstream(call.id, frame(), headers=headers)).status == 204
    assert (await _row(app, call, "s"))["Text"] == SPOKEN


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
    assert (await _row(app, call, "s"))["Text"] == SPOKEN


async def test_headers_that_come_twice_count_once(app: Surface, call: Call) -> None:
    once = app.event_headers(call.id, "user.message")
    twice = CIMultiDict(once)
    twice.extend({name: value for name, value in once.items() if name.startswith("ce-")})
    assert (await app.upstream(call.id, frame(), headers=twice)).status == 204
    row = await _row(app, call, "s")
    assert (row["ConnectionId"], row["Sequence"].value) == (once["ce-connectionId"], 1)


async def test_an_unknown_call_gets_no_stream(app: Surface) -> None:
    unknown = new_call_id(int(time.time() * 1000), "nobody rang")
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
    ended = datetime.now(UTC) - timedelta(minutes=minutes)
    over = callback(call, "CallDisconnected", time=ended.isoformat())
    assert (await app.call_back(call.id, [over])).status == 200
    answer = await app.upstream(call.id, b"{}", "sys.connect")
    assert answer.status == status
    late = await app.upstream(call.id, frame())  # of a connection that was open already
    assert late.status == 204
    assert (await _row(app, call, "s"))["Text"] == SPOKEN


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
        return "ClosedAt" in await _row(app, call, "c")

    await until(closed)
