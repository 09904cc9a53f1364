"""Participants as the service writes them, made from a raw id or a phone number.

The forms of raw ids are those that the parsers of the SDKs know.
https://learn.microsoft.com/azure/communication-services/concepts/identifiers
"""

from typing import Any

_PHONE = "4:"
_ANONYMOUS = "anonymous"
_ACS_USERS = {"8:acs:": "public", "8:dod-acs:": "dod", "8:gcch-acs:": "gcch"}
# An old prefix, which the SDKs still read as that of an ACS user.
_FORMER_USERS = "8:spool:"
_VISITORS = "8:teamsvisitor:"
_TEAMS_USERS = {"8:orgid:": "public", "8:dod:": "dod", "8:gcch:": "gcch", _VISITORS: "public"}
_TEAMS_APPS = {"28:orgid:": "public", "28:dod:": "dod", "28:gcch:": "gcch"}
# A Teams user behind an ACS resource (Teams Phone extensibility) has `resource_tenant_user` where
# an ACS user has `resource_user`; the prefix is the same.
_PARTS_OF_AN_EXTENSION_USER = 3


def raw_id(number_or_raw_id: str) -> str:
    """Return the raw id of a party; a number such as `+49…` gets the prefix of phone numbers."""
    return _PHONE + number_or_raw_id if number_or_raw_id.startswith("+") else number_or_raw_id


def is_acs_user(raw: str) -> bool:
    """Tell whether the participant is an ACS user, who calls with the Calling SDK."""
    prefix, name = _split(raw)
    return prefix in _ACS_USERS and not _is_extension_user(name)


def is_user_of(raw: str, resource_id: str) -> bool:
    """Tell whether the participant is an ACS user of this resource."""
    return is_acs_user(raw) and _split(raw)[1].startswith(f"{resource_id}_")


def is_phone(raw: str) -> bool:
    """Tell whether the participant is on the telephone network."""
    return raw.startswith(_PHONE)


def phone_number(raw: str) -> str | None:
    """Return the number of a participant on the telephone network; None for any other one."""
    number = raw.removeprefix(_PHONE).partition("_")[0]
    return number if raw.startswith(f"{_PHONE}+") else None


def identifier(raw: str) -> dict[str, Any]:
    """Return the identifier for a raw id; of an unknown kind it has nothing but the raw id."""
    if is_phone(raw):
        return _model(raw, "phoneNumber", _phone(raw.removeprefix(_PHONE)))
    prefix, name = _split(raw)
    if cloud := _TEAMS_USERS.get(prefix):
        user = {"userId": name, "isAnonymous": prefix == _VISITORS, "cloud": cloud}
        return _model(raw, "microsoftTeamsUser", user)
    if cloud := _TEAMS_APPS.get(prefix):
        return _model(raw, "microsoftTeamsApp", {"appId": name, "cloud": cloud})
    cloud = _ACS_USERS.get(prefix)
    if cloud and _is_extension_user(name):
        resource, tenant, user_id = name.split("_")
        extension = {"userId": user_id, "tenantId": tenant, "resourceId": resource, "cloud": cloud}
        return _model(raw, "teamsExtensionUser", extension)
    if cloud or prefix == _FORMER_USERS:
        return _model(raw, "communicationUser", {"id": raw})
    return {"kind": "unknown", "rawId": raw}


def _split(raw: str) -> tuple[str, str]:
    scope, kind, name = (*raw.split(":", 2), "", "")[:3]
    return f"{scope}:{kind}:", name


def _is_extension_user(name: str) -> bool:
    return len(name.split("_")) == _PARTS_OF_AN_EXTENSION_USER


def _phone(number: str) -> dict[str, Any]:
    if number == _ANONYMOUS:
        return {"value": number, "isAnonymous": True}
    # After an underscore comes an id that tells apart several calls from the same number.
    value, separator, asserted = number.partition("_")
    return {"value": value} | ({"isAnonymous": False, "assertedId": asserted} if separator else {})


def _model(raw: str, kind: str, body: dict[str, Any]) -> dict[str, Any]:
    return {"kind": kind, "rawId": raw, kind: body}
