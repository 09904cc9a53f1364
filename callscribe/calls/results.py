"""What an ACS result means: try again, mend the setup, close the call, or nothing.

Code and subcode alone do not tell: 8520, 8522, 8523 and 8565 each stand for several things, so
the message decides between them. Codes and messages are those of
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
    """What to do about a result, and what a person should do where we cannot."""

    advice: Advice
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class _Rule:
    code: int
    sub_code: int
    message: str
    verdict: Verdict


def _retry(code: int, sub_code: int, remedy: str, message: str = "") -> _Rule:
    return _Rule(code, sub_code, message, Verdict(Advice.RETRY, remedy))


def _fix(code: int, sub_code: int, remedy: str, message: str = "") -> _Rule:
    return _Rule(code, sub_code, message, Verdict(Advice.FIX, remedy))


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
    _Rule(400, 8528, "", Verdict(Advice.CLOSE)),
    _retry(400, 8501, "The call was not established yet."),
    _retry(500, 8578, "Check that Web PubSub is up and reachable."),
    _retry(500, 8580, _LATER),
    _retry(500, 8579, _LATER),
    _retry(500, 9999, _LATER),
)


def judge(code: int, sub_code: int, message: str) -> Verdict:
    """Say what to do about a result. Unknown ones go by their class: 5xx and 429 may pass."""
    text = message.lower()
    for rule in _RULES:
        if (rule.code, rule.sub_code) == (code, sub_code) and rule.message in text:
            return rule.verdict
    return _by_class(code)


def _by_class(code: int) -> Verdict:
    match code:
        case HTTPStatus.NOT_FOUND:
            return Verdict(Advice.CLOSE)
        # A conflict may say that it runs already: trying again begins with asking ACS.
        case 0 | HTTPStatus.REQUEST_TIMEOUT | HTTPStatus.CONFLICT | HTTPStatus.TOO_MANY_REQUESTS:
            return Verdict(Advice.RETRY, _LATER)
        case _ if code >= HTTPStatus.INTERNAL_SERVER_ERROR:
            return Verdict(Advice.RETRY, _LATER)
        case _ if code >= HTTPStatus.BAD_REQUEST:
            return Verdict(Advice.FIX, "See the reason; the settings of the call do not suit ACS.")
        case _:
            return Verdict(Advice.IGNORE)
