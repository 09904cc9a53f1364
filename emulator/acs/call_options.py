"""The options of a call and of a cut of its stream, as the control API takes them.

Where the service's behaviour is not known, the default is the harsher one.
"""

import re
from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, UnsetType

from emulator.acs.dialogues import Dialogue
from emulator.acs.identifiers import raw_id
from emulator.acs.phones import Phone
from emulator.acs.results import Result

type Seconds = Annotated[float, msgspec.Meta(gt=0, le=86_400)]
type Party = Annotated[str, msgspec.Meta(max_length=500)]
type SubscriptionId = Literal["new", "kept"]
type CutOffsets = Literal["restart", "continue"]
# What the service does about a stream that broke and is not dialled again: it reports
# TranscriptionFailed; it ends the transcription and reports nothing; it does not notice, shows the
# transcription as active, and what is said is lost.
type Aftermath = Literal["failed", "silent", "unnoticed"]
# What comes of a start while a transcription runs or is being started.
type SecondStart = Literal["failed", "refused", "started"]
type Field = Literal["duration", "words", "confidence", "participantRawID"]

# A number in E.164 form, or a raw id: digits that name the kind, a colon, and the name itself.
_PARTY = re.compile(r"\+[0-9]{2,15}|[0-9]+:.+")


class Cut(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """What happens when the stream breaks."""

    # Whether and when the service dials again is not documented. Its events have a name for it
    # (streamConnectionReestablished), so both behaviours are possible; the default gives up.
    reconnect: Seconds | None = None
    # Nor is it known whether the new stream continues the old one. The defaults are the hardest to
    # follow: another subscription id, and offsets that start again.
    subscription: SubscriptionId = "new"
    cut_offsets: CutOffsets = "restart"
    replay: bool = False
    # "What is reported" is documented for failures that the service notices, and no more.
    aftermath: Aftermath = "failed"

    @classmethod
    def of(cls, options: "Cut", **changes: object) -> "Cut":
        """Return the cut that the options of a call describe, with changes."""
        kept = {name: getattr(options, name) for name in Cut.__struct_fields__}
        return Cut(**kept | changes)


class CallOptions(Cut, frozen=True, kw_only=True):
    """What is said on a call, how the frames are written, and how the network behaves."""

    script: str | Dialogue = "support-call"
    speed: Annotated[float, msgspec.Meta(ge=0.01, le=1000)] = 1
    # Both scales have been seen: the SDKs' tests count from the start of the stream, the how-to
    # page counts down to the end of .NET's calendar.
    # https://learn.microsoft.com/azure/communication-services/how-tos/call-automation/real-time-transcription-tutorial
    offsets: Literal["stream", "clock"] = "stream"
    # The same page shows frames without `duration`, and no page says which fields are always there.
    leave_out: frozenset[Field] = frozenset()
    stay: bool = False
    # Without this pause the first words would be lost in every call whose app starts transcription
    # only after CallConnected.
    wait_for_stream: Annotated[float, msgspec.Meta(ge=0, le=60)] = 5
    metadata_after_update: bool = False
    # Documented is a code for an operation while another one is active (400, 8500), but not whether
    # a second start is one, and whether the request or an event says so.
    second_start: SecondStart = "failed"
    # Whether the service repeats a callback that failed is not documented.
    callback_retries: bool = False


class OutgoingOptions(CallOptions, frozen=True, kw_only=True):
    """How calls go that the app makes or joins; whom `phones` does not name does as in `phone`."""

    phone: Phone = Phone()
    phones: dict[str, Phone] = {}

    def phone_of(self, raw: str) -> Phone:
        """Return what somebody does whose phone rings, by their raw id."""
        return {raw_id(name): phone for name, phone in self.phones.items()}.get(raw, self.phone)


class CallRequest(CallOptions, frozen=True, kw_only=True):
    """A call to make: from whom, to whom, and how its event is delivered."""

    from_: Party = msgspec.field(name="from")
    to: Party
    deliveries: Annotated[int, msgspec.Meta(ge=1, le=100)] = 1
    caller_display_name: str = ""
    custom_context: dict[str, Any] | None = None

    def __post_init__(self) -> None:
        for name, party in (("from", self.from_), ("to", self.to)):
            if not _PARTY.fullmatch(party):
                raise ValueError(
                    f"`{name}` is a number like +4930123456 or a raw id, not {party!r}"
                )


class Say(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Something that a participant, named by its number or raw id, says now."""

    text: Annotated[str, msgspec.Meta(min_length=1)]
    speaker: Annotated[int, msgspec.Meta(ge=0)] | Annotated[str, msgspec.Meta(min_length=1)] = 0


class DropStream(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """A cut to make now; what is not given here is taken from the options of the call.

    `result` is reported in TranscriptionFailed when the stream is given up.
    """

    reconnect: Seconds | UnsetType | None = UNSET
    subscription: SubscriptionId | UnsetType = UNSET
    cut_offsets: CutOffsets | UnsetType = UNSET
    replay: bool | UnsetType = UNSET
    aftermath: Aftermath | UnsetType = UNSET
    result: Result | None = None

    def complete(self, options: CallRequest) -> Cut:
        """Return the cut with every option: those given here, then those of the call."""
        names = Cut.__struct_fields__
        given = {name: getattr(self, name) for name in names if getattr(self, name) is not UNSET}
        return Cut.of(options, **given)
