"""The bodies of Call Automation's requests; fields that are not listed here are ignored.

https://learn.microsoft.com/rest/api/communication/callautomation/
"""

from typing import Any, Literal

import msgspec


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


class Reject(msgspec.Struct, frozen=True, rename="camel"):
    """The body of `:reject`."""

    incoming_call_context: str
    call_reject_reason: Literal["none", "busy", "forbidden"] | None = None


class PhoneNumber(msgspec.Struct, frozen=True):
    """A telephone number in a request."""

    value: str


class Target(msgspec.Struct, frozen=True, rename="camel"):
    """Whom to call."""

    # The JavaScript SDK also sends `kind`, the Python SDK does not: the raw id is in both.
    raw_id: str


class TeamsApp(msgspec.Struct, frozen=True, rename="camel"):
    """The Teams resource account for which a call is made."""

    app_id: str


class CreateCall(Setup, frozen=True, kw_only=True):
    """The body of the request that creates an outgoing call."""

    targets: tuple[Target, ...]
    source_caller_id_number: PhoneNumber | None = None
    source_display_name: str = ""
    teams_app_source: TeamsApp | None = None


class CallLocator(msgspec.Struct, frozen=True, rename="camel"):
    """Which call to join: one of the three, as its kind says."""

    kind: Literal["serverCallLocator", "groupCallLocator", "roomCallLocator"]
    server_call_id: str | None = None
    group_call_id: str | None = None
    room_id: str | None = None

    @property
    def place(self) -> tuple[str, str]:
        """The kind and the id; the id is empty where the one of its kind is missing."""
        ids = {
            "serverCallLocator": self.server_call_id,
            "groupCallLocator": self.group_call_id,
            "roomCallLocator": self.room_id,
        }
        return self.kind, ids[self.kind] or ""


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
