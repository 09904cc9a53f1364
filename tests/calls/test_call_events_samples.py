"""What every sample of a callback is read as; tests of one thing each: test_call_events.py."""

import json
from copy import replace

import pytest

from callscribe.calls.call_events import CallEvent, parse_callbacks
from callscribe.calls.participants import Participant, Roster
from callscribe.foundation.errors import BadInputError
from callscribe.foundation.moments import Ms
from tests.wire_samples import names, sample

DONE = "Action completed successfully."
BUSY = "The callee was busy."
PLAIN = CallEvent(
    id="Sanitized",
    type="CallConnected",
    time=Ms(1750180814355),
    call_connection_id="00001680-11ce-493a-99f7-e236dda68715",
    server_call_id="aHR0cHM6Ly9hcGkuZmxpZ2h0cHJveHku",
    correlation_id="339089bc-86a9-4109-b07e-350e3baf1682",
    code=200,
    sub_code=0,
)
FEWEST = CallEvent("Sanitized", "CallConnected", None, "00001680-11ce-493a-99f7-e236dda68715")


def event(
    kind: str,
    code: int | None = 200,
    sub_code: int | None = 0,
    message: str | None = DONE,
    details: str | None = None,
    time: int = 1750180814355,
) -> CallEvent:
    return replace(
        PLAIN,
        type=kind,
        time=Ms(time),
        code=code,
        sub_code=sub_code,
        message=message,
        details=details,
    )


CONNECTED = event("CallConnected", message=None, time=1750180812588)
DISCONNECTED = event(
    "CallDisconnected",
    sub_code=7000,
    message=(
        "Call was ended by Azure Communication Service Call Automation API or a server bot. "
        "DiagCode: 0#7000.@"
    ),
    time=1750180820499,
)
CALLBACKS = {
    "call-connected": CONNECTED,
    "call-connected-with-context": CONNECTED,
    "call-disconnected": DISCONNECTED,
    "call-disconnected-with-context": DISCONNECTED,
    "participants-updated": replace(
        event("ParticipantsUpdated", message=None, time=1750180812803),
        roster=Roster(1, (Participant("8:acs:a_b"),)),
    ),
    "participants-updated-2022": replace(
        event("ParticipantsUpdated", None, None, message=None, time=1663866124000),
        roster=Roster(None, (Participant("8:acs:a_b"), Participant("4:+14255550111"))),
    ),
    "answer-failed": event("AnswerFailed", 500, 9999, "Unknown internal server error."),
    "answer-failed-sip": event(
        "AnswerFailed", 603, 560603, "The call was declined. DiagCode: 603#560603.@"
    ),
    "create-call-failed": event("CreateCallFailed", 486, 560486, f"{BUSY} DiagCode: 486#560486.@"),
    "create-call-failed-plain": event("CreateCallFailed", 408, 10004, "The callee did not answer."),
    "connect-failed": event("ConnectFailed", 404, 8522, "Call not found."),
    "transcription-started": event("TranscriptionStarted", details="subscriptionStarted"),
    "transcription-updated": event(
        "TranscriptionUpdated", details="transcriptionLocaleUpdated", time=1750180815659
    ),
    "transcription-stopped": event(
        "TranscriptionStopped", details="subscriptionStopped", time=1750180818888
    ),
    "transcription-resumed": event("TranscriptionResumed", details="streamConnectionReestablished"),
    "transcription-call-summary-updated": event(
        "TranscriptionCallSummaryUpdated",
        500,
        8626,
        "Action failed, unable to summarize the call transcripts.",
        "callSummaryFailure",
    ),
    "transcription-call-summary-success": event(
        "TranscriptionCallSummaryUpdated", details="callSummarySuccess"
    ),
    "media-streaming-started": event("MediaStreamingStarted"),
    "media-streaming-stopped": event("MediaStreamingStopped"),
    "media-streaming-failed": event(
        "MediaStreamingFailed",
        400,
        8581,
        "Action failed, Transport url is not valid or web socket server is not operational.",
    ),
    "play-started": event("PlayStarted"),
    "play-completed": event("PlayCompleted"),
    "play-canceled": event("PlayCanceled"),
    "play-failed": event("PlayFailed", 400, 8536, "Action failed, file could not be downloaded."),
    "recognize-completed": event(
        "RecognizeCompleted", 200, 8533, "Action completed, DTMF option matched."
    ),
    "recognize-failed": event(
        "RecognizeFailed", 400, 8510, "Action failed, initial silence timeout reached."
    ),
    "recognize-canceled": event(
        "RecognizeCanceled", 400, 8508, "Action failed, the operation was canceled."
    ),
    "add-participant-succeeded": event("AddParticipantSucceeded"),
    "add-participant-failed": event("AddParticipantFailed", 486, 560486, BUSY),
    "call-transfer-accepted": event("CallTransferAccepted"),
    "call-transfer-failed": event("CallTransferFailed", 403, 10000, "The transfer was refused."),
}
FAILED = "transcription-failed-"
# The failures of transcription; test_results.py holds them to the documented ones.
DETAILS = {
    "400-8501-not-established": "unspecifiedError",
    "400-8523-locale-missing": "badRequest",
    "400-8523-locale-region": "badRequest",
    "400-8528-terminated": "unspecifiedError",
    "400-8565-bad-request": "badRequest",
    "400-8565-timing-out": "serviceTimeout",
    "400-8581-stream-url": "streamConnectionUnsuccessful",
    "400-8605-custom-model": "badRequest",
    "401-8565-authentication": "authenticationFailure",
    "403-8565-forbidden": "forbidden",
    "405-8520-not-supported": "unspecifiedError",
    "405-8520-update-not-supported": "unspecifiedError",
    "405-8520-update-on-connect": "unspecifiedError",
    "405-8522-no-cognitive-services": "unspecifiedError",
    "405-8522-no-url": "streamUrlMissing",
    "429-8565-concurrent": "tooManyRequests",
    "500-8578-no-websocket": "streamConnectionInterrupted",
    "500-8579-canceled": "speechServicesConnectionError",
    "500-8580-shut-down": "serviceShutdown",
    "500-9999-unknown": "unspecifiedError",
}
# What the request said that an event is about; no other sample says so.
CONTEXTS = {
    "call-connected-with-context": "AnswerCall",
    "call-disconnected-with-context": "AnswerCall",
    "answer-failed": "AnswerCall",
    "create-call-failed": "CreateCall",
    "connect-failed": "ConnectCall",
    "transcription-started": "StartTranscription",
    "transcription-updated": "UpdateTranscription",
    "transcription-stopped": "StopTranscription",
    "transcription-call-summary-updated": "StartTranscription",
    "play-started": "PlayStarted",
    "play-completed": "PlayCompleted",
    "play-canceled": "PlayCanceled",
    "play-failed": "PlayFailed",
    "recognize-completed": "RecognizeCompleted",
    "recognize-failed": "RecognizeFailed",
    "recognize-canceled": "RecognizeCanceled",
    "call-transfer-failed": "CallTransferFailed",
} | dict.fromkeys(
    (
        f"{FAILED}400-8501-not-established",
        f"{FAILED}400-8523-locale-missing",
        f"{FAILED}400-8528-terminated",
        f"{FAILED}400-8565-timing-out",
        f"{FAILED}400-8581-stream-url",
        f"{FAILED}403-8565-forbidden",
        f"{FAILED}405-8520-not-supported",
        f"{FAILED}405-8522-no-url",
        f"{FAILED}500-8578-no-websocket",
        f"{FAILED}500-8579-canceled",
    ),
    "StartTranscription",
)

LEFT_OUT = replace(PLAIN, code=None, sub_code=None, time=None)
# What can be read: its events, and how many more could not.
ODD_CALLBACKS: dict[str, tuple[list[CallEvent], int]] = {
    "unknown-type": ([event("SomethingNew", message=None)], 0),
    "unprefixed-type": ([replace(PLAIN, type="Other.Thing")], 0),
    "additional-fields": ([PLAIN], 0),
    "fewest-fields": ([FEWEST], 0),
    "result-of-other-types": ([LEFT_OUT], 0),
    "good-and-bad": ([PLAIN, replace(PLAIN, id="third")], 2),
    "bad-utf-8": ([replace(PLAIN, context="caf\ufffd")], 0),
    "byte-order-mark": ([PLAIN], 0),
    "empty-list": ([], 0),
    "object": ([PLAIN], 0),
}

REFUSED = {
    "data-text": r"event 0: Expected `object`, got `str` - at `\$\.data`",
    "data-null": r"event 0: Expected `object`, got `null` - at `\$\.data`",
    "no-connection": "event 0: .*`callConnectionId`",
    "no-id": "event 0: .*`id`",
    "null": "event 0: Expected `object`, got `null`",
    "empty": "not JSON",
    "no-json": "not JSON",
    "cut-short": "not JSON",
    "binary": "not JSON",
    "numbers": "event 0: Expected `object`, got `int`; event 1: ",
    "nested": "nested too deeply|Expected",
}


def context_in(body: bytes) -> str | None:
    """Return what the request had called its operation."""
    context: str | None = json.loads(body)[0]["data"].get("operationContext")
    return context


def test_every_sample_has_its_expectation() -> None:
    assert set(CALLBACKS) | {FAILED + name for name in DETAILS} == names("callbacks")
    assert set(ODD_CALLBACKS) | set(REFUSED) == names("odd-callbacks")


@pytest.mark.parametrize("name", CALLBACKS)
def test_a_documented_callback_is_read_as_expected(name: str) -> None:
    found = parse_callbacks(sample("callbacks", name))
    expected = replace(CALLBACKS[name], context=CONTEXTS.get(name))
    assert (found.events, found.problems) == ((expected,), ())


@pytest.mark.parametrize("name", DETAILS)
def test_a_failure_of_transcription_says_why(name: str) -> None:
    body = sample("callbacks", FAILED + name)
    code, sub_code = map(int, name.split("-")[:2])
    message = json.loads(body)[0]["data"]["resultInformation"]["message"]
    expected = event("TranscriptionFailed", code, sub_code, message, DETAILS[name])
    assert parse_callbacks(body).events == (replace(expected, context=CONTEXTS.get(FAILED + name)),)


@pytest.mark.parametrize("name", ODD_CALLBACKS)
def test_what_can_be_read_of_an_odd_callback_is(name: str) -> None:
    events, problems = ODD_CALLBACKS[name]
    found = parse_callbacks(sample("odd-callbacks", name))
    assert (list(found.events), len(found.problems)) == (events, problems)


@pytest.mark.parametrize("name", REFUSED)
def test_what_holds_no_event_at_all_is_bad_input(name: str) -> None:
    with pytest.raises(BadInputError, match=REFUSED[name]):
        parse_callbacks(sample("odd-callbacks", name))
