"""Transcription frames from the wire: what ACS sends over its WebSocket, one JSON text each.

Python's SDK has no parser for them (those of .NET, JavaScript and Java do). A frame in the
documented form costs one strict decode. Anything else is taken field by field: what is wrong is
left out and named, so that readable text is never lost.
https://learn.microsoft.com/azure/communication-services/how-tos/call-automation/real-time-transcription-tutorial
"""

from dataclasses import dataclass
from typing import Annotated, Literal

import msgspec

from callscribe.foundation.errors import BadInputError
from callscribe.foundation.identifiers import LONGEST_RAW_ID
from callscribe.foundation.json_input import Decoder, Json, object_of, parse, text_of
from callscribe.foundation.moments import TICKS_PER_SECOND, Ticks

# One more than a column of Table Storage can hold (Int64).
INT64 = 2**63
# The longest utterance that is believed: a day, which fits `DurationMs` (Int32).
LONGEST = Ticks(24 * 60 * 60 * TICKS_PER_SECOND)


@dataclass(frozen=True, slots=True)
class Metadata:
    """The first frame of a stream: its subscription, and the language that is recognised."""

    locale: str | None
    subscription_id: str | None


# No garbage collection: words refer to no other objects, and tracking thousands costs time.
class Word(msgspec.Struct, frozen=True, gc=False):
    """One word with its place on the stream's own scale, where known.

    It is decoded from the wire as it is: a frame has many, and copying each would cost more than
    all the rest of the parsing.
    """

    text: str
    offset: Ticks | None = None
    duration: Ticks | None = None


class Speech(msgspec.Struct, frozen=True, gc=False):
    """Something said; `offset` is its place on the stream's own scale.

    A `final` one stands, others are hypotheses. `repaired` names the wire's fields that were
    missing or unusable, and so left out.
    """

    text: str
    final: bool
    speaker: str | None
    offset: Ticks | None
    duration: Ticks | None
    confidence: float | None
    words: tuple[Word, ...]
    repaired: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A frame without readable text; `reason` says why, without any of its content."""

    reason: str


Frame = Metadata | Speech | Unreadable


# The limits are part of the types, so that msgspec checks them while it decodes.
class _Data(msgspec.Struct, frozen=True):
    text: str
    offset: Annotated[Ticks, msgspec.Meta(ge=0, le=INT64 - 1)]
    duration: Annotated[Ticks, msgspec.Meta(ge=0, le=LONGEST)]
    confidence: Annotated[float, msgspec.Meta(ge=0, le=1)]
    words: tuple[Word, ...]
    speaker: Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST_RAW_ID)] = msgspec.field(
        name="participantRawID"
    )
    status: Literal["Final", "Intermediate"] = msgspec.field(name="resultStatus")


class _Documented(msgspec.Struct, frozen=True):
    kind: Literal["TranscriptionData"]
    data: _Data = msgspec.field(name="transcriptionData")


_DOCUMENTED = Decoder(_Documented)


def parse_frame(body: bytes) -> Frame:
    """Read one frame; never raises, whatever the bytes are."""
    document = _DOCUMENTED.strict(body)
    return _undocumented(body) if document is None else _speech(document.data)


def _undocumented(body: bytes) -> Frame:
    try:
        document = parse(body)
    except BadInputError as error:
        # What follows the colon may tell something of the content.
        return Unreadable(str(error).split(":", maxsplit=1)[0])
    if not isinstance(document, dict):
        return Unreadable(f"expected a JSON object, got {type(document).__name__}")
    return _repaired(document)


def _speech(data: _Data) -> Speech:
    # By position, which is faster than by name: this is done for each frame.
    return Speech(
        data.text,
        data.status == "Final",
        data.speaker,
        data.offset,
        data.duration,
        data.confidence,
        data.words,
        (),
    )


def _repaired(document: Json) -> Frame:
    match (text_of(document.get("kind")) or "").lower():
        case "transcriptionmetadata":
            return _metadata(document.get("transcriptionMetadata"))
        case "transcriptiondata":
            return _repaired_speech(document.get("transcriptionData"))
        case _:
            return Unreadable("unknown kind of frame")


def _metadata(fields: object) -> Metadata:
    found = object_of(fields)
    return Metadata(
        locale=text_of(found.get("locale")) or None,
        subscription_id=text_of(found.get("subscriptionId")) or None,
    )


def _repaired_speech(fields: object) -> Frame:
    if not isinstance(fields, dict):
        return Unreadable("transcriptionData: expected an object")
    text = text_of(fields.get("text"))
    if text is None:
        return Unreadable("transcriptionData.text: expected text")
    # The SDKs have other names for these two fields, and both have been seen on the wire.
    status = text_of(fields.get("resultStatus", fields.get("resultState"))) or None
    speaker = _raw_id(fields.get("participantRawID", fields.get("participantRawId")))
    offset, duration = _ticks(fields.get("offset")), _ticks(fields.get("duration"), LONGEST)
    confidence = _share(fields.get("confidence"))
    words = _words(fields.get("words"))
    found: dict[str, object] = {
        "resultStatus": status,
        "participantRawID": speaker,
        "offset": offset,
        "duration": duration,
        "confidence": confidence,
        "words": words,
    }
    return Speech(
        text=text,
        # Text that may be final is kept: only a frame that says so is a hypothesis.
        final=(status or "").lower() != "intermediate",
        speaker=speaker,
        offset=offset,
        duration=duration,
        confidence=confidence,
        words=words or (),
        repaired=tuple(name for name, value in found.items() if value is None),
    )


def _raw_id(value: object) -> str | None:
    raw_id = text_of(value)
    return raw_id if raw_id and len(raw_id) <= LONGEST_RAW_ID else None


def _ticks(value: object, most: int = INT64 - 1) -> Ticks | None:
    # In Python a bool is an int; on the wire `true` is no number.
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return Ticks(value) if 0 <= value <= most else None


def _share(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if 0 <= value <= 1 else None


def _words(value: object) -> tuple[Word, ...] | None:
    if not isinstance(value, list):
        return None
    words = []
    for item in value:
        text = text_of(item.get("text")) if isinstance(item, dict) else None
        # A list with one word missing would look complete: so it is left out as a whole.
        if text is None:
            return None
        words.append(Word(text, _ticks(item.get("offset")), _ticks(item.get("duration"), LONGEST)))
    return tuple(words)
