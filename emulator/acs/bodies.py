"""The bodies of Call Automation's requests; fields that are not listed here are ignored.

https://learn.microsoft.com/rest/api/communication/callautomation/
"""

from typing import Annotated, Any, Literal

import msgspec

from emulator.acs.identifiers import raw_id


class CallIntelligence(msgspec.Struct, frozen=True, rename="camel"):
    """The resource that recognises the speech."""

    cognitive_services_endpoint: str | None = None


class TranscriptionOptions(msgspec.Struct, frozen=True, rename="camel"):
    """How the app wants the call transcribed."""

    transport_url: str | None = None
    transport_type: str | None = None
    locale: str | None = None
    start_transcription: bool = False
    enable_intermediate_results: bool = False
    # The Python SDK (1.4.0 to 1.6.0) drops this option before sending; the JavaScript SDK sends it.
    speech_model_endpoint_id: str | None = None


class Setup(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """What `:answer` and the creation of a call have in common."""

    callback_uri: str
    operation_context: str | None = None
    call_intelligence_options: CallIntelligence = CallIntelligence()
    transcription_options: TranscriptionOptions | None = None
    media_streaming_options: dict[str, Any] | None = None


class Answer(Setup, frozen=True, kw_only=True):
    """The body of `:answer`."""

    incoming_call_context: str


class PhoneNumber(msgspec.Struct, frozen=True):
    """A telephone number in a request."""

    value: str


class Target(msgspec.Struct, frozen=True, rename="camel"):
    """Whom to call."""

    # The JavaScript SDK also sends `kind`, the Python SDK does not: the raw id is in both.
    raw_id: str


class TeamsApp(msgspec.Struct, frozen=True, rename="camel"):
    """A resource account of Teams, on whose behalf a call is made."""

    app_id: str


class CreateCall(Setup, frozen=True, kw_only=True):
    """The body of the request that creates an outgoing call."""

    targets: Annotated[tuple[Target, ...], msgspec.Meta(min_length=1)]
    source_caller_id_number: PhoneNumber | None = None
    source_display_name: str = ""
    teams_app_source: TeamsApp | None = None

    @property
    def source(self) -> str | None:
        """The raw id of who calls; None where the app gives none."""
        if self.teams_app_source is not None:
            return f"28:orgid:{self.teams_app_source.app_id}"
        number = self.source_caller_id_number
        return None if number is None else raw_id(number.value)


class CallLocator(msgspec.Struct, frozen=True, rename="camel"):
    """Which call to join: one of the three, as its kind says."""

    kind: Literal["serverCallLocator", "groupCallLocator", "roomCallLocator"]
    server_call_id: str | None = None
    group_call_id: str | None = None
    room_id: str | None = None


class Reject(msgspec.Struct, frozen=True, rename="camel"):
    """The body of `:reject`."""

    incoming_call_context: str
    call_reject_reason: Literal["none", "busy", "forbidden"] = "none"


class ConnectCall(Setup, frozen=True, kw_only=True):
    """The body of `:connect`, with which the app joins a call."""

    call_locator: CallLocator


class TranscriptionRequest(msgspec.Struct, frozen=True, rename="camel"):
    """The body of `:startTranscription`, `:stopTranscription` and `:updateTranscription`."""

    locale: str | None = None
    operation_context: str | None = None
    operation_callback_uri: str | None = None
    speech_model_endpoint_id: str | None = None

    def changes(self) -> dict[str, Any]:
        """Return the transcription options that the request changes."""
        given = {"locale": self.locale, "speech_model_endpoint_id": self.speech_model_endpoint_id}
        return {name: value for name, value in given.items() if value is not None}
