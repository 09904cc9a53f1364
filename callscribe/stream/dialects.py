"""Frames in another form than the documented one: what is wrong is left out and named.

Names of fields differ between the SDKs and their betas, and a relay may write them in PascalCase or
send several frames in one message. Readable text is never lost.
https://learn.microsoft.com/azure/communication-services/how-tos/call-automation/real-time-transcription-tutorial
"""

import json
import re
from dataclasses import dataclass

from callscribe.foundation.errors import BadInputError
from callscribe.foundation.identifiers import LONGEST_RAW_ID
from callscribe.foundation.json_input import Json, object_of, parse, text_of
from callscribe.foundation.moments import Ticks
from callscribe.stream.frames import (
    INT64,
    LONGEST,
    LONGEST_LOCALE,
    Frame,
    Media,
    Metadata,
    Speech,
    Unreadable,
    Word,
)

# No message of several frames that has been heard of has more.
MOST_PARTS = 100
# Media streaming uses the same kind of stream, and may be sent to the same address:
# https://learn.microsoft.com/azure/communication-services/how-tos/call-automation/audio-streaming-quickstart
_MEDIA = frozenset({"audiometadata", "audiodata", "dtmfdata", "markdata", "stopaudio"})
# `4:+14255550123`, `8:acs:…`: what a raw id looks like, where its field is not named so.
_RAW_ID = re.compile(r"\d+:\S+")


@dataclass(frozen=True, slots=True)
class Part:
    """One frame of a message, and its bytes."""

    frame: Frame
    body: bytes


def undocumented(body: bytes) -> tuple[Part, ...]:
    """Read a message that is no documented frame of speech: one part, or several; never raises."""
    try:
        document = parse(body)
    except BadInputError as error:
        # What follows the colon may tell something of the content.
        return (Part(Unreadable(str(error).split(":", maxsplit=1)[0]), body),)
    if isinstance(document, list) and 0 < len(document) <= MOST_PARTS:
        parts = tuple(Part(_frame(item), json.dumps(item).encode()) for item in document)
        if not any(isinstance(part.frame, Unreadable) for part in parts):
            return parts
    return (Part(_frame(document), body),)


def _frame(document: object) -> Frame:
    if not isinstance(document, dict):
        return Unreadable(f"expected a JSON object, got {type(document).__name__}")
    if "kind" not in document and "Kind" in document:
        document = object_of(_camel_case(document))
    kind = (text_of(document.get("kind")) or "").lower()
    match kind:
        case "transcriptionmetadata":
            return _metadata(document.get("transcriptionMetadata"))
        case "transcriptiondata":
            return _speech(document.get("transcriptionData"))
        case _ if kind in _MEDIA:
            return Media()
        case _:
            return Unreadable("unknown kind of frame")


def _camel_case(value: object) -> object:
    """Return a document with names that begin with a small letter."""
    if isinstance(value, list):
        return [_camel_case(item) for item in value]
    if isinstance(value, dict):
        return {name[:1].lower() + name[1:]: _camel_case(item) for name, item in value.items()}
    return value


def _metadata(fields: object) -> Metadata:
    found = object_of(fields)
    return Metadata(
        locale=text_of(found.get("locale")) or None,
        subscription_id=text_of(found.get("subscriptionId")) or None,
    )


def _speech(fields: object) -> Frame:
    if not isinstance(fields, dict):
        return Unreadable("transcriptionData: expected an object")
    text = text_of(fields.get("text"))
    if text is None:
        return Unreadable("transcriptionData.text: expected text")
    # The SDKs have other names for these two fields, and both have been seen on the wire.
    status = text_of(fields.get("resultStatus", fields.get("resultState"))) or None
    speaker = _speaker(fields)
    offset = _ticks(_either(fields, "offset"))
    duration = _ticks(_either(fields, "duration"), LONGEST)
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
        language=text_of(fields.get("languageIdentified"), LONGEST_LOCALE) or None,
    )


def _either(fields: Json, name: str) -> object:
    """Return a field that a beta of the SDK for JavaScript calls `offsetInTicks`, say."""
    return fields.get(name, fields.get(f"{name}InTicks"))


def _speaker(fields: Json) -> str | None:
    named = fields.get("participantRawID", fields.get("participantRawId"))
    if named is not None:
        return _raw_id(named)
    # The SDKs make an identifier of it: an object with the raw id, or the raw id alone.
    other = fields.get("participant")
    found = _raw_id(object_of(other).get("rawId", other))
    return found if found and _RAW_ID.fullmatch(found) else None


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
        fields = object_of(item)
        text = text_of(fields.get("text"))
        # A list with one word missing would look complete: so it is left out as a whole.
        if text is None:
            return None
        offset, duration = _either(fields, "offset"), _either(fields, "duration")
        words.append(Word(text, _ticks(offset), _ticks(duration, LONGEST)))
    return tuple(words)
