"""The documented form of speech, which costs one decode; the others are in test_dialects.py."""

import json

import pytest

from callscribe.foundation.moments import Ticks
from callscribe.stream.frames import LONGEST, LONGEST_LOCALE, Speech, Word, documented
from tests.wire_samples import sample


def final(**changes: object) -> bytes:
    """Return the documented sample with fields changed; Ellipsis leaves one out."""
    frame = json.loads(sample("frames", "final"))
    fields = frame["transcriptionData"] | changes
    frame["transcriptionData"] = {name: value for name, value in fields.items() if value is not ...}
    return json.dumps(frame).encode()


def test_a_documented_final_is_speech_without_a_repair() -> None:
    assert documented(sample("frames", "final")) == Speech(
        text="Hello everyone.",
        final=True,
        speaker="4:+000000000000",
        offset=Ticks(212483227),
        duration=Ticks(9600000),
        confidence=0.922650933265686,
        words=(
            Word("hello", Ticks(212483227), Ticks(2800000)),
            Word("everyone", Ticks(215283227), Ticks(6800000)),
        ),
        repaired=(),
        language=None,
    )


def test_a_hypothesis_is_not_final() -> None:
    found = documented(final(resultStatus="Intermediate"))
    assert found is not None
    assert not found.final


def test_the_language_that_was_identified_is_read() -> None:
    found = documented(final(languageIdentified="es-ES"))
    assert found is not None
    assert found.language == "es-ES"


@pytest.mark.parametrize(
    "changes",
    [
        {"offset": -1},
        {"offset": ...},
        {"offset": 2**63},
        {"duration": LONGEST + 1},
        {"confidence": 1.1},
        {"words": None},
        {"text": 7},
        {"participantRawID": ""},
        {"resultStatus": "final"},
        {"languageIdentified": "x" * (LONGEST_LOCALE + 1)},
    ],
)
def test_what_differs_in_anything_is_left_to_the_other_forms(changes: dict[str, object]) -> None:
    assert documented(final(**changes)) is None


@pytest.mark.parametrize("body", [b"", b"null", b"{}", b"[]", sample("frames", "metadata")])
def test_what_is_no_speech_is_none(body: bytes) -> None:
    assert documented(body) is None
