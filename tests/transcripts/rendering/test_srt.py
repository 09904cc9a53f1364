"""Checked by the library srt, and by webvtt-py, which reads SubRip too."""

from dataclasses import replace
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
import srt  # type: ignore[import-untyped] # has no types
import webvtt
from hypothesis import given

from callscribe.calls.call import Call
from callscribe.stream.segments import Segment
from callscribe.transcripts.rendering.plain import on_one_line
from callscribe.transcripts.rendering.srt import named_cues, transcript_srt
from tests.transcripts.said import BARE, CALL, HELLO, HOSTILE, SCRIPTS, VISIBLE, of

SEEN = str.maketrans({"\u2068": None, "\u2069": None, "\u200b": None, "｛": "{"})


def read(call: Call, *segments: Segment) -> list[Any]:
    document = transcript_srt(of(call, segments))
    found = list(srt.parse(document, ignore_errors=False))
    assert len(webvtt.from_buffer(StringIO(document), format="srt")) == len(found)
    return found


def said(captions: list[Any]) -> str:
    """Return what captions say, without white space, and without what cannot be seen."""
    text = "".join(caption.content for caption in captions)
    return "".join(text.translate(SEEN).split())


def test_each_segment_is_a_numbered_caption_with_its_speaker() -> None:
    assert transcript_srt(of(CALL, [BARE, HELLO])) == (
        "1\n00:00:03,000 --> 00:00:03,500\ncaller: Hello.\n\n"
        "2\n00:00:04,000 --> 00:00:05,000\nunknown: Hi.\n\n"
    )


def test_a_parser_finds_all_of_that() -> None:
    first, second = read(CALL, HELLO, BARE)
    assert (first.index, first.content) == (1, "caller: Hello.")
    assert (first.start, first.end) == (timedelta(seconds=3), timedelta(seconds=3.5))
    assert (second.index, second.content) == (2, "unknown: Hi.")


def test_signs_are_written_as_they_are() -> None:
    call = replace(CALL, caller_name="Q&A desk")
    [caption] = read(call, replace(HELLO, text="R&D at AT&T: 5 < 6."))
    assert caption.content == "Q&A desk: R&D at AT&T: 5 < 6."


@pytest.mark.parametrize("text", [*HOSTILE, *SCRIPTS.values()])
def test_what_was_said_is_intact(text: str) -> None:
    *captions, last = read(CALL, replace(HELLO, text=text), BARE)
    assert said(captions) == "".join(f"caller:{on_one_line(text)}".translate(SEEN).split())
    assert last.content == "unknown: Hi."


@given(VISIBLE)
def test_any_text_is_read_as_captions(text: str) -> None:
    for caption in read(CALL, replace(HELLO, text=text)):
        assert "-->" not in caption.content
        assert "\n\n" not in caption.content


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Front desk", "Front desk"),
        ("Maximiliane Freifrau von und zu Weit weg", "Maximiliane Freifr…Weit weg"),
        ("数字" * 20, "数字数字数字数字数…数字数字"),
    ],
)
def test_a_long_name_leaves_room_for_words(name: str, shown: str) -> None:
    [cue] = named_cues(of(replace(CALL, caller_name=name), [HELLO]))
    assert cue.lines[0].startswith(f"{shown}:")


def test_without_segments_it_is_empty() -> None:
    assert transcript_srt(of(CALL, [])) == ""
