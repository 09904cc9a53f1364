"""The results of ACS that are documented: what each says, what is done, and what people can do.

docs/results.md is made from this table (`python -m scripts.results`). Codes and messages are from
https://learn.microsoft.com/azure/communication-services/how-tos/call-automation/real-time-transcription-tutorial#event-codes
and, where that page has none, from
https://learn.microsoft.com/azure/communication-services/resources/troubleshooting/voice-video-calling/troubleshooting-codes
"""

from dataclasses import dataclass
from enum import StrEnum


class Advice(StrEnum):
    """What to do about a result."""

    RETRY = "retry"
    FIX = "fix"
    CLOSE = "close"
    IGNORE = "ignore"


class Of(StrEnum):
    """Of what a result is: of a call that is to begin, of its transcription, of one that is up."""

    SET_UP = "setUp"
    TRANSCRIPTION = "transcription"
    CALL = "call"


@dataclass(frozen=True, slots=True)
class Result:
    """A documented result.

    `code` None: the subcode says it all, whatever the code. `mark` is what the message contains, in
    lower case, where several results share their codes.
    """

    of: frozenset[Of]
    code: int | None
    sub_code: int
    says: str
    advice: Advice
    remedy: str | None = None
    mark: str | None = None

    def fits(self, code: int | None, sub_code: int | None, message: str) -> bool:
        """Tell whether it is meant; `message` is in lower case."""
        same = self.sub_code == sub_code and self.code in (None, code)
        return same and (self.mark is None or self.mark in message)

    @property
    def is_of_nobody(self) -> bool:
        """Tell whether it is of a call that nobody took."""
        return self.sub_code in UNANSWERED


# Nobody took the call: no failure, and nothing to mend.
UNANSWERED_CODES = frozenset({408, 480, 486, 487, 603})
UNANSWERED = {
    8538: "Callee Declined",
    8539: "Callee Busy",
    8540: "Callee Busy Everywhere",
    8541: "Callee Unavailable",
    8542: "Call Canceled",
    8544: "Callee Unreachable",
}

_SET_UP = frozenset({Of.SET_UP})
_TEXT = frozenset({Of.TRANSCRIPTION})
_BEGINS = _SET_UP | _TEXT
_ALL = frozenset(Of)

LATER = "It passes by itself; if it keeps coming back, look at the state of Azure's services."
_SPEECH = "It passes by itself; if it keeps coming back, look at the state of the Speech service."
# Another operation is under way: https://learn.microsoft.com/azure/communication-services/how-tos/call-automation/control-mid-call-media-actions
_BUSY = "Another operation of the call was under way: another try comes by itself."
_EARLY = "The call was not established yet."
ACCESS = "Check the role of the app's identity on the ACS resource, or ACS_ACCESS_KEY."
_AI_ROLE = "Give the ACS resource's identity the role Cognitive Services User on the AI resource."
_LOCALE = "Set TRANSCRIPTION_LOCALE to a language with its region, such as en-US."
_KIND = "ACS does not offer this for this kind of call."
_TEAMS = "Let the ACS resource call Teams users: Set-CsTeamsAcsFederationConfiguration."
_TOO_MANY = "Too many calls at once: it passes; if it keeps coming back, ask for a higher limit."

TABLE = (
    Result(
        _TEXT,
        400,
        8581,
        "Action failed, StreamUrl isn't valid.",
        Advice.RETRY,
        "Check that Web PubSub is up and that the stream hub's event handler answers.",
    ),
    Result(
        _TEXT,
        400,
        8565,
        "Action failed due to a request to Cognitive Services timing out. Try again later or check "
        "for any issues with the service.",
        Advice.RETRY,
        _SPEECH,
        mark="timing out",
    ),
    Result(
        _TEXT,
        400,
        8565,
        "Action failed due to a bad request to Cognitive Services. Check your input parameters.",
        Advice.FIX,
        "Check TRANSCRIPTION_LOCALE and SPEECH_MODEL_ENDPOINT_ID.",
    ),
    Result(
        _TEXT,
        401,
        8565,
        "Action failed due to a Cognitive Services authentication error. Check your authorization "
        "input and ensure it's correct.",
        Advice.FIX,
        _AI_ROLE,
    ),
    Result(
        _TEXT,
        403,
        8565,
        "Action failed due to a forbidden request to Cognitive Services. Check your subscription "
        "status and ensure it's active.",
        Advice.FIX,
        "Check the AI resource's subscription and the ACS identity's role on it.",
    ),
    Result(
        _TEXT,
        429,
        8565,
        "Action failed, requests exceeded the number of allowed concurrent requests for the "
        "cognitive services subscription.",
        Advice.RETRY,
        "Ask for a higher quota of concurrent requests for the Speech resource.",
    ),
    Result(
        _TEXT,
        400,
        8605,
        "Custom speech recognition model for Transcription is not supported.",
        Advice.FIX,
        "Leave SPEECH_MODEL_ENDPOINT_ID empty, or name a model that is supported.",
    ),
    Result(
        _BEGINS, 400, 8523, "Invalid Request, locale is missing.", Advice.FIX, _LOCALE, "locale"
    ),
    Result(
        _BEGINS,
        400,
        8523,
        "Invalid Request, only locale that contain region information are supported.",
        Advice.FIX,
        _LOCALE,
        "locale",
    ),
    Result(
        _BEGINS,
        400,
        8523,
        "Invalid Argument",
        Advice.FIX,
        "The message names what ACS does not take.",
    ),
    Result(
        _TEXT,
        405,
        8520,
        "Transcription functionality is not supported at this time.",
        Advice.FIX,
        _KIND,
    ),
    Result(
        _TEXT,
        405,
        8520,
        "UpdateTranscription is not supported for connection created with Connect interface.",
        Advice.FIX,
        _KIND,
    ),
    Result(
        _TEXT,
        405,
        8520,
        "Update transcription functionality is not supported at this time.",
        Advice.FIX,
        _KIND,
    ),
    Result(
        _TEXT,
        405,
        8522,
        "Request not allowed when Cognitive Service Configuration not set during call setup.",
        Advice.FIX,
        "Set COGNITIVE_SERVICES_ENDPOINT; it takes effect with the next call.",
        mark="cognitive",
    ),
    Result(
        _TEXT,
        405,
        8522,
        "Request not allowed when Transcription url not set during call setup.",
        Advice.FIX,
        "The call was set up without a stream address; the next call will have one.",
    ),
    Result(_TEXT, 400, 8528, "Action is invalid, call already terminated.", Advice.CLOSE),
    Result(
        _TEXT,
        400,
        8501,
        "Action is invalid when call is not in Established state.",
        Advice.RETRY,
        _EARLY,
    ),
    Result(
        _TEXT,
        500,
        8578,
        "Action failed, not able to establish WebSocket connection.",
        Advice.RETRY,
        "Check that Web PubSub is up and reachable.",
    ),
    Result(
        _TEXT,
        500,
        8580,
        "Action failed, transcription service was shut down.",
        Advice.RETRY,
        _SPEECH,
    ),
    Result(_TEXT, 500, 8579, "Action failed, transcription was canceled.", Advice.RETRY, _SPEECH),
    # Of summaries, which the app does not ask for: the transcription is not meant.
    Result(_TEXT, 500, 8626, "Summary failed", Advice.IGNORE),
    Result(_TEXT, 400, 8500, "Invalid Media Mode", Advice.RETRY, _BUSY),
    Result(_TEXT, 412, 8583, "Precondition Failed", Advice.RETRY, _BUSY),
    Result(
        _TEXT,
        400,
        8585,
        "Action Not Valid In Current Call State",
        Advice.RETRY,
        _EARLY,
    ),
    Result(
        _TEXT,
        None,
        8613,
        "Call Throttled Live Captions Limit Reached",
        Advice.RETRY,
        "Too many transcriptions at once: it passes; else ask for a higher limit.",
    ),
    Result(
        _BEGINS,
        400,
        8567,
        "ACS Resource Service Principal Not Enabled",
        Advice.FIX,
        "Switch on the ACS resource's managed identity, and give it Cognitive Services User.",
    ),
    Result(
        _BEGINS,
        None,
        8568,
        "Managed Identity For Cognitive Service Request Failed",
        Advice.FIX,
        _AI_ROLE,
    ),
    Result(
        _BEGINS,
        None,
        7606,
        "Unauthorized ACS Resource For Cognitive Actions",
        Advice.FIX,
        _AI_ROLE,
    ),
    Result(
        _SET_UP,
        403,
        7507,
        "Call Source Identity Invalid",
        Advice.FIX,
        "Call from a number of this ACS resource: see CALLER_ID and `from`.",
    ),
    Result(_SET_UP, None, 7604, "Unauthorized Teams Interop Scenario", Advice.FIX, _TEAMS),
    Result(_SET_UP, None, 8516, "Call Throttled", Advice.RETRY, _TOO_MANY),
    Result(
        _SET_UP,
        None,
        8529,
        "Call Throttled Monthly Limit Reached",
        Advice.FIX,
        "The ACS resource has had its calls of this month: ask for a higher limit.",
    ),
    Result(
        _SET_UP, None, 8530, "Call Throttled Active Calls Limit Reached", Advice.RETRY, _TOO_MANY
    ),
    *(
        Result(_ALL, None, sub_code, says, Advice.FIX, ACCESS)
        for sub_code, says in (
            (7500, "Unsupported AAD Identity"),
            (7501, "Invalid Token"),
            (7502, "Access Not Enabled"),
            (7504, "Insufficient Application Permissions"),
            (7505, "Enterprise Tenant Mismatch"),
            (7506, "Untrusted Certificate"),
            (7508, "Unsupported ACS Identity"),
            (7509, "Hmac Validation Error"),
            (7510, "Managed Identity Validation Error"),
            (7600, "Resource Access Not Enabled"),
            (7601, "Invalid ACS Source Identity"),
            (7602, "Invalid ACS Target Identity"),
            (7603, "Invalid ACS Identity"),
        )
    ),
    *(Result(_SET_UP, None, sub_code, says, Advice.CLOSE) for sub_code, says in UNANSWERED.items()),
    Result(_ALL, 404, 8522, "Not Found", Advice.CLOSE),
    Result(_ALL, 409, 8519, "Conflict", Advice.RETRY, _BUSY),
    *(
        Result(_ALL, None, sub_code, says, Advice.RETRY, LATER)
        for sub_code, says in (
            (9001, "Unknown Error From Underlying Service"),
            (9002, "Timeout Error From Underlying Service"),
            (9003, "Operation Canceled Error"),
            (9999, "Unknown internal server error."),
        )
    ),
)
