"""What a result of ACS means: try again, repair the setup, close the call, or nothing.

Code and subcode are not enough: 8520, 8522, 8523 and 8565 each stand for several things, and the
message decides which is meant. Codes and messages are those of
https://learn.microsoft.com/azure/communication-services/how-tos/call-automation/real-time-transcription-tutorial#event-codes
"""

from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus


class Advice(StrEnum):
    """What to do about a result."""

    RETRY = "retry"
    FIX = "fix"
    CLOSE = "close"
    IGNORE = "ignore"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What to do about a result, and what a person can do about it."""

    advice: Advice
    remedy: str | None = None


@dataclass(frozen=True, slots=True)
class _Rule:
    """A verdict on a code and subcode; with a `message`, only where the result's contains it."""

    code: int
    sub_code: int
    verdict: Verdict
    message: str | None = None

    def fits(self, code: int | None, sub_code: int | None, message: str) -> bool:
        same = (self.code, self.sub_code) == (code, sub_code)
        return same and (self.message is None or self.message in message)


def _retry(code: int, sub_code: int, remedy: str, message: str | None = None) -> _Rule:
    return _Rule(code, sub_code, Verdict(Advice.RETRY, remedy), message)


def _fix(code: int, sub_code: int, remedy: str, message: str | None = None) -> _Rule:
    return _Rule(code, sub_code, Verdict(Advice.FIX, remedy), message)


# A conflict may mean that transcription runs already: ACS is polled before the next try.
_MAY_PASS = (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.CONFLICT, HTTPStatus.TOO_MANY_REQUESTS)
_LATER = "It passes by itself; if it keeps coming back, look at the state of the Speech service."

_RULES = (
    _retry(
        400,
        8581,
        "Check that Web PubSub is up and that the stream hub's event handler answers.",
    ),
    _retry(400, 8565, _LATER, message="timing out"),
    _fix(400, 8565, "Check TRANSCRIPTION_LOCALE and SPEECH_MODEL_ENDPOINT_ID."),
    _fix(
        401,
        8565,
        "Give the ACS resource's identity the role Cognitive Services User on the AI resource.",
    ),
    _fix(403, 8565, "Check the AI resource's subscription and the ACS identity's role on it."),
    _retry(429, 8565, "Ask for a higher quota of concurrent requests for the Speech resource."),
    _fix(400, 8605, "Leave SPEECH_MODEL_ENDPOINT_ID empty, or name a model that is supported."),
    _fix(400, 8523, "Set TRANSCRIPTION_LOCALE to a language with its region, such as en-US."),
    _fix(405, 8520, "ACS does not offer this for this kind of call."),
    _fix(
        405,
        8522,
        "Set COGNITIVE_SERVICES_ENDPOINT; it takes effect with the next call.",
        message="cognitive",
    ),
    _fix(405, 8522, "The call was set up without a stream address; the next call will have one."),
    _Rule(400, 8528, Verdict(Advice.CLOSE)),
    _retry(400, 8501, "The call was not established yet."),
    _retry(500, 8578, "Check that Web PubSub is up and reachable."),
    _retry(500, 8580, _LATER),
    _retry(500, 8579, _LATER),
    _retry(500, 9999, _LATER),
)


def judge(code: int | None, sub_code: int | None, message: str | None) -> Verdict:
    """Say what to do about a result.

    One that is not documented is judged by its class: 5xx, 429 and no code at all may pass.
    """
    text = (message or "").lower()
    found = (rule.verdict for rule in _RULES if rule.fits(code, sub_code, text))
    return next(found, None) or _by_class(code)


def _by_class(code: int | None) -> Verdict:
    if not code or code in _MAY_PASS or code >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Verdict(Advice.RETRY, _LATER)
    if code == HTTPStatus.NOT_FOUND:
        return Verdict(Advice.CLOSE)
    if code >= HTTPStatus.BAD_REQUEST:
        return Verdict(Advice.FIX, "See the reason; the settings of the call do not suit ACS.")
    return Verdict(Advice.IGNORE)
