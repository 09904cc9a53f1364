"""Speech as frames: how long words take, what is heard so far, and the frames on the wire.

Pure: times come in as ticks and go out as ticks.
"""

import re
import unicodedata
import zlib
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

import msgspec

from emulator.acs.clock import MAX_TICKS, ticks

# A word takes longer the longer it is: about 160 words a minute in English.
_SECONDS_PER_WORD = 0.15
_SECONDS_PER_LETTER = 0.045
_WORDS_PER_HYPOTHESIS = 3
# The recogniser waits for silence before it calls a phrase final.
_SECONDS_OF_SILENCE = 0.3
_PARTING = re.compile(r"[\s\-\u2013\u2014]+")

type Place = Callable[[int], int]


@dataclass(frozen=True, slots=True)
class Word:
    """One spoken word; `offset` counts from the beginning of the utterance."""

    text: str
    offset: int
    duration: int

    @property
    def end(self) -> int:
        """When the word is over."""
        return self.offset + self.duration


@dataclass(frozen=True, slots=True)
class Utterance:
    """What one participant says in one go, beginning at `start`, a moment in ticks."""

    speaker: str
    text: str
    start: int
    words: tuple[Word, ...]
    silence: int

    @property
    def duration(self) -> int:
        """How long it takes to say."""
        return self.words[-1].end


def utter(speaker: str, text: str, start: int, speed: float) -> Utterance:
    """Return `text` as spoken from `start` on, at `speed` times the usual pace."""
    words = tuple(_timed(_spoken_words(text), speed))
    return Utterance(speaker, text, start, words, ticks(_SECONDS_OF_SILENCE / speed))


def cues(utterance: Utterance) -> Iterator[tuple[int, int | None]]:
    """Yield when frames are due, and how many words each has; None is the final.

    The moments count from the beginning of the utterance.
    """
    for count in range(_WORDS_PER_HYPOTHESIS, len(utterance.words), _WORDS_PER_HYPOTHESIS):
        yield utterance.words[count - 1].end, count
    yield utterance.duration + utterance.silence, None


def from_stream_start(start: int) -> Place:
    """Return the scale that counts from the beginning of the stream."""
    return lambda moment: moment - start


def inverted_clock(moment: int) -> int:
    """Place a moment on the scale that counts down to the end of .NET's calendar."""
    return MAX_TICKS - moment


def metadata_frame(
    *,
    subscription_id: str,
    locale: str,
    call_connection_id: str,
    correlation_id: str,
    model_endpoint_id: str | None,
) -> str:
    """Return the frame that opens a stream."""
    metadata = {
        "subscriptionId": subscription_id,
        "locale": locale,
        "callConnectionId": call_connection_id,
        "correlationId": correlation_id,
    }
    if model_endpoint_id is not None:
        metadata["speechRecognitionModelEndpointId"] = model_endpoint_id
    return _json({"kind": "TranscriptionMetadata", "transcriptionMetadata": metadata})


def data_frame(
    utterance: Utterance, heard: int | None, place: Place, leave_out: Collection[str] = ()
) -> str:
    """Return the frame for the first `heard` words, or the final for all of them.

    Fields named in `leave_out` are not in it; a `duration` is then missing in its words, too.
    """
    words = utterance.words[:heard]
    data = {
        "text": utterance.text if heard is None else " ".join(word.text for word in words),
        "format": "display",
        "confidence": _confidence(utterance.text),
        "offset": place(utterance.start),
        "duration": words[-1].end,
        "words": [_word(word, utterance.start, place, leave_out) for word in words],
        "participantRawID": utterance.speaker,
        "resultStatus": "Final" if heard is None else "Intermediate",
    }
    return _json({"kind": "TranscriptionData", "transcriptionData": _without(leave_out, data)})


def _word(word: Word, start: int, place: Place, leave_out: Collection[str]) -> dict[str, object]:
    fields = {
        "text": word.text,
        "offset": place(start + word.offset),
        "duration": word.duration,
    }
    return _without({"duration"}.intersection(leave_out), fields)


def _without(names: Collection[str], fields: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in fields.items() if name not in names}


def _spoken_words(text: str) -> list[str]:
    """Return the words as they are recognised, before capitals and punctuation are put in.

    Spaces and dashes part them; in many scripts vowels are marks, which are no word characters.
    """
    return [word for part in _PARTING.split(text.lower()) if (word := _bare(part))] or [text]


def _bare(word: str) -> str:
    letters = [n for n, sign in enumerate(word) if not unicodedata.category(sign).startswith("P")]
    return word[letters[0] : letters[-1] + 1] if letters else ""


def _timed(texts: list[str], speed: float) -> Iterator[Word]:
    offset = 0
    for text in texts:
        seconds = _SECONDS_PER_WORD + _SECONDS_PER_LETTER * len(text)
        word = Word(text, offset, max(1, ticks(seconds / speed)))
        yield word
        offset = word.end


def _confidence(text: str) -> float:
    """Return something between 0.85 and 0.95, the same for the same text."""
    return 0.85 + zlib.crc32(text.encode()) / 2**32 / 10


def _json(frame: object) -> str:
    return msgspec.json.encode(frame).decode()
