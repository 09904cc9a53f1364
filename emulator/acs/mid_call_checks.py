"""What the service refuses of requests about people and media on a call.

Codes and words of most refusals are not documented: 400 and 8523 (invalid argument) are chosen,
with the name of the field.
"""

from urllib.parse import urlsplit

from emulator.acs.bodies_media import Play, PlaySource, Recognize
from emulator.acs.bodies_people import AddParticipant, CustomContext, Transfer
from emulator.acs.calls import Call, CallState
from emulator.acs.errors import ServiceError, refusal
from emulator.acs.identifiers import is_phone
from emulator.acs.results import NOT_ESTABLISHED
from emulator.acs.results_media import EMPTY_TEXT, NOT_IN_THIS_STATE
from emulator.acs.settings import Settings
from emulator.acs.setups import check_source, check_target, invalid_field

_LONGEST_INVITATION = 180
# https://learn.microsoft.com/azure/communication-services/concepts/call-automation/play-action
_LONGEST_TEXT = 4_000
# https://learn.microsoft.com/azure/communication-services/how-tos/call-automation/custom-context
_SIP_HEADERS, _VOIP_HEADERS = 5, 1_000
_USER_TO_USER = "User-To-User"
_LONGEST_NAME, _LONGEST_SIP_VALUE, _LONGEST_VOIP_VALUE = 64, 256, 1_024
_TEAMS_APP = "28:orgid:"


def check_people(call: Call) -> None:
    """Raise ServiceError for a call whose people cannot be changed yet."""
    if call.state is not CallState.CONNECTED:
        raise refusal(NOT_ESTABLISHED)


def check_media(call: Call) -> None:
    """Raise ServiceError for a call that has no media yet."""
    if call.state is not CallState.CONNECTED:
        raise refusal(NOT_IN_THIS_STATE)


def check_add(call: Call, wanted: AddParticipant, settings: Settings) -> None:
    """Raise ServiceError for somebody who cannot be added, or not so."""
    check_people(call)
    who = wanted.participant_to_add.raw_id
    check_target("ParticipantToAdd", who)
    seconds = wanted.invitation_timeout_in_seconds
    if seconds is not None and not 1 <= seconds <= _LONGEST_INVITATION:
        raise invalid_field("InvitationTimeoutInSeconds", f"from 1 to {_LONGEST_INVITATION}")
    source = wanted.source_caller_id_number
    # Calls of a Teams resource account are made from its own number.
    if source is None and is_phone(who) and not _is_for_teams(call):
        raise invalid_field("SourceCallerIdNumber", "needed to add a phone number")
    if source:
        check_source(source.value, settings)
    _check_context(wanted.custom_calling_context)


def check_transfer(call: Call, wanted: Transfer) -> None:
    """Raise ServiceError for somebody to whom nobody can be transferred."""
    check_people(call)
    check_target("TargetParticipant", wanted.target_participant.raw_id)
    _check_context(wanted.custom_calling_context)


def check_play(call: Call, wanted: Play) -> None:
    """Raise ServiceError for what cannot be played."""
    check_media(call)
    if not wanted.play_sources:
        raise invalid_field("PlaySources", "at least one is needed")
    for source in wanted.play_sources:
        _check_source(source)


def check_recognize(call: Call, wanted: Recognize) -> None:
    """Raise ServiceError for what cannot be recognised."""
    check_media(call)
    if wanted.recognize_input_type != "dtmf":
        message = f"recognising {wanted.recognize_input_type} is not emulated, only dtmf"
        raise ServiceError(501, "NotEmulated", message)
    for source in wanted.prompts:
        _check_source(source)


def _check_source(source: PlaySource) -> None:
    content = source.content
    if content is None:
        raise invalid_field("PlaySources", f"a {source.kind} source needs its {source.kind}")
    if source.kind == "file":
        parts = urlsplit(content)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise invalid_field("File.Uri", "an address with http or https")
        return
    if not content.strip():
        raise refusal(EMPTY_TEXT)
    if source.text:
        _check_text(source)


def _check_text(source: PlaySource) -> None:
    text = source.text
    if text and len(text.text) > _LONGEST_TEXT:
        raise invalid_field("Text", f"{_LONGEST_TEXT} characters at most")
    if text and not (text.voice_name or text.source_locale):
        raise invalid_field("Text", "a VoiceName is needed, or a SourceLocale")


def _check_context(context: CustomContext | None) -> None:
    if context is None:
        return
    sip = context.sip_headers or {}
    own = [name for name in sip if name != _USER_TO_USER]
    if len(own) > _SIP_HEADERS or not all(name.startswith("X-") for name in own):
        reason = f"{_SIP_HEADERS} headers X-… at most, and {_USER_TO_USER}"
        raise invalid_field("SipHeaders", reason)
    _check_headers("SipHeaders", sip, _LONGEST_SIP_VALUE)
    voip = context.voip_headers or {}
    if len(voip) > _VOIP_HEADERS:
        raise invalid_field("VoipHeaders", f"{_VOIP_HEADERS} at most")
    _check_headers("VoipHeaders", voip, _LONGEST_VOIP_VALUE)


def _check_headers(field: str, headers: dict[str, str], longest: int) -> None:
    for name, value in headers.items():
        if len(name) > _LONGEST_NAME or len(value) > longest:
            raise invalid_field(field, f"{_LONGEST_NAME} characters at most, a value {longest}")


def _is_for_teams(call: Call) -> bool:
    return (call.own_end or "").startswith(_TEAMS_APP)
