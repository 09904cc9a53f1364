"""The rows of a transcript: a segment is something said, a quarantined row a frame unread.

Column names are a public contract: docs/querying.md.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from callscribe.foundation.columns import (
    BUDGET,
    Columns,
    Value,
    entity_size,
    joined_text,
    split_binary,
    split_text,
)
from callscribe.foundation.moments import iso
from callscribe.stream.frames import LONGEST, Speech, Word
from callscribe.stream.state import CLOCK_FROM, TICKS_PER_MS, Placed, StreamState
from callscribe.stream.upstream import UpstreamEvent

_COLUMN_HEADS = 1024
"""More than storage counts for the names and types of the columns of 64 KiB within the budget."""

TimedWord = tuple[str, int | None, int | None]
"""A word, its start in ms from the segment's start, its duration in ms; None where unknown."""

_WORDS = msgspec.json.Decoder(tuple[TimedWord, ...])


@dataclass(frozen=True, slots=True)
class Segment:
    """One segment as it is read back. Times are ISO 8601 UTC; None where the wire did not tell."""

    row_key: str
    text: str
    speaker_id: str
    start_time: str
    end_time: str | None
    duration_ms: int | None
    confidence: float | None
    locale: str | None
    words: tuple[TimedWord, ...]
    duplicate_of: str | None


def segment_columns(event: UpstreamEvent, speech: Speech, placed: Placed, received: int) -> Columns:
    """Build a segment's row; `received` is in Unix ms. Unknown columns are left out."""
    words = timed_words(speech)
    repaired = [*speech.repaired, *(() if placed.usable else ("offset",))]
    row = _origin(event, placed.state, received)
    row |= split_text("Text", speech.text)
    row |= _known(
        SpeakerId=speech.speaker or None,
        StartTime=iso(placed.start // TICKS_PER_MS),
        EndTime=None if placed.end is None else iso(placed.end // TICKS_PER_MS),
        DurationMs=None if speech.duration is None else speech.duration // TICKS_PER_MS,
        Confidence=speech.confidence,
        Locale=placed.state.locale or None,
        WireOffset=speech.offset if placed.usable else None,
    )
    timings = split_text("Words", msgspec.json.encode(words).decode()) if words else {}
    if timings and entity_size(row | timings) > BUDGET:
        timings = {}
        repaired.append("words")
    return row | timings | _known(Repaired=",".join(dict.fromkeys(repaired)) or None)


def fits(columns: Columns) -> bool:
    """Tell whether a row is small enough to be sent."""
    return entity_size(columns) <= BUDGET


def quarantine_columns(
    event: UpstreamEvent, reason: str, state: StreamState, received: int
) -> Columns:
    """Build the row of a frame that is no segment: why, and as many of its bytes as have room."""
    row = _origin(event, state, received)
    row |= {
        "Why": reason,
        "Length": len(event.body),
        "Sha256": hashlib.sha256(event.body).hexdigest(),
    }
    # On the wire bytes are base64, a third longer, and Azurite counts what is on the wire.
    room = (BUDGET - entity_size(row) - _COLUMN_HEADS) * 3 // 4
    return row | split_binary("Body", event.body[: max(0, room)])


def timed_words(speech: Speech) -> list[TimedWord]:
    """Return the words with times relative to the segment; times that do not fit it are None."""
    return [_timed(word, speech) for word in speech.words]


def read_segment(row_key: str, columns: Mapping[str, Value]) -> Segment:
    """Read a segment's row back. What another hand spoilt is left out, so that the rest is read."""
    confidence, duration = columns.get("Confidence"), columns.get("DurationMs")
    return Segment(
        row_key=row_key,
        text=joined_text(columns, "Text"),
        speaker_id=str(columns.get("SpeakerId", "")),
        start_time=str(columns.get("StartTime", "")),
        end_time=_text(columns, "EndTime"),
        duration_ms=duration if isinstance(duration, int) else None,
        confidence=float(confidence) if isinstance(confidence, int | float) else None,
        locale=_text(columns, "Locale"),
        words=_words(columns),
        duplicate_of=_text(columns, "DuplicateOf"),
    )


def _words(columns: Mapping[str, Value]) -> tuple[TimedWord, ...]:
    try:
        return _WORDS.decode(joined_text(columns, "Words") or "[]")
    except ValueError:  # msgspec's errors are such, and so is a lone surrogate's
        return ()


def _origin(event: UpstreamEvent, state: StreamState, received: int) -> Columns:
    return {
        "ConnectionId": event.connection_id,
        "Sequence": int(event.sequence),
        "ReceivedAt": iso(received),
        "Seen": state.seen,
        "Missing": state.missing,
    }


def _timed(word: Word, speech: Speech) -> TimedWord:
    if word.offset is None or speech.offset is None:
        return word.text, None, None
    start = word.offset - speech.offset
    if speech.offset >= CLOCK_FROM:
        start = -start  # the clock runs backwards
    longest = LONGEST if speech.duration is None else speech.duration
    if not 0 <= start <= start + (word.duration or 0) <= longest:
        return word.text, None, None
    duration = None if word.duration is None else word.duration // TICKS_PER_MS
    return word.text, start // TICKS_PER_MS, duration


def _known(**columns: Value | None) -> Columns:
    return {name: value for name, value in columns.items() if value is not None}


def _text(columns: Mapping[str, Value], name: str) -> str | None:
    value = columns.get(name)
    return None if value is None else str(value)
