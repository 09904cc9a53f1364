"""What a request about a call says: to hang up, to start, stop or change transcription, or labels.

An empty body says nothing: then each thing is as usual.
"""

from dataclasses import dataclass

from callscribe.calls.labels import Labels, parse_labels
from callscribe.calls.place_request import parse_span
from callscribe.calls.targets import check_fields, object_in
from callscribe.calls.transcription_request import parse_flag, parse_locale, parse_model
from callscribe.foundation.errors import BadInputError
from callscribe.foundation.json_input import Json, parse
from callscribe.foundation.moments import Seconds

LONGEST_PAUSE = 3_600
_FIXED = "fixed when the call is set up; expected locale or speechModelEndpointId alone"


@dataclass(frozen=True, slots=True)
class LanguageWish:
    """A language that is asked for; None leaves it as it is."""

    locale: str | None = None
    model: str | None = None


def parse_hangup(body: bytes) -> bool | None:
    """Return whether the call is to end for everyone; None where that is not said.

    Raises BadInputError naming the field and what was expected.
    """
    told = _object(body)
    check_fields(told, ("everyone",))
    return parse_flag(told.get("everyone"), "everyone")


def parse_start(body: bytes) -> LanguageWish:
    """Return the language to start with. Raises BadInputError naming the field."""
    return _language(_object(body))


def parse_update(body: bytes) -> LanguageWish:
    """Return the language to change to. Raises BadInputError naming the field, or without one."""
    found = _language(_object(body))
    if found == LanguageWish():
        raise BadInputError("locale: expected locale or speechModelEndpointId", "locale")
    return found


def parse_stop(body: bytes) -> Seconds | None:
    """Return for how long transcription is to pause; None where it is to stop.

    Raises BadInputError naming the field and what was expected.
    """
    told = _object(body)
    check_fields(told, ("pause",))
    if told.get("pause") is None:
        return None
    return parse_span(told["pause"], "pause", 1, LONGEST_PAUSE)


def parse_label_change(body: bytes) -> Labels:
    """Return the labels that a call is to have. Raises BadInputError naming the field."""
    told = _object(body)
    check_fields(told, ("labels",))
    return parse_labels(told.get("labels"))


def parse_nothing(body: bytes) -> None:
    """Check that a request that says nothing says nothing. Raises BadInputError."""
    for name in _object(body):
        raise BadInputError(f"{name[:40]}: expected an empty body", name[:40])


def _language(told: Json) -> LanguageWish:
    if "intermediate" in told:
        raise BadInputError(f"intermediate: {_FIXED}", "intermediate")
    check_fields(told, ("locale", "speechModelEndpointId"))
    return LanguageWish(parse_locale(told.get("locale"), "locale"), parse_model(told))


def _object(body: bytes) -> Json:
    return object_in(parse(body), "the body") if body.strip() else {}
