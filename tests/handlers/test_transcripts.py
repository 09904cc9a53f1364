"""Transcripts as they are read: in order, with names for speakers, and nothing that could run."""

from io import StringIO

import pytest
import webvtt

from tests.handlers.surface import KEY, Surface
from tests.handlers.wire import CALLEE, CALLER, SPOKEN, Answer, Call, assert_refused, frame

pytestmark = pytest.mark.asyncio(loop_scope="session")
SCRIPT = "<script>alert(1)</script>"
STRANGER = "4:+4930901820"
FORMATS = "format: expected one of json, jsonl, text, markdown, vtt, srt, csv"


async def _with(app: Surface, path: str, headers: dict[str, str]) -> Answer:
    """Ask with headers, as somebody who has the app's key."""
    return await app.request("GET", path, headers={"x-functions-key": KEY, **headers})


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


@pytest.mark.parametrize("query", ["", "?format=json", "?code=anything"])
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
    head, _, said = answer.body.decode().partition("\n\n")
    assert "\nParticipants: Ada (caller), callee, +•••1820\n" in head
    lines = [line for line in said.splitlines() if line.startswith("[")]
    assert [line.partition("] ")[2] for line in lines] == [
        f"Ada: {SPOKEN}",
        f"callee: {SCRIPT}",
        "+•••1820: Third. Line",
    ]


async def test_a_call_without_words_has_an_empty_transcript(app: Surface) -> None:
    call = await app.ring()
    assert (await app.api(f"/api/calls/{call.id}/transcript")).json()["segments"] == []
    text = (await app.api(f"/api/calls/{call.id}/transcript?format=text")).body.decode()
    assert text.startswith(f"Call: {call.id}, inbound, ")
    assert text.endswith("\nReport: not made yet\n\n")


@pytest.mark.parametrize(
    ("wanted", "content_type", "extension"),
    [
        ("json", "application/json", "json"),
        ("jsonl", "application/jsonl", "jsonl"),
        ("text", "text/plain; charset=utf-8", "txt"),
        ("markdown", "text/markdown; charset=utf-8", "md"),
        ("vtt", "text/vtt; charset=utf-8", "vtt"),
        ("srt", "application/x-subrip; charset=utf-8", "srt"),
        ("csv", "text/csv; charset=utf-8", "csv"),
    ],
)
async def test_every_format_says_what_it_is_and_suggests_a_name_for_a_file(
    app: Surface, wanted: str, content_type: str, extension: str
) -> None:
    call = await _spoken(app)
    path = f"/api/calls/{call.id}/transcript"
    asked = await app.api(f"{path}?format={wanted}")
    accepted = await _with(app, path, {"Accept": content_type.partition(";")[0]})
    for answer in (asked, accepted):
        assert answer.status == 200
        assert answer.headers["Content-Type"] == content_type
        assert answer.headers["Content-Disposition"] == f'inline; filename="{call.id}.{extension}"'
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Vary"] == "Accept"
        assert SPOKEN.encode() in answer.body
    assert asked.body == accepted.body


async def test_captions_of_a_call_are_read_by_a_parser(app: Surface) -> None:
    call = await _spoken(app)
    body = (await app.api(f"/api/calls/{call.id}/transcript?format=vtt")).body.decode()
    captions = webvtt.from_buffer(StringIO(body), strict=True).captions
    assert [caption.voice for caption in captions] == ["Ada", "callee", "+•••1820"]
    assert SCRIPT not in body


@pytest.mark.parametrize("tag", ["{}", "W/{}", '"other", {}', "*"])
async def test_a_version_that_the_asker_has_is_not_sent_again(app: Surface, tag: str) -> None:
    call = await _spoken(app)
    path = f"/api/calls/{call.id}/transcript?format=text"
    first = await app.api(path)
    again = await _with(app, path, {"If-None-Match": tag.format(first.headers["ETag"])})
    assert (again.status, again.body) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]
    assert again.headers["Cache-Control"] == "no-store"


async def test_another_version_is_sent(app: Surface) -> None:
    call = await _spoken(app)
    path = f"/api/calls/{call.id}/transcript"
    before = (await app.api(path)).headers["ETag"]
    body = frame(text="One more thing.", participantRawID=CALLER, offset=90_000_000)
    headers = {"ce-id": "9", "ce-time": "2026-11-22T10:00:09Z"}
    assert (await app.upstream(call.id, body, headers=headers)).status == 204
    after = await _with(app, path, {"If-None-Match": before})
    assert after.status == 200
    assert after.headers["ETag"] != before


@pytest.mark.parametrize("sought", ["HELIOTROPE", "%ef%bd%88eliotrope.", "codeword%20is"])
async def test_text_is_searched_for_inside_a_call(app: Surface, sought: str) -> None:
    call = await _spoken(app)
    answer = await app.api(f"/api/calls/{call.id}/transcript?q={sought}")
    assert [segment["text"] for segment in answer.json()["segments"]] == [SPOKEN]


async def test_what_was_not_said_is_not_found(app: Surface) -> None:
    call = await _spoken(app)
    answer = await app.api(f"/api/calls/{call.id}/transcript?q=caller&format=jsonl")
    assert (answer.status, answer.body) == (200, b"")


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("format=pdf", FORMATS),
        ("format=JSON", FORMATS),
        ("format=json,text", FORMATS),
        ("format=", FORMATS),
        ("format=json&format=text", "format: expected once"),
        ("q=a&q=a", "q: expected once"),
        ("q=", "q: expected text to look for"),
        ("q=%20%E3%80%80", "q: expected text to look for"),
        ("limit=5", "limit: unknown, expected only format, q, tz, bom"),
    ],
)
async def test_a_parameter_that_is_wrong_is_named(app: Surface, query: str, message: str) -> None:
    call = await app.ring()
    answer = await app.api(f"/api/calls/{call.id}/transcript?{query}")
    assert assert_refused(answer, 400, "badInput") == message


async def test_where_no_format_is_accepted_the_types_on_offer_are_told(app: Surface) -> None:
    call = await app.ring()
    answer = await _with(app, f"/api/calls/{call.id}/transcript", {"Accept": "application/pdf"})
    message = assert_refused(answer, 406, "notAcceptable")
    assert message.startswith("Accept: expected one of application/json, application/jsonl, ")
