"""How people are named where phone numbers must not be shown: to viewers and in logs."""

import re

# What a phone could dial: raw ids of numbers, SIP addresses, digits as people write them.
# https://learn.microsoft.com/azure/communication-services/concepts/identifiers
_DIALLED = re.compile(r"\s*(4:|tel:|sips?:\+?\d|[+(]+\d|\d[\d ().-]{4,}$)", re.IGNORECASE)
# Raw ids of users and apps: their digits are no number.
_NO_NUMBER = re.compile(r"(8|28):\S+")
# Seven digits or more, separated as in a phone number: fewer may be a room, an agent or a time.
_NUMBER = re.compile(r"[+(]{0,2}\d(?:(?:_|[^\w:,;]){0,3}\d){6,}")
# The last four digits tell callers apart; they are shown only if three or more stay hidden.
_SHOWN_DIGITS = 4
_HIDDEN_DIGITS = 3


def masked(raw_id: str) -> str:
    """Return a raw id or a display name as viewers and logs may see it: phone numbers masked.

    Of a number the last four digits are shown, of a short one none. Display names often are or
    contain phone numbers, so whatever looks like one is masked.
    """
    if _NO_NUMBER.fullmatch(raw_id):
        return raw_id
    if not _DIALLED.match(raw_id):
        return _NUMBER.sub(lambda number: _masked(number.group()), raw_id)
    # What follows an underscore tells apart two participants with the same number.
    return _masked(raw_id.removeprefix("4:").partition("_")[0])


def _masked(number: str) -> str:
    digits = re.sub(r"\D", "", number)
    shown = digits[-_SHOWN_DIGITS:] if len(digits) >= _HIDDEN_DIGITS + _SHOWN_DIGITS else ""
    return f"+•••{shown}"
