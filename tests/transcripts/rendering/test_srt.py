"""Checked by the library srt, and by webvtt-py, which reads SubRip too."""

import html
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
from callscribe.transcripts.rendering.srt import transcript_srt
from tests.transcripts.said import BARE, CALL, HELLO, HOSTILE, SCRIPTS, VISIBLE


def read(call: Call, *segments: Segment) -> list[Any]:
    document = transcript_srt(call, segments)
    assert len(webvtt.from_buffer(StringIO(document), format="srt")) == len(segments)
    return list(srt.parse(document, ignore_errors=False))


def said(caption: Any) -> str:
    """Return what a caption says, without the marks that isolate a direction of reading."""
    return html.unescape(caption.content).replace("\u2068", "").replace("\u2069", "")


def test_each_segment_is_a_numbered_caption_with_its_speaker() -> None:
    assert transcript_srt(CALL, [BARE, HELLO]) == (
        "1\n00:00:03,000 --> 00:00:03,500\ncaller: Hello.\n\n"
        "2\n00:00:04,000 --> 00:00:05,000\nunknown: Hi.\n\n"
    )


def test_a_parser_finds_all_of_that() -> None:
    first, second = read(CALL, HELLO, BARE)
    assert (first.index, first.content) == (1, "caller: Hello.")
    assert (first.start, first.end) == (timedelta(seconds=3), timedelta(seconds=3.5))
    assert (second.index, second.content) == (2, "unknown: Hi.")


@pytest.mark.parametrize("text", [*HOSTILE, *SCRIPTS.values()])
def test_what_was_said_is_one_caption_and_intact(text: str) -> None:
    first, second = read(CALL, replace(HELLO, text=text), BARE)
    assert said(first).rstrip() == f"caller: {on_one_line(text)}".rstrip()
    assert second.content == "unknown: Hi."


@given(VISIBLE)
def test_any_text_is_one_caption(text: str) -> None:
    [caption] = read(CALL, replace(HELLO, text=text))
    assert "<" not in caption.content
    assert "-->" not in caption.content


def test_without_segments_it_is_empty() -> None:
    assert transcript_srt(CALL, []) == ""
