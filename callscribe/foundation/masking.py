"""How people are named where a phone number must not be read: to viewers and in logs."""

import re

# Whatever a phone would dial: raw ids of numbers, addresses of SIP, digits as people write them.
# https://learn.microsoft.com/azure/communication-services/concepts/identifiers
_DIALLED = re.compile(r"\s*(4:|tel:|sips?:\+?\d|[+(]+\d|\d[\d ().-]{4,}$)", re.IGNORECASE)
# Raw ids of users and apps: their digits are no number.
_NO_NUMBER = re.compile(r"(8|28):\S+")
# Seven digits and more, parted as a number's are: fewer are a room's, an agent's, or a time's.
_NUMBER = re.compile(r"[+(]{0,2}\d(?:(?:_|[^\w:,;]){0,3}\d){6,}")
_SHOWN_DIGITS = 4
_HIDDEN_DIGITS = 3


def masked(raw_id: str) -> str:
    """Return a raw id or a display name for people and logs, a phone number without its digits.

    Only a number's last four are shown, and none of a short one's. Display names often are
    numbers, or hold some: whatever looks like something to dial counts as one.
    """
    if _NO_NUMBER.fullmatch(raw_id):
        return raw_id
    if not _DIALLED.match(raw_id):
        return _NUMBER.sub(lambda number: _masked(number.group()), raw_id)
    # What follows an underscore tells apart two who are shown under the same number.
    return _masked(raw_id.removeprefix("4:").partition("_")[0])


def _masked(number: str) -> str:
    digits = re.sub(r"\D", "", number)
    shown = digits[-_SHOWN_DIGITS:] if len(digits) >= _HIDDEN_DIGITS + _SHOWN_DIGITS else ""
    return f"+•••{shown}"
