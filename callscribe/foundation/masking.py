"""How people are named where phone numbers must not be shown: to viewers and in logs."""

import re

# What a phone could dial: raw ids of numbers, SIP addresses, digits as people write them.
# https://learn.microsoft.com/azure/communication-services/concepts/identifiers
_DIALLED = re.compile(r"\s*(4:|tel:|sips?:\+?\d|[+(]+\d|\d[\d ().-]{4,}$)", re.IGNORECASE)
# Raw ids of users and apps: their digits are no number.
_NO_NUMBER = re.compile(r"(8|28):\S+")
# Digits of every script, and those above, below or within something.
_DIGIT = r"\d\u00b2\u00b3\u00b9\u2070\u2074-\u2079\u2080-\u2089\u2460-\u2468\u24ea\u2474-\u247c"
# A time of the day is no number, though a number may be written with colons.
_TIME = r"(?<![\d:])\d{1,2}:\d\d(?::\d\d(?:[.,]\d{1,9})?)?(?![:\d])"
# Seven digits or more, whatever stands between two of them, if it is short: fewer digits may be a
# room or an agent, and more between them are words.
_NUMBER = re.compile(rf"({_TIME})|[+(]{{0,2}}[{_DIGIT}](?:[^{_DIGIT}\n]{{0,3}}[{_DIGIT}]){{6,}}")
_NO_DIGIT = re.compile(rf"[^{_DIGIT}]")
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
        return _NUMBER.sub(lambda found: found[1] or _masked(found[0]), raw_id)
    # What follows an underscore tells apart two participants with the same number.
    return _masked(raw_id.removeprefix("4:").partition("_")[0])


def _masked(number: str) -> str:
    digits = _NO_DIGIT.sub("", number)
    shown = digits[-_SHOWN_DIGITS:] if len(digits) >= _HIDDEN_DIGITS + _SHOWN_DIGITS else ""
    return f"+•••{shown}"
