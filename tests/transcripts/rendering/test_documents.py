import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callscribe.stream.segments import Segment
from callscribe.transcripts.rendering.documents import FORMATS, transcript_jsonl
from callscribe.transcripts.rendering.segments import segment_json, transcript_json
from tests.transcripts.said import BARE, CALL, HELLO, HOSTILE, SCRIPTS, SILENT, of

TEXTS = [*HOSTILE, *SCRIPTS.values(), "a\x00 \x1b \u202e \x85 \u2028 \u2029"]


@pytest.mark.parametrize(
    ("name", "content_type", "extension"),
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
def test_a_format_says_what_it_is(name: str, content_type: str, extension: str) -> None:
    assert (FORMATS[name].content_type, FORMATS[name].extension) == (content_type, extension)


def test_json_is_the_first() -> None:
    assert list(FORMATS) == ["json", "jsonl", "text", "markdown", "vtt", "srt", "csv"]


def as_json(value: object) -> object:
    return json.loads(json.dumps(value))


@pytest.mark.parametrize("text", TEXTS)
def test_json_holds_every_text_as_it_is(text: str) -> None:
    said = replace(HELLO, text=text)
    body = FORMATS["json"].render(of(CALL, [said, BARE]))
    assert json.loads(body) == as_json(transcript_json(of(CALL, [said, BARE])))


@pytest.mark.parametrize("text", TEXTS)
def test_json_lines_are_lines_however_they_are_split(text: str) -> None:
    said = replace(HELLO, text=text)
    lines = transcript_jsonl(of(CALL, [BARE, said])).decode().splitlines()
    expected = [as_json(segment_json(of(CALL, [HELLO, BARE]), segment)) for segment in (said, BARE)]
    assert [json.loads(line) for line in lines] == expected


@pytest.mark.parametrize("name", FORMATS)
@given(st.permutations([HELLO, BARE, replace(HELLO, row_key="s-9", duplicate_of="s-1")]))
def test_rows_in_any_order_are_one_document(name: str, segments: list[Segment]) -> None:
    render = FORMATS[name].render
    assert render(of(CALL, segments)) == render(of(CALL, [HELLO, BARE]))


@pytest.mark.parametrize("name", FORMATS)
@given(text=st.text(st.characters(codec="utf-8")))
def test_every_format_is_utf_8_whatever_was_said(name: str, text: str) -> None:
    FORMATS[name].render(of(CALL, [replace(HELLO, text=text)])).decode()


@pytest.mark.parametrize("name", FORMATS)
def test_a_character_that_is_none_costs_no_transcript(name: str) -> None:
    assert FORMATS[name].render(of(CALL, [replace(HELLO, text="half \ud83d")])).decode()


@pytest.mark.parametrize("silent", SILENT)
@pytest.mark.parametrize("name", FORMATS)
def test_a_final_that_shows_nothing_is_in_no_format(name: str, silent: str) -> None:
    render = FORMATS[name].render
    noise = replace(HELLO, row_key="s-0", text=silent)
    assert render(of(CALL, [noise, HELLO, BARE])) == render(of(CALL, [HELLO, BARE]))
    assert render(of(CALL, [noise])) == render(of(CALL, []))
