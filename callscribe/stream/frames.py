"""Transcription frames from the wire: what ACS sends over its WebSocket, one JSON text each.

Python's SDK has no parser for them (those of .NET, JavaScript and Java do). A frame in the
documented form costs one strict decode; any other is read by `dialects`.
https://learn.microsoft.com/azure/communication-services/how-tos/call-automation/real-time-transcription-tutorial
"""

from dataclasses import dataclass
from typing import Annotated, Literal

import msgspec

from callscribe.foundation.identifiers import LONGEST_RAW_ID
from callscribe.foundation.json_input import Decoder
from callscribe.foundation.moments import TICKS_PER_SECOND, Ticks

# One more than a column of Table Storage can hold (Int64).
INT64 = 2**63
# The longest utterance that is believed: a day, which fits `DurationMs` (Int32).
LONGEST = Ticks(24 * 60 * 60 * TICKS_PER_SECOND)
# The name of a language that is longer is cut.
LONGEST_LOCALE = 100


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
    missing or unusable, and so left out. `language` is the one that was identified, if any.
    """

    text: str
    final: bool
    speaker: str | None
    offset: Ticks | None
    duration: Ticks | None
    confidence: float | None
    words: tuple[Word, ...]
    repaired: tuple[str, ...]
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A frame without readable text; `reason` says why, without any of its content."""

    reason: str


@dataclass(frozen=True, slots=True)
class Media:
    """A frame of media streaming: sound, tones. It says nothing, and is only counted."""


Frame = Metadata | Speech | Media | Unreadable


_Locale = Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST_LOCALE)]


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
    language: _Locale | None = msgspec.field(name="languageIdentified", default=None)


class _Documented(msgspec.Struct, frozen=True):
    kind: Literal["TranscriptionData"]
    data: _Data = msgspec.field(name="transcriptionData")


_DOCUMENTED = Decoder(_Documented)


def documented(body: bytes) -> Speech | None:
    """Read a frame of speech in the documented form; None where it is anything else."""
    document = _DOCUMENTED.strict(body)
    if document is None:
        return None
    data = document.data
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
        data.language,
    )
