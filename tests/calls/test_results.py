import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callscribe.calls.result_table import Advice, Of
from callscribe.calls.results import Reason, Verdict, is_unanswered, judge, reason_of
from tests.wire_samples import names, sample

# Every row of
# https://learn.microsoft.com/azure/communication-services/how-tos/call-automation/real-time-transcription-tutorial#event-codes
DOCUMENTED = [
    (200, 0, "Action completed successfully.", Advice.IGNORE, None),
    (400, 8581, "Action failed, StreamUrl isn't valid.", Advice.RETRY, "Web PubSub"),
    (
        400,
        8565,
        "Action failed due to a bad request to Cognitive Services. Check your input parameters.",
        Advice.FIX,
        "TRANSCRIPTION_LOCALE",
    ),
    (
        400,
        8565,
        (
            "Action failed due to a request to Cognitive Services timing out. Try again later or "
            "check for any issues with the service."
        ),
        Advice.RETRY,
        "Speech service",
    ),
    (
        400,
        8605,
        "Custom speech recognition model for Transcription is not supported.",
        Advice.FIX,
        "SPEECH_MODEL_ENDPOINT_ID",
    ),
    (400, 8523, "Invalid Request, locale is missing.", Advice.FIX, "TRANSCRIPTION_LOCALE"),
    (
        400,
        8523,
        "Invalid Request, only locale that contain region information are supported.",
        Advice.FIX,
        "en-US",
    ),
    (405, 8520, "Transcription functionality is not supported at this time.", Advice.FIX, "."),
    (
        405,
        8520,
        "UpdateTranscription is not supported for connection created with Connect interface.",
        Advice.FIX,
        "kind of call",
    ),
    (400, 8528, "Action is invalid, call already terminated.", Advice.CLOSE, None),
    (
        405,
        8520,
        "Update transcription functionality is not supported at this time.",
        Advice.FIX,
        ".",
    ),
    (
        405,
        8522,
        "Request not allowed when Transcription url not set during call setup.",
        Advice.FIX,
        "stream address",
    ),
    (
        405,
        8522,
        "Request not allowed when Cognitive Service Configuration not set during call setup.",
        Advice.FIX,
        "COGNITIVE_SERVICES_ENDPOINT",
    ),
    (400, 8501, "Action is invalid when call is not in Established state.", Advice.RETRY, "."),
    (
        401,
        8565,
        (
            "Action failed due to a Cognitive Services authentication error. Check your "
            "authorization input and ensure it's correct."
        ),
        Advice.FIX,
        "Cognitive Services User",
    ),
    (
        403,
        8565,
        (
            "Action failed due to a forbidden request to Cognitive Services. Check your "
            "subscription status and ensure it's active."
        ),
        Advice.FIX,
        "subscription",
    ),
    (
        429,
        8565,
        (
            "Action failed, requests exceeded the number of allowed concurrent requests for the "
            "cognitive services subscription."
        ),
        Advice.RETRY,
        "quota",
    ),
    (
        500,
        8578,
        "Action failed, not able to establish WebSocket connection.",
        Advice.RETRY,
        "Web PubSub",
    ),
    (500, 8580, "Action failed, transcription service was shut down.", Advice.RETRY, "."),
    (500, 8579, "Action failed, transcription was canceled.", Advice.RETRY, "."),
    (500, 9999, "Unknown internal server error.", Advice.RETRY, "."),
]
# Others that mid-call media actions may have, for which another operation was in the way:
# https://learn.microsoft.com/azure/communication-services/how-tos/call-automation/control-mid-call-media-actions
IN_THE_WAY = [(400, 8500), (412, 8583), (409, 8519), (400, 8585)]


@pytest.mark.parametrize(("code", "sub_code", "message", "advice", "remedy"), DOCUMENTED)
def test_every_documented_result(
    code: int, sub_code: int, message: str, advice: Advice, remedy: str | None
) -> None:
    verdict = judge(code, sub_code, message, Of.TRANSCRIPTION)
    assert verdict.advice is advice
    assert verdict.remedy is None if remedy is None else remedy in (verdict.remedy or "")
    assert judge(code, sub_code, message.upper(), Of.TRANSCRIPTION) == verdict


# Of other things than transcription, or of all:
# https://learn.microsoft.com/azure/communication-services/resources/troubleshooting/voice-video-calling/troubleshooting-codes
BESIDES = [
    (Of.SET_UP, 403, 7507, "Call Source Identity Invalid", Advice.FIX, "CALLER_ID"),
    (Of.SET_UP, 403, 7504, "Insufficient Application Permissions", Advice.FIX, "ACS_ACCESS_KEY"),
    (Of.SET_UP, 401, 7509, "Hmac Validation Error", Advice.FIX, "ACS_ACCESS_KEY"),
    (Of.SET_UP, 403, 7604, "Unauthorized Teams Interop Scenario", Advice.FIX, "Federation"),
    (Of.SET_UP, 400, 8523, "The field callbackUri is invalid.", Advice.FIX, "The message"),
    (Of.SET_UP, 400, 8523, "Invalid Request, locale is missing.", Advice.FIX, "LOCALE"),
    (Of.SET_UP, 400, 8567, "Service Principal Not Enabled", Advice.FIX, "managed identity"),
    (Of.SET_UP, 429, 8516, "Call Throttled", Advice.RETRY, "higher limit"),
    (Of.SET_UP, 400, 8530, "Active Calls Limit Reached", Advice.RETRY, "higher limit"),
    (Of.SET_UP, 429, 8529, "Monthly Limit Reached", Advice.FIX, "this month"),
    (Of.SET_UP, 409, 8519, "Conflict", Advice.RETRY, "another try"),
    (Of.SET_UP, 404, 8522, "Call not found.", Advice.CLOSE, None),
    (Of.SET_UP, 400, 8538, "Callee Declined", Advice.CLOSE, None),
    (Of.SET_UP, 500, 9002, "Timeout Error From Underlying Service", Advice.RETRY, "by itself"),
    (Of.SET_UP, 401, 7, "Who are you?", Advice.FIX, "ACS_ACCESS_KEY"),
    (Of.TRANSCRIPTION, 500, 8626, "Summary failed", Advice.IGNORE, None),
    (Of.TRANSCRIPTION, 429, 8613, "Live Captions Limit Reached", Advice.RETRY, "higher limit"),
    (Of.TRANSCRIPTION, 400, 8568, "Managed Identity Failed", Advice.FIX, "Cognitive Services User"),
    (Of.TRANSCRIPTION, 400, 7606, "Unauthorized ACS Resource", Advice.FIX, "Cognitive Services"),
    (Of.TRANSCRIPTION, 404, 8522, "Call not found.", Advice.CLOSE, None),
    (Of.TRANSCRIPTION, 500, 9001, "Unknown Error", Advice.RETRY, "by itself"),
    (Of.CALL, 404, 8522, "Call not found.", Advice.CLOSE, None),
    (Of.CALL, 409, 8519, "Conflict", Advice.RETRY, "another try"),
    (Of.CALL, 403, 7504, "Insufficient Application Permissions", Advice.FIX, "ACS_ACCESS_KEY"),
]


@pytest.mark.parametrize(("of", "code", "sub_code", "message", "advice", "remedy"), BESIDES)
def test_every_result_of_other_things(
    of: Of, code: int, sub_code: int, message: str, advice: Advice, remedy: str | None
) -> None:
    verdict = judge(code, sub_code, message, of)
    assert verdict.advice is advice
    assert verdict.remedy is None if remedy is None else remedy in (verdict.remedy or "")


@pytest.mark.parametrize(
    ("code", "sub_code", "unanswered"),
    [
        (486, 560486, True),
        (603, 8538, True),
        (400, 8539, True),
        (480, None, True),
        (400, 8523, False),
        (None, None, False),
    ],
)
def test_nobody_took_the_call(code: int | None, sub_code: int | None, *, unanswered: bool) -> None:
    assert is_unanswered(code, sub_code) is unanswered


@pytest.mark.parametrize(("code", "sub_code"), IN_THE_WAY)
def test_what_was_in_the_way_passes(code: int, sub_code: int) -> None:
    verdict = judge(code, sub_code, "Media operation is already active.", Of.TRANSCRIPTION)
    assert verdict.advice is Advice.RETRY
    assert verdict.remedy


def test_a_reason_is_what_was_said_and_none_where_nothing_was() -> None:
    assert reason_of("why", 400, 8501, "remedy") == Reason("why", 400, 8501, "remedy")
    assert reason_of(None, 500, 0) == Reason("", 500)
    assert reason_of("", 0, 0) is None


def test_the_samples_of_failures_are_the_documented_ones() -> None:
    failures = [name for name in names("callbacks") if name.startswith("transcription-failed-")]
    bodies = [json.loads(sample("callbacks", name)) for name in failures]
    results = [body[0]["data"]["resultInformation"] for body in bodies]
    sent = [(result["code"], result["subCode"], result["message"]) for result in results]
    assert sorted(sent) == sorted(row[:3] for row in DOCUMENTED if row[0] != 200)


@pytest.mark.parametrize(
    ("code", "advice"),
    [
        (None, Advice.RETRY),
        (0, Advice.RETRY),
        (408, Advice.RETRY),
        (409, Advice.RETRY),
        (429, Advice.RETRY),
        (500, Advice.RETRY),
        (503, Advice.RETRY),
        (400, Advice.FIX),
        (401, Advice.FIX),
        (403, Advice.FIX),
        (404, Advice.CLOSE),
        (202, Advice.IGNORE),
        (-1, Advice.IGNORE),
    ],
)
@pytest.mark.parametrize("of", Of)
def test_an_unknown_result_goes_by_its_class(code: int | None, advice: Advice, of: Of) -> None:
    assert judge(code, 1, "never seen", of).advice is advice


@given(st.integers(), st.integers(), st.text(), st.sampled_from(Of))
def test_whatever_a_person_can_mend_has_a_remedy(
    code: int, sub_code: int, message: str, of: Of
) -> None:
    verdict = judge(code, sub_code, message, of)
    assert isinstance(verdict, Verdict)
    assert bool(verdict.remedy) == (verdict.advice in {Advice.FIX, Advice.RETRY})
