"""What a request to begin a call says: whom to dial, what to join, or which stream to expect.

Every field that is wrong or unknown is refused with its name: nothing is dialled on a guess.
"""

import re
from dataclasses import dataclass, field
from enum import StrEnum

from callscribe.calls.labels import Labels, parse_labels
from callscribe.calls.targets import (
    Target,
    check_fields,
    number_in,
    object_in,
    plain_text,
    raw_id_in,
    targets_of,
    teams_app_in,
)
from callscribe.calls.transcription_request import (
    PLAIN,
    TranscriptionWish,
    parse_flag,
    parse_transcription,
)
from callscribe.foundation.bounds import LONGEST_ID, LONGEST_NAME
from callscribe.foundation.errors import BadInputError
from callscribe.foundation.forms import GUID
from callscribe.foundation.json_input import Json, parse
from callscribe.foundation.moments import Seconds

# How long the first stream of another application's call is waited for, and how long it may be
# silent before ACS is asked.
WAIT, IDLE = Seconds(3_600), Seconds(60)
SHORTEST = 10
LONGEST_WAIT = 86_400
LONGEST_IDLE = 3_600
_GUID = re.compile(GUID)
_ROOM = re.compile(r"[0-9]{1,40}")
_SERVER_CALL = re.compile(r"[\x21-\x7e]+")
_LATER = ("announcement", "consent", "connect")


class LocatorKind(StrEnum):
    """By which kind of id a call that is up is found."""

    SERVER_CALL = "serverCallId"
    GROUP_CALL = "groupCallId"
    ROOM = "roomId"


@dataclass(frozen=True, slots=True)
class Place:
    """Dial somebody, or several at once. `caller` is the raw id of the number that they see."""

    targets: tuple[Target, ...]
    caller: str | None = None
    on_behalf_of: str | None = None
    display_name: str | None = None
    transcription: TranscriptionWish = PLAIN
    labels: Labels = ()


@dataclass(frozen=True, slots=True)
class Join:
    """Join a call that is up; `again` also where we are on it already."""

    kind: LocatorKind
    id: str = field(repr=False)
    again: bool = False
    transcription: TranscriptionWish = PLAIN
    labels: Labels = ()


@dataclass(frozen=True, slots=True)
class Expect:
    """Expect the stream of a call that another application keeps, with caller and callee."""

    caller: str | None = None
    callee: str | None = None
    wait: Seconds = WAIT
    idle: Seconds = IDLE
    labels: Labels = ()


type Request = Place | Join | Expect


def parse_place(body: bytes) -> Request:
    """Read a request to begin a call.

    Raises BadInputError naming the field and what was expected.
    """
    told = object_in(parse(body), "the body")
    for name in _LATER:
        if name in told:
            raise BadInputError(f"{name}: not offered yet", name)
    forms = [name for name in ("to", "join", "own") if name in told]
    if "own" in told:
        return _expect(told)
    if len(forms) != 1:
        got = " and ".join(forms) or "none of them"
        raise BadInputError(f"the body: expected to, join or own: true, got {got}", "to")
    return _join(told) if "join" in told else _place(told)


def parse_span(value: object, path: str, least: int, most: int) -> Seconds:
    """Return a number of seconds. Raises BadInputError."""
    whole = isinstance(value, int) and not isinstance(value, bool)
    if not whole or not isinstance(value, int) or not least <= value <= most:
        raise BadInputError(f"{path}: expected whole seconds, {least} to {most}", path)
    return Seconds(value)


def _place(told: Json) -> Place:
    known = ("to", "from", "onBehalfOf", "displayName", "transcription", "labels")
    check_fields(told, known)
    if "from" in told and "onBehalfOf" in told:
        raise BadInputError("from: expected from or onBehalfOf, got both", "from")
    source, teams = told.get("from"), told.get("onBehalfOf")
    return Place(
        targets=targets_of(told["to"], "to"),
        caller=None if source is None else number_in(source, "from"),
        on_behalf_of=None if teams is None else teams_app_in(teams, "onBehalfOf"),
        display_name=plain_text(told.get("displayName"), "displayName", LONGEST_NAME),
        transcription=parse_transcription(told.get("transcription")),
        labels=_labels(told),
    )


def _join(told: Json) -> Join:
    check_fields(told, ("join", "again", "transcription", "labels"))
    where = object_in(told["join"], "join")
    kinds = tuple(LocatorKind)
    check_fields(where, kinds, "join")
    if len(where) != 1:
        raise BadInputError(f"join: expected one of {', '.join(kinds)}", "join")
    (name, value) = next(iter(where.items()))
    kind = LocatorKind(name)
    return Join(
        kind=kind,
        id=_locator(kind, value),
        again=parse_flag(told.get("again"), "again") or False,
        transcription=parse_transcription(told.get("transcription")),
        labels=_labels(told),
    )


def _locator(kind: LocatorKind, value: object) -> str:
    path = f"join.{kind}"
    forms = {
        LocatorKind.SERVER_CALL: (_SERVER_CALL, "the serverCallId of an event of the call"),
        LocatorKind.GROUP_CALL: (_GUID, "a GUID"),
        LocatorKind.ROOM: (_ROOM, "the digits of a room's id"),
    }
    form, expected = forms[kind]
    if not isinstance(value, str) or len(value) > LONGEST_ID or not form.fullmatch(value):
        raise BadInputError(f"{path}: expected {expected}", path)
    return value.lower() if kind is LocatorKind.GROUP_CALL else value


def _expect(told: Json) -> Expect:
    if told["own"] is not True:
        raise BadInputError("own: expected true, or to, or join", "own")
    check_fields(told, ("own", "from", "to", "waitSeconds", "idleSeconds", "labels"))
    caller, callee = told.get("from"), told.get("to")
    return Expect(
        caller=None if caller is None else raw_id_in(caller, "from"),
        callee=None if callee is None else raw_id_in(callee, "to"),
        wait=parse_span(told.get("waitSeconds", int(WAIT)), "waitSeconds", SHORTEST, LONGEST_WAIT),
        idle=parse_span(told.get("idleSeconds", int(IDLE)), "idleSeconds", SHORTEST, LONGEST_IDLE),
        labels=_labels(told),
    )


def _labels(told: Json) -> Labels:
    value = told.get("labels")
    return () if value is None else parse_labels(value)
