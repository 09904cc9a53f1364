"""Participants as the service writes them, from a raw id or a phone number."""

from typing import Any

_PHONE, _ACS, _TEAMS_USER, _TEAMS_APP = "4:", "8:acs:", "8:orgid:", "28:orgid:"


def raw_id(number_or_raw_id: str) -> str:
    """Return the raw id: a number such as `+49…` gets the prefix of phone numbers."""
    return _PHONE + number_or_raw_id if number_or_raw_id.startswith("+") else number_or_raw_id


def is_acs_user(raw: str) -> bool:
    """Tell whether the participant uses a client of the Calling SDK."""
    return raw.startswith(_ACS)


def is_phone(raw: str) -> bool:
    """Tell whether the participant is on the telephone network."""
    return raw.startswith(_PHONE)


def phone_number(raw: str) -> str | None:
    """Return the number, when there is one."""
    return raw.removeprefix(_PHONE) if raw.startswith(f"{_PHONE}+") else None


def identifier(raw: str) -> dict[str, Any]:
    """Return the identifier model for a raw id; one of an unknown kind has the raw id alone."""
    if is_phone(raw):
        return _model(raw, "phoneNumber", {"value": raw.removeprefix(_PHONE)})
    if is_acs_user(raw):
        return _model(raw, "communicationUser", {"id": raw})
    if raw.startswith(_TEAMS_USER):
        user = {"userId": raw.removeprefix(_TEAMS_USER), "isAnonymous": False, "cloud": "public"}
        return _model(raw, "microsoftTeamsUser", user)
    if raw.startswith(_TEAMS_APP):
        app = {"appId": raw.removeprefix(_TEAMS_APP), "cloud": "public"}
        return _model(raw, "microsoftTeamsApp", app)
    return {"kind": "unknown", "rawId": raw}


def _model(raw: str, kind: str, body: dict[str, Any]) -> dict[str, Any]:
    return {"kind": kind, "rawId": raw, kind: body}
