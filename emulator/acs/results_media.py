"""The results of prompts, of keys, and of the people who are added, with the service's messages.

https://learn.microsoft.com/azure/communication-services/how-tos/call-automation/play-action
https://learn.microsoft.com/azure/communication-services/how-tos/call-automation/recognize-action
https://learn.microsoft.com/azure/communication-services/resources/troubleshooting/voice-video-calling/troubleshooting-codes
"""

from emulator.acs.results import Result

CANCELED = Result(400, 8508, "Action failed, the operation was canceled.")
INVALID_FORMAT = Result(400, 8535, "Action failed, file format is invalid.")
NOT_DOWNLOADED = Result(400, 8536, "Action failed, file could not be downloaded.")
PLAY_FAILURES = (
    INVALID_FORMAT,
    NOT_DOWNLOADED,
    Result(400, 8565, "Action failed, bad request to Azure AI services. Check input parameters."),
    Result(401, 8565, "Action failed, Azure AI services authentication error."),
    Result(
        403,
        8565,
        "Action failed, forbidden request to Azure AI services, free subscription used by the "
        "request ran out of quota.",
    ),
    Result(408, 8565, "Action failed, request to Azure AI services timed out."),
    Result(
        429,
        8565,
        "Action failed, requests exceeded the number of allowed concurrent requests for the Azure "
        "AI services subscription.",
    ),
    Result(500, 8572, "Action failed due to play service shutdown."),
    Result(500, 9999, "Unknown internal server error"),
)

MAX_DIGITS = Result(200, 8531, "Action completed, max digits received.")
STOP_TONE = Result(200, 8514, "Action completed as stop tone was detected.")
SILENCE = Result(400, 8510, "Action failed, initial silence timeout reached")
INTER_DIGIT = Result(400, 8532, "Action failed, inter-digit silence timeout reached.")
PROMPT_FAILED = Result(
    500, 8511, "Action failed, encountered failure while trying to play the prompt."
)
RECOGNIZE_FAILURES = (
    SILENCE,
    INTER_DIGIT,
    PROMPT_FAILED,
    Result(500, 8512, "Unknown internal server error."),
)

# The codes of these are documented, their words are not.
INCOMPATIBLE = Result(412, 8583, "Precondition failed: incompatible with a media operation.")
NOT_IN_THIS_STATE = Result(400, 8585, "Action is not valid in current call state.")
EMPTY_TEXT = Result(400, 8582, "Play source text or SSML is empty.")
IN_PARALLEL = Result(409, 8519, "This participant is being invited already.")
TRANSFER_CONFLICT = Result(409, 8607, "Another transfer is under way.")
INVITATION_NOT_FOUND = Result(404, 8522, "No invitation with this id is out.")
ALREADY_THERE = Result(400, 8523, "The participant is on the call already.")
