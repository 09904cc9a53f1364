"""The bodies of the requests about people on a call: who is added, removed, and transferred.

https://learn.microsoft.com/rest/api/communication/callautomation/call-connection
"""

from typing import Any

import msgspec

from emulator.acs.bodies import PhoneNumber, Target


class MidCall(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """What the requests about a call that is up have in common."""

    operation_context: str | None = None
    operation_callback_uri: str | None = None


class CustomContext(msgspec.Struct, frozen=True, rename="camel"):
    """What the app tells the one who is called, besides the call."""

    sip_headers: dict[str, str] | None = None
    voip_headers: dict[str, str] | None = None
    teams_phone_call_details: dict[str, Any] | None = None


class AddParticipant(MidCall, frozen=True, kw_only=True):
    """The body of `participants:add`."""

    participant_to_add: Target
    invitation_timeout_in_seconds: int | None = None
    source_caller_id_number: PhoneNumber | None = None
    source_display_name: str | None = None
    custom_calling_context: CustomContext | None = None


class RemoveParticipant(MidCall, frozen=True, kw_only=True):
    """The body of `participants:remove`."""

    participant_to_remove: Target


class CancelAddParticipant(MidCall, frozen=True, kw_only=True):
    """The body of `participants:cancelAddParticipant`."""

    invitation_id: str


class Transfer(MidCall, frozen=True, kw_only=True):
    """The body of `:transferToParticipant`."""

    target_participant: Target
    transferee: Target | None = None
    # Sent by the SDKs, though the service's pages say that it is not supported here.
    source_caller_id_number: PhoneNumber | None = None
    custom_calling_context: CustomContext | None = None
