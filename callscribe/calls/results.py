"""What a result of ACS means: try again, repair the setup, close the call, or nothing.

Code and subcode are not enough: 8520, 8522, 8523 and 8565 each stand for several things, and the
message decides which is meant.
"""

from dataclasses import dataclass
from http import HTTPStatus

from callscribe.calls.result_table import (
    ACCESS,
    LATER,
    TABLE,
    UNANSWERED,
    UNANSWERED_CODES,
    Advice,
    Of,
)


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a call or its transcription ended as it did, and what a person can do about it.

    `text` is empty where ACS gave only codes.
    """

    text: str
    code: int | None = None
    sub_code: int | None = None
    remedy: str | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What to do about a result, and what a person can do about it."""

    advice: Advice
    remedy: str | None = None


def reason_of(
    text: str | None = None,
    code: int | None = None,
    sub_code: int | None = None,
    remedy: str | None = None,
) -> Reason | None:
    """Return why something ended, as far as that was said; None where nothing was.

    ACS's code 0 says nothing either.
    """
    if not (text or code or sub_code or remedy):
        return None
    return Reason(text or "", code or None, sub_code or None, remedy)


# A conflict may mean that transcription runs already: ACS is polled before the next try.
_MAY_PASS = (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.CONFLICT, HTTPStatus.TOO_MANY_REQUESTS)
_NOT_ALLOWED = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)


def judge(code: int | None, sub_code: int | None, message: str | None, of: Of) -> Verdict:
    """Say what to do about a result of something.

    One that is not documented is judged by its class: 5xx, 429 and no code at all may pass.
    """
    text = (message or "").lower()
    found = (
        Verdict(row.advice, row.remedy)
        for row in TABLE
        if of in row.of and row.fits(code, sub_code, text)
    )
    return next(found, None) or _by_class(code)


def _by_class(code: int | None) -> Verdict:
    if not code or code in _MAY_PASS or code >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Verdict(Advice.RETRY, LATER)
    if code == HTTPStatus.NOT_FOUND:
        return Verdict(Advice.CLOSE)
    if code in _NOT_ALLOWED:
        return Verdict(Advice.FIX, ACCESS)
    if code >= HTTPStatus.BAD_REQUEST:
        return Verdict(Advice.FIX, "See the reason; the settings of the call do not suit ACS.")
    return Verdict(Advice.IGNORE)


def is_unanswered(code: int | None, sub_code: int | None) -> bool:
    """Tell whether a call that was placed failed because nobody took it."""
    return code in UNANSWERED_CODES or sub_code in UNANSWERED
