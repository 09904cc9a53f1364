"""Frames of speech, as the service's own parsers take them."""

import json
from itertools import pairwise

import pytest

from emulator.acs.clock import MAX_TICKS
from emulator.acs.speech import (
    data_frame,
    frame_times,
    from_stream_start,
    inverted_clock,
    make_utterance,
)

START = 638_000_000_000_000_000
TEXT = "Hello everyone, it's good to see you."


def test_words_follow_each_other_and_fill_the_utterance() -> None:
    utterance = make_utterance("4:+1", TEXT, START, 1)
    words = utterance.words
    spoken = ["hello", "everyone", "it's", "good", "to", "see", "you"]
    assert [word.text for word in words] == spoken
    assert words[0].offset == 0
    assert all(before.end == after.offset for before, after in pairwise(words))
    assert sum(word.duration for word in words) == utterance.duration


def test_twice_the_speed_takes_half_the_time() -> None:
    usual, quick = make_utterance("4:+1", TEXT, START, 1), make_utterance("4:+1", TEXT, START, 2)
    assert quick.duration * 2 == pytest.approx(usual.duration, abs=len(usual.words) * 2)


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("Καλησπέρα, τι ώρα;", ["καλησπέρα", "τι", "ώρα"]),
        ("«नमस्ते, आप कैसे हैं?»", ["नमस्ते", "आप", "कैसे", "हैं"]),
        ("مرحبا، هل المحلّ مفتوح؟", ["مرحبا", "هل", "المحلّ", "مفتوح"]),
        ("Well-known \u2013 at 18:30.", ["well", "known", "at", "18:30"]),
        ("Thanks 👩\u200d👩\u200d👧!", ["thanks", "👩\u200d👩\u200d👧"]),
    ],
)
def test_words_stay_whole_in_every_script(text: str, spoken: list[str]) -> None:
    assert [word.text for word in make_utterance("4:+1", text, START, 1).words] == spoken


@pytest.mark.parametrize("text", ["…", "👍", "?!"])
def test_what_has_no_words_is_one_word(text: str) -> None:
    assert [word.text for word in make_utterance("4:+1", text, START, 1).words] == [text]


def test_hypotheses_grow_until_the_final() -> None:
    utterance = make_utterance("4:+1", TEXT, START, 1)
    (first, heard), (second, more), (last, everything) = frame_times(utterance)
    assert (heard, more, everything) == (3, 6, None)
    assert first < second < utterance.duration < last


def test_a_final_has_every_field_of_the_wire_format() -> None:
    utterance = make_utterance("4:+1", "Hello everyone.", START, 1)
    frame = json.loads(data_frame(utterance, None, from_stream_start(START - 70)))
    assert frame["kind"] == "TranscriptionData"
    data = frame["transcriptionData"]
    assert 0 < data.pop("confidence") < 1
    assert data == {
        "text": "Hello everyone.",
        "format": "display",
        "offset": 70,
        "duration": 8850000,
        "words": [
            {"text": "hello", "offset": 70, "duration": 3750000},
            {"text": "everyone", "offset": 3750070, "duration": 5100000},
        ],
        "participantRawID": "4:+1",
        "resultStatus": "Final",
    }


@pytest.mark.parametrize("field", ["words", "confidence", "participantRawID"])
def test_a_field_can_be_left_out(field: str) -> None:
    utterance = make_utterance("4:+1", "Hello everyone.", START, 1)
    whole, without = (
        json.loads(data_frame(utterance, None, inverted_clock, leave_out))["transcriptionData"]
        for leave_out in ((), {field})
    )
    assert whole.pop(field)
    assert without == whole


def test_durations_are_left_out_of_the_words_too() -> None:
    utterance = make_utterance("4:+1", "Hello everyone.", START, 1)
    frame = json.loads(data_frame(utterance, None, from_stream_start(START), {"duration"}))
    assert "duration" not in frame["transcriptionData"]
    assert frame["transcriptionData"]["words"] == [
        {"text": "hello", "offset": 0},
        {"text": "everyone", "offset": 3750000},
    ]


def test_a_hypothesis_has_what_was_heard_so_far() -> None:
    utterance = make_utterance("4:+1", TEXT, START, 1)
    data = json.loads(data_frame(utterance, 3, from_stream_start(START)))["transcriptionData"]
    assert data["text"] == "hello everyone it's"
    assert data["resultStatus"] == "Intermediate"
    assert len(data["words"]) == 3
    assert data["duration"] == utterance.words[2].end


def test_the_inverted_clock_counts_down_to_the_end_of_the_calendar() -> None:
    utterance = make_utterance("4:+1", "Hello everyone.", START, 1)
    data = json.loads(data_frame(utterance, None, inverted_clock))["transcriptionData"]
    assert data["offset"] == MAX_TICKS - START
    assert data["words"][1]["offset"] == MAX_TICKS - START - 3750000
    assert data["duration"] == 8850000
