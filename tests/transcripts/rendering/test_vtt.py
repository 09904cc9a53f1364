"""Checked by webvtt-py, strictly."""

import html
from dataclasses import replace
from io import StringIO

import pytest
import webvtt
from hypothesis import given

from callscribe.calls.call import Call
from callscribe.stream.segments import Segment
from callscribe.transcripts.rendering.plain import on_one_line
from callscribe.transcripts.rendering.vtt import transcript_vtt
from tests.transcripts.said import BARE, CALL, HELLO, HOSTILE, SCRIPTS, VISIBLE


def read(call: Call, *segments: Segment) -> list[webvtt.Caption]:
    document = transcript_vtt(call, segments)
    return webvtt.from_buffer(StringIO(document), strict=True).captions


def voice_and_text(caption: webvtt.Caption) -> tuple[str, str]:
    voice, _, text = caption.raw_text.removeprefix("<v ").partition(">")
    assert ">" not in text
    return html.unescape(voice).rstrip(), html.unescape(text)


def test_each_segment_is_a_cue_with_its_key_times_and_speaker() -> None:
    assert transcript_vtt(CALL, [BARE, HELLO]) == (
        "WEBVTT\n\nNOTE Call 01KB5Z; 00:00:00.000 is 2026-11-22T18:54:00.000Z, when it rang.\n"
        "\ns-1\n00:00:03.000 --> 00:00:03.500\n<v caller>Hello.\n"
        "\ns-2\n00:00:04.000 --> 00:00:05.000\n<v unknown>Hi.\n"
    )


def test_a_parser_finds_all_of_that() -> None:
    first, second = read(CALL, HELLO, BARE)
    assert (first.identifier, first.start, first.end) == ("s-1", "00:00:03.000", "00:00:03.500")
    assert (first.voice, first.text) == ("caller", "Hello.")
    assert (second.voice, second.text) == ("unknown", "Hi.")


@pytest.mark.parametrize("text", [*HOSTILE, *SCRIPTS.values()])
def test_what_was_said_is_one_cue_and_intact(text: str) -> None:
    name = text.strip() or "Ann"
    first, second = read(replace(CALL, caller_name=name), replace(HELLO, text=text), BARE)
    shown = on_one_line(text)
    assert voice_and_text(first) == (on_one_line(name), shown)
    assert voice_and_text(second) == ("unknown", "Hi.")


@given(VISIBLE)
def test_any_text_is_read_as_it_was_said(text: str) -> None:
    [caption] = read(CALL, replace(HELLO, text=text))
    assert voice_and_text(caption)[1] == on_one_line(text)


def test_a_key_written_by_another_hand_breaks_no_cue() -> None:
    [caption] = read(CALL, replace(HELLO, row_key="s --> 1"))
    assert caption.identifier == "s --&gt; 1"


def test_without_segments_there_are_no_cues() -> None:
    assert read(CALL) == []
