"""What every sample of a frame is read as; test_frames.py and test_dialects.py have the rules."""

import msgspec
import pytest

from callscribe.foundation.moments import Ticks
from callscribe.stream.frames import Frame, Media, Metadata, Speech, Unreadable, Word
from tests.stream.streaming import parse_frame
from tests.wire_samples import names, sample


def word(text: str, offset: int | None = None, duration: int | None = None) -> Word:
    """Return a word with its place in ticks."""
    return Word(
        text,
        None if offset is None else Ticks(offset),
        None if duration is None else Ticks(duration),
    )


CLOCK = Ticks(2516998782481234400)
METADATA = Metadata(locale="en-US", subscription_id="0000a000-9999-5555-ae00-cd00e0bc0000")
HELLO = Speech(
    text="Hello everyone.",
    final=True,
    speaker="4:+000000000000",
    offset=Ticks(212483227),
    duration=Ticks(9600000),
    confidence=0.922650933265686,
    words=(word("hello", 212483227, 2800000), word("everyone", 215283227, 6800000)),
    repaired=(),
)
TESTING = Speech(
    text="Testing transcription.",
    final=True,
    speaker="8:acs:",
    offset=CLOCK,
    duration=Ticks(9600000),
    confidence=0.695223331451416,
    words=(word("testing", CLOCK, 2800000), word("transcription", CLOCK - 2800000, 6800000)),
    repaired=(),
)
UNKNOWN_KIND = Unreadable("unknown kind of frame")
NO_JSON = Unreadable("not JSON")
TOO_DEEP = Unreadable("not acceptable JSON")
NO_TEXT = Unreadable("transcriptionData.text: expected text")
NO_DATA = Unreadable("transcriptionData: expected an object")


def but(speech: Speech = HELLO, /, **changes: object) -> Speech:
    return msgspec.structs.replace(speech, **changes)


def without(*fields: str, **changes: object) -> Speech:
    """Return the documented speech as it is read when these fields are missing or unusable."""
    empty: dict[str, tuple[str, object]] = {
        "resultStatus": ("final", True),
        "participantRawID": ("speaker", None),
        "words": ("words", ()),
    }
    lost = dict(empty.get(field, (field, None)) for field in fields)
    return but(**lost, repaired=fields, **changes)


FRAMES: dict[str, Frame] = {
    "metadata": METADATA,
    "metadata-without-model": METADATA,
    "metadata-page": Metadata("en-us", "835be116-f750-48a4-a5a4-ab85e070e5b0"),
    "metadata-preview": Metadata("en-US", "863b5e55-de0d-4fc3-8e58-2d68e976b5ad"),
    "final": HELLO,
    "final-upper-case": HELLO,
    "final-lower-case": HELLO,
    "intermediate": but(
        text="hello every", final=False, words=(word("hello", 212483227, 2800000),)
    ),
    "intermediate-lower-case": but(final=False),
    "intermediate-without-words": without(
        "duration", "confidence", "words", text="hel", final=False
    ),
    "result-state": but(final=False),
    "participant-raw-id": HELLO,
    "clock": TESTING,
    "clock-without-duration": but(
        TESTING, duration=None, words=(word("testing", CLOCK),) * 2, repaired=("duration",)
    ),
    "offset-beyond-2-53": but(
        offset=Ticks(9007199254740993), words=(word("hello", 9007199254740993, 2800000),)
    ),
    "offset-largest": but(offset=Ticks(9223372036854775807), words=()),
    "preview": Speech(
        text="My date of birth is *********.",
        final=True,
        speaker="4:+917020276722",
        offset=Ticks(309058340),
        duration=Ticks(31600000),
        confidence=0.8726407289505005,
        words=(),
        repaired=(),
    ),
    "preview-language": but(language="es-ES"),
    "without-duration": without("duration"),
    "without-words": without("words"),
    "without-confidence": without("confidence"),
    "without-offset": without("offset"),
    "without-speaker": without("participantRawID"),
    "without-status": without("resultStatus"),
    "words-without-duration": but(words=(word("hello", 212483227), word("everyone", 215283227))),
    "bare": without(
        "resultStatus", "participantRawID", "offset", "duration", "confidence", "words"
    ),
    "audio-metadata": Media(),
    "audio-data": Media(),
    "dtmf-data": Media(),
    "mark-data": Media(),
}
ODD_FRAMES: dict[str, Frame] = {
    "empty": NO_JSON,
    "no-json": NO_JSON,
    "binary": NO_JSON,
    "utf-16": NO_JSON,
    "cut-short": NO_JSON,
    "nested": TOO_DEEP,
    "nested-field": TOO_DEEP,
    "list": HELLO,
    "null": Unreadable("expected a JSON object, got NoneType"),
    "unknown-kind": UNKNOWN_KIND,
    "no-kind": UNKNOWN_KIND,
    "no-data": NO_DATA,
    "data-text": NO_DATA,
    "no-text": NO_TEXT,
    "text-number": NO_TEXT,
    "kind-lower-case": HELLO,
    "byte-order-mark": HELLO,
    "twice-the-text": HELLO,
    "metadata-empty": Metadata(None, None),
    "metadata-numbers": Metadata(None, None),
    "offset-negative": without("offset"),
    "offset-2-63": without("offset"),
    "offset-float": without("offset"),
    "offset-text": without("offset"),
    "offset-null": without("offset"),
    "offset-endless": without("offset"),
    "duration-negative": without("duration"),
    "duration-2-63": without("duration"),
    "duration-float": without("duration"),
    "duration-text": without("duration"),
    "confidence-nan": without("confidence"),
    "confidence-7": without("confidence"),
    "confidence-text": without("confidence"),
    "words-text": without("words"),
    "words-numbers": without("words"),
    "everything-wrong": without(
        "resultStatus", "participantRawID", "offset", "duration", "confidence", "words"
    ),
    "text-nul": but(text="a\0b"),
    "text-lone-surrogate": but(text="a\ufffdb"),
    "text-right-to-left": but(text="\u202etxet"),
    "text-emoji": but(text="\U0001f600"),
    "text-emoji-escaped": but(text="\U0001f600"),
    "text-script": but(text="<script>alert(1)</script>"),
    "text-bad-utf-8": but(text="caf\ufffd"),
    "text-empty": but(text=""),
}


@pytest.mark.parametrize(("kind", "expected"), [("frames", FRAMES), ("odd-frames", ODD_FRAMES)])
def test_every_sample_has_its_expectation(kind: str, expected: dict[str, Frame]) -> None:
    assert set(expected) == names(kind)


@pytest.mark.parametrize("name", FRAMES)
def test_a_documented_frame_is_read_as_expected(name: str) -> None:
    assert parse_frame(sample("frames", name)) == FRAMES[name]


@pytest.mark.parametrize("name", ODD_FRAMES)
def test_an_odd_frame_is_read_as_expected(name: str) -> None:
    assert parse_frame(sample("odd-frames", name)) == ODD_FRAMES[name]
