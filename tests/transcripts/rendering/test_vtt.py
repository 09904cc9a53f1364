"""Checked by webvtt-py, strictly."""

import html
from dataclasses import replace
from io import StringIO
from unicodedata import normalize

import pytest
import webvtt
from hypothesis import given

from callscribe.calls.call import Call
from callscribe.stream.segments import Segment
from callscribe.transcripts.rendering.plain import on_one_line
from callscribe.transcripts.rendering.vtt import transcript_vtt
from tests.transcripts.said import BARE, CALL, HELLO, HOSTILE, SCRIPTS, VISIBLE, of

SEEN = str.maketrans({"\u200b": None, "｛": "{"})


def read(call: Call, *segments: Segment) -> list[webvtt.Caption]:
    document = transcript_vtt(of(call, segments))
    return webvtt.from_buffer(StringIO(document), strict=True).captions


def voice_and_text(captions: list[webvtt.Caption]) -> tuple[set[str], str]:
    """Return the speakers of captions, and what they say without white space."""
    voices, texts = set[str](), []
    for caption in captions:
        voice, _, text = caption.raw_text.removeprefix("<v ").partition(">")
        assert ">" not in text
        voices.add(voice.rstrip())
        texts.append(html.unescape(text))
    return voices, "".join("".join(texts).translate(SEEN).split())


def spaceless(text: str) -> str:
    return "".join(on_one_line(text).translate(SEEN).split())


def test_each_segment_is_a_numbered_cue_with_its_times_and_speaker() -> None:
    assert transcript_vtt(of(CALL, [BARE, HELLO])) == (
        "WEBVTT\n\nNOTE Call 01KB5Z. Times count from when it rang: 2026-11-22T18:54:00,000Z\n"
        "\n1\n00:00:03.000 --> 00:00:03.500\n<v caller>Hello.\n"
        "\n2\n00:00:04.000 --> 00:00:05.000\n<v unknown>Hi.\n"
    )


def test_a_parser_finds_all_of_that() -> None:
    first, second = read(CALL, HELLO, BARE)
    assert (first.identifier, first.start, first.end) == ("1", "00:00:03.000", "00:00:03.500")
    assert (first.voice, first.text) == ("caller", "Hello.")
    assert (second.voice, second.text) == ("unknown", "Hi.")


@pytest.mark.parametrize("text", [*HOSTILE, *SCRIPTS.values()])
def test_what_was_said_is_intact(text: str) -> None:
    name = text.strip()
    *captions, last = read(replace(CALL, caller_name=name), replace(HELLO, text=text), BARE)
    [voice], found = voice_and_text(captions)
    assert normalize("NFKC", voice) == normalize("NFKC", on_one_line(name))
    assert found == spaceless(text)
    assert voice_and_text([last]) == ({"unknown"}, "Hi.")


@given(VISIBLE)
def test_any_text_is_read_as_it_was_said(text: str) -> None:
    captions = read(CALL, replace(HELLO, text=text))
    assert voice_and_text(captions)[0] == {"caller"}


def test_each_caption_of_a_long_utterance_has_its_speaker() -> None:
    captions = read(CALL, replace(HELLO, text="and so on " * 40))
    assert len(captions) > 4
    assert [caption.identifier for caption in captions] == [
        str(number) for number in range(1, len(captions) + 1)
    ]
    assert voice_and_text(captions) == ({"caller"}, "andsoon" * 40)


def test_without_segments_there_are_no_cues() -> None:
    assert read(CALL) == []
