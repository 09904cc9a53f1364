"""Whom a request wants on a call: a phone number, or a raw id of somebody in ACS or Teams; pure.

https://learn.microsoft.com/azure/communication-services/concepts/identifiers
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from callscribe.foundation.bounds import LONGEST_NAME
from callscribe.foundation.errors import BadInputError
from callscribe.foundation.forms import GUID
from callscribe.foundation.identifiers import LONGEST_RAW_ID, normal_raw_id
from callscribe.foundation.json_input import Json

# A group call of ACS may have more, who join by themselves; whoever is dialled rings at once.
MOST_TARGETS = 50
LONGEST_ROLE = 40
# E.164. Emergency numbers are shorter in every country, and so are other short numbers: those ring
# for whoever is near the caller, and an app is near nobody.
# https://learn.microsoft.com/azure/communication-services/concepts/telephony/emergency-calling-concept
_NUMBER = re.compile(r"\+[1-9][0-9]{6,14}")
_TEAMS = re.compile(rf"(?:8|28):(?:orgid|dod|gcch):{GUID}")
_USER = re.compile(r"8:(?:acs|dod-acs|gcch-acs):[0-9A-Za-z_-]+")
_TEAMS_APP = re.compile(rf"28:(?:orgid|dod|gcch):{GUID}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_EXPECTED = (
    "expected a number such as +14255550123, or a raw id that begins with 4:+, 8:acs:, 8:orgid: "
    "or 28:orgid:"
)


@dataclass(frozen=True, slots=True)
class Target:
    """Somebody who is to be called, with the name and the role that they have for us."""

    raw_id: str
    name: str | None = None
    role: str | None = None


def targets_of(value: object, field: str) -> tuple[Target, ...]:
    """Read one target, or a list of them.

    Raises BadInputError naming the field: where one of them is nobody, there is none or too many
    of them, or one comes twice.
    """
    if not isinstance(value, list):
        return (target_of(value, field),)
    if not 1 <= len(value) <= MOST_TARGETS:
        raise BadInputError(f"{field}: expected 1 to {MOST_TARGETS}, got {len(value)}", field)
    found = tuple(target_of(each, f"{field}[{place}]") for place, each in enumerate(value))
    known: set[str] = set()
    for place, each in enumerate(found):
        if normal_raw_id(each.raw_id) in known:
            raise BadInputError(f"{field}[{place}]: expected everybody once", f"{field}[{place}]")
        known.add(normal_raw_id(each.raw_id))
    return found


def target_of(value: object, field: str) -> Target:
    """Read a target: a number or a raw id, or an object with `id`, `name` and `role`.

    Raises BadInputError naming the field and what was expected.
    """
    if not isinstance(value, dict):
        return Target(raw_id_in(value, field))
    check_fields(value, ("id", "name", "role"), field)
    return Target(
        raw_id=raw_id_in(value.get("id"), f"{field}.id"),
        name=plain_text(value.get("name"), f"{field}.name", LONGEST_NAME),
        role=plain_text(value.get("role"), f"{field}.role", LONGEST_ROLE),
    )


def raw_id_in(value: object, field: str) -> str:
    """Return the raw id of a number or a raw id. Raises BadInputError naming the field."""
    if not isinstance(value, str) or len(value) > LONGEST_RAW_ID:
        raise BadInputError(f"{field}: {_EXPECTED}", field)
    if value.startswith(("+", "4:")) or (value[:1].isdigit() and ":" not in value):
        return number_in(value, field)
    if not (_TEAMS.fullmatch(value) or _USER.fullmatch(value)):
        raise BadInputError(f"{field}: {_EXPECTED}", field)
    return value


def number_in(value: object, field: str) -> str:
    """Return the raw id of a phone number, with or without the `4:`. Raises BadInputError."""
    number = value.removeprefix("4:") if isinstance(value, str) else ""
    if not _NUMBER.fullmatch(number):
        raise BadInputError(
            f"{field}: expected a number in E.164 form: + and 7 to 15 digits, such as "
            "+14255550123; short and emergency numbers are never called",
            field,
        )
    return f"4:{number}"


def teams_app_in(value: object, field: str) -> str:
    """Return the raw id of a resource account of Teams. Raises BadInputError."""
    if not isinstance(value, str) or not _TEAMS_APP.fullmatch(value):
        raise BadInputError(f"{field}: expected a Teams resource account, 28:orgid:GUID", field)
    return value


def is_number(raw_id: str) -> bool:
    """Tell whether a raw id is a phone number's."""
    return raw_id.startswith("4:")


def plain_text(value: object, field: str, longest: int) -> str | None:
    """Return a short text of one line, None where there is none. Raises BadInputError."""
    if value is None:
        return None
    usable = isinstance(value, str) and 0 < len(value) <= longest and not _CONTROL.search(value)
    if not isinstance(value, str) or not usable:
        raise BadInputError(f"{field}: expected 1 to {longest} characters on one line", field)
    return value


def check_fields(value: Mapping[str, object], known: tuple[str, ...], field: str = "") -> None:
    """Raise BadInputError naming the first field that is not known."""
    for name in value:
        if name not in known:
            path = f"{field}.{name}" if field else name
            shown = path[:LONGEST_NAME]
            raise BadInputError(f"{shown}: unknown; expected one of {', '.join(known)}", shown)


def object_in(value: object, field: str) -> Json:
    """Return a value that is an object. Raises BadInputError."""
    if not isinstance(value, dict):
        raise BadInputError(f"{field}: expected an object", field)
    return value
