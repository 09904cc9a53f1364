"""The options of a call, and of a cut of its stream, as the control API takes them.

Where the service's behaviour is not known the default is the harsher one.
"""

import re
from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, UnsetType

from emulator.acs.dialogues import Dialogue
from emulator.acs.results import Result

type Seconds = Annotated[float, msgspec.Meta(gt=0, le=86_400)]
type End = Annotated[str, msgspec.Meta(max_length=500)]
type SubscriptionId = Literal["new", "kept"]
type CutOffsets = Literal["restart", "continue"]
type Field = Literal["duration", "words", "confidence", "participantRawID"]

_END = re.compile(r"\+[0-9]{2,15}|[0-9]+:.+")


class Cut(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """What happens when the stream breaks."""

    reconnect: Seconds | None = None
    subscription: SubscriptionId = "new"
    cut_offsets: CutOffsets = "restart"
    replay: bool = False


class Options(Cut, frozen=True, kw_only=True):
    """What is said on a call, how it is written in frames, and how the network behaves.

    `leave_out` names fields that frames of speech lack: documents show frames without `duration`
    (words included), and say of no field that it is always there.
    """

    script: str | Dialogue = "support-call"
    speed: Annotated[float, msgspec.Meta(ge=0.01, le=1000)] = 1
    offsets: Literal["stream", "clock"] = "stream"
    leave_out: frozenset[Field] = frozenset()
    stay: bool = False
    wait_for_stream: Annotated[float, msgspec.Meta(ge=0, le=60)] = 5
    metadata_after_update: bool = False
    callback_retries: bool = False


class Ring(Options, frozen=True, kw_only=True):
    """A call: from whom, to whom, and how its event is delivered."""

    from_: End = msgspec.field(name="from")
    to: End
    deliveries: Annotated[int, msgspec.Meta(ge=1, le=100)] = 1
    caller_display_name: str = ""
    custom_context: dict[str, Any] | None = None

    def __post_init__(self) -> None:
        for name, end in (("from", self.from_), ("to", self.to)):
            if not _END.fullmatch(end):
                raise ValueError(f"`{name}` is a number like +4930123456 or a raw id, not {end!r}")


class Say(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Something to say now, by a participant's number or raw id."""

    text: Annotated[str, msgspec.Meta(min_length=1)]
    speaker: Annotated[int, msgspec.Meta(ge=0)] | Annotated[str, msgspec.Meta(min_length=1)] = 0


class DropStream(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """A cut to make now; what it leaves out is as the ring said.

    `result` is what a stream that is given up is said to have ended with.
    """

    reconnect: Seconds | UnsetType | None = UNSET
    subscription: SubscriptionId | UnsetType = UNSET
    cut_offsets: CutOffsets | UnsetType = UNSET
    replay: bool | UnsetType = UNSET
    result: Result | None = None

    def over(self, ring: Ring) -> Cut:
        """Return the whole cut: this one's options over those of the ring."""
        names = Cut.__struct_fields__
        given = {name: getattr(self, name) for name in names if getattr(self, name) is not UNSET}
        return Cut(**{name: getattr(ring, name) for name in names} | given)
