"""Speech as frames: the timing of words, hypotheses and finals, and their form on the wire.

These functions are pure; all times are in ticks.
"""

import re
import unicodedata
import zlib
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

import msgspec

from emulator.acs.clock import MAX_TICKS, ticks

# Long words take longer than short ones; in English this makes about 160 words a minute.
_SECONDS_PER_WORD = 0.15
_SECONDS_PER_LETTER = 0.045
_WORDS_PER_HYPOTHESIS = 3
# A recogniser waits for silence before it takes a phrase as final.
_SECONDS_OF_SILENCE = 0.3
_WORD_BREAK = re.compile(r"[\s\-\u2013\u2014]+")

# Converts a moment to the offset that stands for it in a frame.
type OffsetScale = Callable[[int], int]


@dataclass(frozen=True, slots=True)
class Word:
    """A spoken word; `offset` counts from the beginning of the utterance."""

    text: str
    offset: int
    duration: int

    @property
    def end(self) -> int:
        """The end of the word, counted from the beginning of the utterance."""
        return self.offset + self.duration


@dataclass(frozen=True, slots=True)
class Utterance:
    """What a participant says without a pause; `start` is the moment at which it begins."""

    speaker: str
    text: str
    start: int
    words: tuple[Word, ...]
    silence: int

    @property
    def duration(self) -> int:
        """The span from the first word to the end of the last."""
        return self.words[-1].end


def make_utterance(speaker: str, text: str, start: int, speed: float) -> Utterance:
    """Return `text` as spoken from `start` on, at `speed` times the usual pace."""
    words = tuple(_timed(_spoken_words(text), speed))
    return Utterance(speaker, text, start, words, ticks(_SECONDS_OF_SILENCE / speed))


def frame_times(utterance: Utterance) -> Iterator[tuple[int, int | None]]:
    """Yield when each frame is due, and its number of words; None stands for the final.

    The times count from the beginning of the utterance.
    """
    # ACS sends one about every third word; each repeats the words of the earlier ones.
    for count in range(_WORDS_PER_HYPOTHESIS, len(utterance.words), _WORDS_PER_HYPOTHESIS):
        yield utterance.words[count - 1].end, count
    yield utterance.duration + utterance.silence, None


def from_stream_start(start: int) -> OffsetScale:
    """Return the scale on which offsets count from the beginning of the stream."""
    return lambda moment: moment - start


def inverted_clock(moment: int) -> int:
    """Return the offset on the scale that counts down to the end of .NET's calendar."""
    # Such an offset exceeds 2^53: a parser that reads JSON numbers as floats rounds it.
    return MAX_TICKS - moment


def metadata_frame(
    *,
    subscription_id: str,
    locale: str,
    call_connection_id: str,
    correlation_id: str,
    model_endpoint_id: str | None,
) -> str:
    """Return the first frame of a stream."""
    metadata = {
        "subscriptionId": subscription_id,
        "locale": locale,
        "callConnectionId": call_connection_id,
        "correlationId": correlation_id,
    }
    # The how-to page shows metadata without a model, too: the field is there only with one.
    if model_endpoint_id is not None:
        metadata["speechRecognitionModelEndpointId"] = model_endpoint_id
    return _json({"kind": "TranscriptionMetadata", "transcriptionMetadata": metadata})


def data_frame(
    utterance: Utterance,
    word_count: int | None,
    offset_of: OffsetScale,
    leave_out: Collection[str] = (),
) -> str:
    """Return the hypothesis with the first `word_count` words, or the final for None.

    The frame lacks the fields in `leave_out`; a `duration` is then missing in its words as well.
    """
    words = utterance.words[:word_count]
    data = {
        # Like the `words` of documented finals, hypotheses have no capitals and no punctuation.
        "text": utterance.text if word_count is None else " ".join(word.text for word in words),
        "format": "display",
        "confidence": _confidence(utterance.text),
        "offset": offset_of(utterance.start),
        "duration": words[-1].end,
        "words": [_word(word, utterance.start, offset_of, leave_out) for word in words],
        # Capital ID and `resultStatus`: the names on the wire, which the SDKs' types do not have.
        "participantRawID": utterance.speaker,
        "resultStatus": "Final" if word_count is None else "Intermediate",
    }
    return _json({"kind": "TranscriptionData", "transcriptionData": _without(leave_out, data)})


def _word(
    word: Word, start: int, offset_of: OffsetScale, leave_out: Collection[str]
) -> dict[str, object]:
    fields = {
        "text": word.text,
        "offset": offset_of(start + word.offset),
        "duration": word.duration,
    }
    return _without({"duration"}.intersection(leave_out), fields)


def _without(names: Collection[str], fields: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in fields.items() if name not in names}


def _spoken_words(text: str) -> list[str]:
    """Return the words of a text as they are recognised: in lower case, without punctuation."""
    parts = _WORD_BREAK.split(text.lower())
    return [word for part in parts if (word := _without_punctuation(part))] or [text]


def _without_punctuation(word: str) -> str:
    # By Unicode category, not by `\w`: in many scripts vowels are marks, which `\w` does not match.
    kept = [n for n, char in enumerate(word) if not unicodedata.category(char).startswith("P")]
    return word[kept[0] : kept[-1] + 1] if kept else ""


def _timed(texts: list[str], speed: float) -> Iterator[Word]:
    offset = 0
    for text in texts:
        seconds = _SECONDS_PER_WORD + _SECONDS_PER_LETTER * len(text)
        word = Word(text, offset, max(1, ticks(seconds / speed)))
        yield word
        offset = word.end


def _confidence(text: str) -> float:
    """Return a number between 0.85 and 0.95, always the same for the same text."""
    return 0.85 + zlib.crc32(text.encode()) / 2**32 / 10


def _json(frame: object) -> str:
    return msgspec.json.encode(frame).decode()
