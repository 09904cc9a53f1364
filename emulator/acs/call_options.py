"""The options of a call and of a cut of its stream, as the control API takes them.

Where the service's behaviour is not known, the default is the harsher one.
"""

import re
from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, UnsetType

from emulator.acs.dialogues import Dialogue
from emulator.acs.keys import Keys
from emulator.acs.phones import Does, Phone
from emulator.acs.results import Result

type Seconds = Annotated[float, msgspec.Meta(gt=0, le=86_400)]
type Party = Annotated[str, msgspec.Meta(max_length=500)]
type Place = Annotated[str, msgspec.Meta(min_length=1, max_length=500)]
type SubscriptionId = Literal["new", "kept"]
type CutOffsets = Literal["restart", "continue"]
# What the service does about a stream that broke and is not dialled again: it reports
# TranscriptionFailed; it ends the transcription and reports nothing; it does not notice, shows the
# transcription as active, and what is said is lost.
type Aftermath = Literal["failed", "silent", "unnoticed"]
# What comes of a start while a transcription runs or is being started.
type SecondStart = Literal["failed", "refused", "started"]
type Field = Literal["duration", "words", "confidence", "participantRawID"]

_PEOPLE = ("8:acs:emulator_ada", "8:acs:emulator_ben")
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
    # How long people wait for somebody whom the dialogue expects, or for a question of the app.
    patience: Annotated[float, msgspec.Meta(ge=0, le=86_400)] = 30
    # What those do who are called or added, unless their participant in the dialogue says it.
    phone: Phone = Phone()


class CallRequest(CallOptions, frozen=True, kw_only=True):
    """A call to make: from whom, to whom, and how its event is delivered."""

    from_: Party = msgspec.field(name="from")
    to: Party
    deliveries: Annotated[int, msgspec.Meta(ge=1, le=100)] = 1
    caller_display_name: str = ""
    custom_context: dict[str, Any] | None = None
    # Whether nobody speaks for the number called but those whom the app adds, as with the service,
    # or the dialogue's second participant does, as a colleague at that number would.
    answered_by: Literal["app", "callee"] = "app"

    def __post_init__(self) -> None:
        for name, party in (("from", self.from_), ("to", self.to)):
            _check_party(name, party)


class OutgoingOptions(CallOptions, frozen=True, kw_only=True):
    """How calls go that the app makes, and what the service tells the app of it."""

    # ACS raises IncomingCall for users of the resource, also where the app itself calls them.
    # https://learn.microsoft.com/azure/communication-services/concepts/call-automation/incoming-call-notification
    incoming_for_users: bool = True
    # CallDisconnected may follow CreateCallFailed; that it does is the harder of the two.
    disconnected_after_failure: bool = True
    # A number may have two calls at a time unless Microsoft has raised that:
    # https://learn.microsoft.com/azure/communication-services/concepts/service-limits
    calls_per_number: Annotated[int, msgspec.Meta(ge=1)] | None = None
    # Whether the dialogue's first participant speaks for the number that the app calls from.
    called_by: Literal["app", "caller"] = "caller"


class ConversationRequest(CallOptions, frozen=True, kw_only=True):
    """A conversation that runs without the app, until the app joins it by one of its ids."""

    people: Annotated[tuple[Party, ...], msgspec.Meta(min_length=2)] = _PEOPLE
    server_call_id: Place | None = None
    group_call_id: Place | None = None
    room_id: Place | None = None
    # Whether the people wait with their first words until an app has joined.
    wait_for_app: bool = False
    # Whether an app stays alone when the last person has left is not documented; that it does is
    # the harder of the two.
    when_empty: Literal["stays", "ends"] = "stays"

    def __post_init__(self) -> None:
        for who in self.people:
            _check_party("people", who)


class Person(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Somebody who comes or goes."""

    who: Party


class Answers(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a phone that rings does now; `who` may be left out where only one rings."""

    does: Does
    who: Party | None = None


class Leaver(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Somebody who hangs up; without a name it is the other party, and the call is over."""

    who: Party | None = None


class Say(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Something that a participant, named by its number or raw id, says now."""

    text: Annotated[str, msgspec.Meta(min_length=1)]
    speaker: Annotated[int, msgspec.Meta(ge=0)] | Annotated[str, msgspec.Meta(min_length=1)] = 0


class Press(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The keys that a participant, named by its number or raw id, presses now."""

    keys: Keys
    speaker: Annotated[int, msgspec.Meta(ge=0)] | Annotated[str, msgspec.Meta(min_length=1)] = 0


class Tell(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A result that is reported in TranscriptionFailed, though nothing has failed."""

    result: Result


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


def _check_party(name: str, party: str) -> None:
    if not _PARTY.fullmatch(party):
        raise ValueError(f"`{name}` is a number like +4930123456 or a raw id, not {party!r}")
