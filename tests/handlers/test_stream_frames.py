"""A stream's frames: readable words are stored whatever else is wrong, all others kept aside."""

import json
from typing import Any

import pytest

from tests.handlers.surface import Surface
from tests.handlers.wire import SPOKEN, Call, frame

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "not JSON"),
        (b"not JSON", "not JSON"),
        (b"\x00\x01\xfe\xff", "not JSON"),
        (b"[" * 10_000, "not"),
        (b"[]", "expected a JSON object, got list"),
        (b"null", "expected a JSON object, got NoneType"),
        (b'{"kind":"Other"}', "unknown kind of frame"),
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
    row = await app.row(call.id, "q")
    assert row["Why"].startswith(why)
    assert row.get("Body", b"") == body
    assert len(app.logged("frameQuarantined", callId=call.id)) == 1


async def test_media_streaming_is_counted_and_no_cause_for_an_alert(
    app: Surface, call: Call
) -> None:
    body = b'{"kind":"AudioData","audioData":{"data":"AAAA"}}'
    assert (await app.upstream(call.id, body)).status == 204
    assert await app.rows(call.id, "q") == await app.rows(call.id, "s") == []
    row = await app.row(call.id, "c")
    assert (row["Media"], row["Seen"], row["Quarantined"]) == (1, 0, 0)
    assert app.logged("frameQuarantined", callId=call.id) == []


async def test_a_list_of_frames_is_read_one_by_one(app: Surface, call: Call) -> None:
    body = b"[" + frame(text="One.") + b"," + frame(text="Two.") + b"]"
    assert (await app.upstream(call.id, body)).status == 204
    assert sorted(row["Text"] for row in await app.rows(call.id, "s")) == ["One.", "Two."]


async def test_a_frame_too_large_for_a_row_is_kept_aside(app: Surface, call: Call) -> None:
    assert (await app.upstream(call.id, frame(text="x" * 470_000))).status == 204
    assert (await app.row(call.id, "q"))["Why"] == "too large for an entity"
    assert await app.rows(call.id, "s") == []


@pytest.mark.parametrize("content_type", ["application/json", "application/octet-stream", "a/b"])
async def test_the_media_type_does_not_matter(app: Surface, call: Call, content_type: str) -> None:
    headers = {"Content-Type": content_type}
    assert (await app.upstream(call.id, frame(), headers=headers)).status == 204
    assert (await app.row(call.id, "s"))["Text"] == SPOKEN


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
    row = await app.row(call.id, "s")
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
    assert (await app.row(call.id, "s"))["Text"] == stored


async def test_long_text_is_continued_in_further_columns(app: Surface, call: Call) -> None:
    text = "😀" * 50_000
    assert (await app.upstream(call.id, frame(text=text))).status == 204
    row = await app.row(call.id, "s")
    assert "".join(row[name] for name in ("Text", "Text_2", "Text_3", "Text_4")) == text


async def test_a_byte_order_mark_does_not_hide_the_words(app: Surface, call: Call) -> None:
    assert (await app.upstream(call.id, b"\xef\xbb\xbf" + frame())).status == 204
    assert (await app.row(call.id, "s"))["Text"] == SPOKEN
