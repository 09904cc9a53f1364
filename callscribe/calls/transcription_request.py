"""What a request, or a route, says of a call's transcription: its start and its language.

What is not said is as the app's settings say.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from callscribe.calls.beginnings import Beginning, Start
from callscribe.calls.targets import check_fields, object_in, plain_text
from callscribe.calls.wish import in_language
from callscribe.foundation.bounds import LONGEST_NAME
from callscribe.foundation.errors import BadInputError
from callscribe.foundation.forms import LOCALE
from callscribe.foundation.json_input import Json

_LOCALE = re.compile(LOCALE)


@dataclass(frozen=True, slots=True)
class TranscriptionWish:
    """What is asked of a call's transcription; None: as the app's settings say."""

    start: Start | None = None
    locale: str | None = None
    model: str | None = None
    intermediate: bool | None = None


PLAIN = TranscriptionWish()


def beginning_of(wish: TranscriptionWish, usual: Beginning, by: str) -> Beginning:
    """Return how a transcription begins that is wished for so; `by` whom, if that says anything."""
    asked = wish.start is not None or wish.locale is not None or wish.model is not None
    return Beginning(
        language=in_language(usual.language, wish.locale, wish.model),
        start=wish.start or usual.start,
        by=by if asked else usual.by,
    )


def wish_json(wish: TranscriptionWish) -> Json:
    """Return what is wished for as a request says it."""
    told = {
        "start": wish.start and wish.start.value,
        "locale": wish.locale,
        "speechModelEndpointId": wish.model,
        "intermediate": wish.intermediate,
    }
    return {name: value for name, value in told.items() if value is not None}


def parse_transcription(value: object) -> TranscriptionWish:
    """Read the `transcription` of a request. Raises BadInputError naming the field."""
    if value is None:
        return PLAIN
    told = object_in(value, "transcription")
    check_fields(
        told, ("start", "locale", "speechModelEndpointId", "intermediate"), "transcription"
    )
    return TranscriptionWish(
        start=_start(told.get("start")),
        locale=parse_locale(told.get("locale"), "transcription.locale"),
        model=parse_model(told, "transcription."),
        intermediate=parse_flag(told.get("intermediate"), "transcription.intermediate"),
    )


def parse_model(told: Mapping[str, object], within: str = "") -> str | None:
    """Return the id of a custom speech model, None where there is none. Raises BadInputError."""
    name = "speechModelEndpointId"
    return plain_text(told.get(name), f"{within}{name}", LONGEST_NAME)


def _start(value: object) -> Start | None:
    path, known = "transcription.start", tuple(Start)
    if value is None:
        return None
    if value == "consent":
        raise BadInputError(f"{path}: consent is not offered yet", path)
    if not isinstance(value, str) or value not in known:
        raise BadInputError(f"{path}: expected one of {', '.join(known)}", path)
    return Start(value)


def parse_locale(value: object, path: str) -> str | None:
    """Return a locale, None where there is none. Raises BadInputError."""
    if value is None:
        return None
    if not isinstance(value, str) or len(value) > LONGEST_NAME or not _LOCALE.fullmatch(value):
        raise BadInputError(f"{path}: expected a language with its region, such as en-US", path)
    return value


def parse_flag(value: object, path: str) -> bool | None:
    """Return true or false, None where there is neither. Raises BadInputError."""
    if value is not None and not isinstance(value, bool):
        raise BadInputError(f"{path}: expected true or false", path)
    return value
