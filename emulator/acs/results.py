"""The service's result codes, with its own messages.

https://learn.microsoft.com/azure/communication-services/how-tos/call-automation/real-time-transcription-tutorial
"""

import msgspec


class Result(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """The `resultInformation` of an event."""

    code: int
    sub_code: int
    message: str = ""


# The message of a success is empty for some events and not for others, as recorded.
CONNECTED = Result(200, 0)
COMPLETED = Result(200, 0, "Action completed successfully.")
ENDED_BY_APP = Result(
    200,
    7000,
    "Call was ended by Azure Communication Service Call Automation API or a server bot. "
    "DiagCode: 0#7000.@",
)
# For a party on the telephone network; recorded from a live call of 2024.
ENDED_BY_PHONE = Result(200, 560000, "The conversation has ended. DiagCode: 0#560000.@")
# https://learn.microsoft.com/graph/api/call-delete (call end reasons)
ENDED_BY_USER = Result(200, 18503, "The conversation has ended. DiagCode: 0#18503.@")
CALL_NOT_FOUND = Result(404, 8522, "Call not found.")
PARTICIPANT_NOT_FOUND = Result(404, 8522, "Participant not found.")

# The rest is the table of the page above. One sub code can stand for several problems (8522, 8523),
# and only the message tells them apart.
NOT_ESTABLISHED = Result(400, 8501, "Action is invalid when call is not in Established state.")
TERMINATED = Result(400, 8528, "Action is invalid, call already terminated.")
LOCALE_WITHOUT_REGION = Result(
    400, 8523, "Invalid Request, only locale that contain region information are supported."
)
LOCALE_MISSING = Result(400, 8523, "Invalid Request, locale is missing.")
NOT_SUPPORTED = Result(405, 8520, "Transcription functionality is not supported at this time.")
NOT_SUPPORTED_WHEN_JOINED = Result(
    405,
    8520,
    "UpdateTranscription is not supported for connection created with Connect interface.",
)
# The code is documented, its words are not:
# https://learn.microsoft.com/azure/communication-services/resources/troubleshooting/voice-video-calling/troubleshooting-codes
ALREADY_ACTIVE = Result(400, 8500, "Action is invalid, a media operation is already active.")
NO_TRANSPORT_URL = Result(
    405, 8522, "Request not allowed when Transcription url not set during call setup."
)
NO_COGNITIVE_SERVICES = Result(
    405,
    8522,
    "Request not allowed when Cognitive Service Configuration not set during call setup.",
)
URL_NOT_VALID = Result(400, 8581, "Action failed, StreamUrl isn't valid.")
NO_WEBSOCKET = Result(500, 8578, "Action failed, not able to establish WebSocket connection.")

# Which detail goes with which code is not documented: those with the nearest meaning are chosen. A
# result from a fault has a message of its own, so most are found by their codes.
_DETAILS = {
    NO_TRANSPORT_URL: "streamUrlMissing",
    (400, 8565): "badRequest",
    (400, 8523): "badRequest",
    (401, 8565): "authenticationFailure",
    (403, 8565): "forbidden",
    (429, 8565): "tooManyRequests",
    (400, 8581): "streamConnectionUnsuccessful",
    (500, 8578): "streamConnectionUnsuccessful",
    (500, 8580): "serviceShutdown",
}


def details(result: Result) -> str:
    """Return the `transcriptionStatusDetails` for a failure."""
    by_codes = _DETAILS.get((result.code, result.sub_code), "unspecifiedError")
    return _DETAILS.get(result, by_codes)
