"""Something said, as a segment: its row, and its message for viewers.

Column names are a public contract: docs/querying.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from callscribe.foundation.columns import (
    BUDGET,
    Columns,
    Value,
    entity_size,
    joined_text,
    known,
    number_in,
    split_text,
    text_in,
)
from callscribe.foundation.identifiers import segment_key
from callscribe.foundation.json_input import Decoder, Json
from callscribe.foundation.masking import masked
from callscribe.foundation.moments import Ms, Ticks, iso, ms_of
from callscribe.stream.clock import CLOCK_FROM
from callscribe.stream.frames import LONGEST, Frame, Media, Metadata, Speech, Unreadable, Word
from callscribe.stream.state import Placed, StreamState, kept
from callscribe.stream.upstream import UpstreamEvent

# A word, its start in ms from the segment's start, its duration in ms; None where unknown.
TimedWord = tuple[str, int | None, int | None]
_WORDS: Decoder[tuple[TimedWord, ...]] = Decoder(tuple[TimedWord, ...])


@dataclass(frozen=True, slots=True)
class Segment:
    """Something said, as its row has it. Times are ISO 8601 UTC; None where not known."""

    row_key: str
    text: str
    speaker_id: str | None
    start_time: str | None
    end_time: str | None
    duration_ms: int | None
    confidence: float | None
    locale: str | None
    words: tuple[TimedWord, ...]
    duplicate_of: str | None


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a call to write: `whole`, or merged into what is there."""

    key: str
    columns: Columns
    whole: bool = True


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept of a frame: its row, or why it must be quarantined, and its live message."""

    row: Row | None = None
    live: Json | None = None
    quarantined: str | None = None


def keep(event: UpstreamEvent, frame: Frame, placed: Placed, received: Ms) -> Kept:
    """Return what is kept of a frame. A hypothesis is shown to viewers and not stored.

    A frame that cannot be read must be quarantined, and so must one that is too large for a row.
    """
    match frame:
        case Metadata() | Media():
            return Kept()
        case Speech():
            segment = new_segment(event, frame, placed)
            live = spoken_json(segment, final=frame.final)
            if not frame.final:
                return Kept(live=live)
            columns = segment_columns(segment, event, frame, placed, received)
            if fits(columns):
                return Kept(Row(segment.row_key, columns), live)
            return Kept(live=live, quarantined="too large for an entity")
        case Unreadable():
            return Kept(quarantined=frame.reason)


def new_segment(event: UpstreamEvent, speech: Speech, placed: Placed) -> Segment:
    """Make the segment of something said, with the absolute time that was found for it."""
    return Segment(
        row_key=segment_key(event.at, placed.state.stream_id, event.sequence),
        text=speech.text,
        speaker_id=speech.speaker,
        start_time=iso(ms_of(placed.start)),
        end_time=None if placed.end is None else iso(ms_of(placed.end)),
        duration_ms=None if speech.duration is None else ms_of(speech.duration),
        confidence=speech.confidence,
        locale=speech.language or placed.state.locale,
        words=tuple(_timed(word, placed.offset, speech.duration) for word in speech.words),
        duplicate_of=None,
    )


def segment_columns(
    segment: Segment, event: UpstreamEvent, speech: Speech, placed: Placed, received: Ms
) -> Columns:
    """Build a segment's row. What is not known is left out; what was repaired is named.

    A row that would be too large loses its words' timings first: see `fits` for the rest.
    """
    repaired = [*speech.repaired, *placed.repaired]
    if _lost_timings(segment, speech):
        repaired.append("words")
    row = origin(event, placed.state, received)
    row |= split_text("Text", segment.text)
    row |= known(
        SpeakerId=segment.speaker_id,
        StartTime=segment.start_time,
        EndTime=segment.end_time,
        DurationMs=segment.duration_ms,
        Confidence=segment.confidence,
        Locale=segment.locale,
        WireOffset=speech.offset,
    )
    words = segment.words
    timings = split_text("Words", msgspec.json.encode(words).decode()) if words else {}
    if timings and entity_size(row | timings) > BUDGET:
        timings = {}
        repaired.append("words")
    return row | timings | known(Repaired=",".join(dict.fromkeys(repaired)) or None)


def origin(event: UpstreamEvent, state: StreamState, received: Ms) -> Columns:
    """Return what every frame's row tells: which event brought it, and what was counted by then."""
    return {
        "ConnectionId": event.connection_id,
        "Sequence": int(event.sequence),
        "ReceivedAt": iso(received),
        "Seen": state.seen,
        "Missing": state.missing,
        "Kept": kept(state),
    }


def fits(columns: Columns) -> bool:
    """Tell whether a row is small enough to be sent."""
    return entity_size(columns) <= BUDGET


def live_json(segment: Segment) -> Json:
    """Return a segment for viewers: phone numbers are masked, unknown fields are left out."""
    speaker = "unknown" if segment.speaker_id is None else masked(segment.speaker_id)
    fields: Json = {
        "rowKey": segment.row_key,
        "text": segment.text,
        "speaker": speaker,
        "startTime": segment.start_time or "",
        "endTime": segment.end_time,
        "locale": segment.locale,
    }
    return {name: value for name, value in fields.items() if value is not None}


def spoken_json(segment: Segment, *, final: bool) -> Json:
    """Return the live feed's message for something said: a segment, or a hypothesis."""
    return {"type": "segment" if final else "intermediate"} | live_json(segment)


def read_segment(row_key: str, columns: Mapping[str, Value]) -> Segment:
    """Read a segment's row back. Columns that another program has spoilt are left out."""
    confidence = columns.get("Confidence")
    return Segment(
        row_key=row_key,
        text=joined_text(columns, "Text"),
        speaker_id=text_in(columns, "SpeakerId"),
        start_time=text_in(columns, "StartTime"),
        end_time=text_in(columns, "EndTime"),
        duration_ms=number_in(columns, "DurationMs"),
        confidence=float(confidence) if isinstance(confidence, int | float) else None,
        locale=text_in(columns, "Locale"),
        words=_read_words(columns),
        duplicate_of=text_in(columns, "DuplicateOf"),
    )


def _read_words(columns: Mapping[str, Value]) -> tuple[TimedWord, ...]:
    text = joined_text(columns, "Words")
    return _WORDS.strict(text.encode(errors="surrogatepass")) or ()


def _timed(word: Word, offset: Ticks | None, duration: Ticks | None) -> TimedWord:
    """Return a word with its time relative to the segment; None where that does not fit it."""
    if word.offset is None or offset is None:
        return word.text, None, None
    start = Ticks(word.offset - offset)
    if offset >= CLOCK_FROM:
        start = Ticks(-start)  # the clock runs backwards
    longest = LONGEST if duration is None else duration
    if not 0 <= start <= start + (word.duration or 0) <= longest:
        return word.text, None, None
    return word.text, ms_of(start), None if word.duration is None else ms_of(word.duration)


def _lost_timings(segment: Segment, speech: Speech) -> bool:
    """Tell whether the wire told a word's time and the segment does not."""
    return any(
        start is None and word.offset is not None
        for (_, start, _), word in zip(segment.words, speech.words, strict=True)
    )
