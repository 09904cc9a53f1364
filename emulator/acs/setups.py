"""What the service refuses of a setup: of an answer, of a call that is made, of one that is joined.

Codes and words of most refusals are not documented: 400 and 8523 (invalid argument) are chosen,
with the name of the field.
"""

import re
from urllib.parse import urlsplit

from emulator.acs.bodies import ConnectCall, CreateCall, Setup
from emulator.acs.errors import ServiceError, invalid, refusal
from emulator.acs.identifiers import identifier, is_phone, phone_number
from emulator.acs.results import Result
from emulator.acs.settings import Settings

_NUMBER = re.compile(r"\+[1-9][0-9]{0,14}")


def check_setup(setup: Setup, settings: Settings) -> None:
    """Raise ServiceError for an address or an option that the service does not take."""
    parts = urlsplit(setup.callback_uri)
    # The service refuses http addresses with these words. Here they are allowed unless a setting
    # says otherwise, because apps on the same machine have no certificate.
    schemes = ("https",) if settings.require_https else ("https", "http")
    if parts.scheme not in schemes or not parts.hostname:
        raise invalid("The field CallbackUri is invalid.")
    if setup.media_streaming_options is not None:
        raise ServiceError(501, "NotEmulated", "media streaming is not emulated")
    options = setup.transcription_options
    # The SDKs know no other transport (StreamingTransportType).
    if options and options.transport_type != "websocket":
        raise invalid("The field TransportType is invalid: only websocket exists.")


def check_create(wanted: CreateCall, settings: Settings) -> None:
    """Raise ServiceError for targets that cannot be called, or not by this caller."""
    check_setup(wanted, settings)
    targets = [target.raw_id for target in wanted.targets]
    if not targets:
        raise invalid_field("Targets", "at least one is needed")
    if len(set(targets)) < len(targets):
        raise invalid_field("Targets", "each may be there once")
    for who in targets:
        check_target("Targets", who)
    source = wanted.source_caller_id_number
    if wanted.teams_app_source:
        # https://learn.microsoft.com/azure/communication-services/quickstarts/tpe/teams-phone-extensibility-server-outbound-call
        if source:
            raise invalid_field("SourceCallerIdNumber", "not together with TeamsAppSource")
    elif source is None and any(is_phone(who) for who in targets):
        raise invalid_field("SourceCallerIdNumber", "needed to call a phone number")
    if source:
        check_source(source.value, settings)


def check_join(wanted: ConnectCall, settings: Settings) -> None:
    """Raise ServiceError for a locator without the id of its kind."""
    check_setup(wanted, settings)
    kind, place = wanted.call_locator.place
    if not place:
        raise invalid_field("CallLocator", f"a {kind} needs its id")


def check_target(field: str, who: str) -> None:
    """Raise ServiceError for what is neither a number nor a known raw id."""
    number = phone_number(who)
    bad_number = is_phone(who) and not (number and _NUMBER.fullmatch(number))
    if bad_number or identifier(who)["kind"] == "unknown":
        raise invalid_field(field, "a number in E.164 form, or the raw id of a user or an app")


def check_source(number: str, settings: Settings) -> None:
    """Raise ServiceError for a number from which the resource cannot call."""
    if not _NUMBER.fullmatch(number):
        raise invalid_field("SourceCallerIdNumber", "a number in E.164 form")
    if settings.own_numbers and number not in settings.own_numbers:
        # The code is documented for a number of another resource, its words are not.
        raise refusal(Result(403, 7507, "The caller id is not a number of this resource."))


def invalid_field(field: str, reason: str) -> ServiceError:
    """Return the refusal of a request with a field that the service does not take."""
    return refusal(Result(400, 8523, f"The field {field} is invalid: {reason}."))
