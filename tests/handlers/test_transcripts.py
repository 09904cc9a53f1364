"""Transcripts as they are read: in order, with names for speakers, and nothing that could run."""

import pytest

from tests.handlers.surface import Surface
from tests.handlers.wire import CALLEE, CALLER, SPOKEN, Call, assert_refused, frame

pytestmark = pytest.mark.asyncio(loop_scope="session")
SCRIPT = "<script>alert(1)</script>"
STRANGER = "4:+4930901820"


async def _spoken(app: Surface) -> Call:
    """A call in which three people said something, written down in another order."""
    call = await app.ring(data={"callerDisplayName": "Ada"})
    said = [
        (3, STRANGER, "Third.\nLine"),
        (1, CALLER, SPOKEN),
        (2, CALLEE, SCRIPT),
    ]
    for number, speaker, text in said:
        headers = {"ce-id": str(number), "ce-time": f"2026-11-22T10:00:0{number}Z"}
        body = frame(text=text, participantRawID=speaker, offset=number * 10_000_000)
        assert (await app.upstream(call.id, body, headers=headers)).status == 204
    return call


@pytest.mark.parametrize("query", ["", "?format=json", "?format="])
async def test_a_transcript_is_json_in_order_with_names(app: Surface, query: str) -> None:
    call = await _spoken(app)
    answer = await app.api(f"/api/calls/{call.id}/transcript{query}")
    assert answer.status == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Type"] == "application/json"
    transcript = answer.json()
    assert (transcript["callId"], transcript["state"]) == (call.id, "connecting")
    found = [(segment["speaker"], segment["text"]) for segment in transcript["segments"]]
    assert found == [
        ("Ada", SPOKEN),
        ("callee", SCRIPT),
        ("+•••1820", "Third.\nLine"),
    ]


async def test_as_text_it_is_one_line_an_utterance_that_no_browser_takes_for_a_page(
    app: Surface,
) -> None:
    call = await _spoken(app)
    answer = await app.api(f"/api/calls/{call.id}/transcript?format=text")
    assert answer.status == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    lines = answer.body.decode().splitlines()
    assert [line.partition("] ")[2] for line in lines] == [
        f"Ada: {SPOKEN}",
        f"callee: {SCRIPT}",
        "+•••1820: Third. Line",
    ]


async def test_a_call_without_words_has_an_empty_transcript(app: Surface) -> None:
    call = await app.ring()
    assert (await app.api(f"/api/calls/{call.id}/transcript")).json()["segments"] == []
    assert (await app.api(f"/api/calls/{call.id}/transcript?format=text")).body == b""


@pytest.mark.parametrize("wanted", ["pdf", "JSON", "json,text", "json&format=text"])
async def test_another_format_is_refused(app: Surface, wanted: str) -> None:
    call = await app.ring()
    answer = await app.api(f"/api/calls/{call.id}/transcript?format={wanted}")
    assert assert_refused(answer, 400, "badInput") == "format: expected json or text"
