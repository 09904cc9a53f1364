"""A call: its parties, its state, and the record of what happened on it."""

import base64
import secrets
import uuid
from collections import Counter
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any, Literal

import msgspec

from emulator.acs.call_options import CallRequest
from emulator.acs.clock import iso, now_ticks
from emulator.acs.conversation import Conversation
from emulator.acs.identifiers import identifier, phone_number, raw_id
from emulator.acs.phones import Ringing

type Direction = Literal["inbound", "outbound", "joined"]


class CallState(StrEnum):
    """The states of a call; the first and the last two are known to the control API alone."""

    RINGING = "ringing"
    CONNECTING = "connecting"
    CONNECTED = "connected"
    DISCONNECTED = "disconnected"
    MISSED = "missed"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Operation:
    """What the events caused by a request repeat of it, and where they are posted."""

    version: str
    callback_uri: str
    context: str | None = None


@dataclass(slots=True)
class Final:
    """A final that was spoken, and the frame that carried it; None when no frame did."""

    text: str
    speaker: str
    at: str
    connection: int | None = None
    frame: int | None = None
    replays: list[dict[str, int]] = field(default_factory=list)


@dataclass(slots=True)
class CallbackRecord:
    """A callback, and the last answer of its receiver."""

    type: str
    at: str
    status: int | None = None
    attempts: int = 0
    error: str | None = None


@dataclass(slots=True)
class Delivery:
    """One attempt of Event Grid to deliver the event of the call."""

    subscription: str
    attempt: int
    at: str
    status: int | None = None
    error: str | None = None


@dataclass(slots=True, eq=False)
class MediaRecord:
    """Something that the app has played, or keys that it has asked for, and what became of it."""

    operation: str
    context: str | None
    to: tuple[str, ...]
    sources: tuple[str, ...]
    state: str = "queued"


@dataclass(frozen=True, slots=True, eq=False)
class Invitation:
    """Somebody whom the app adds, and what it has told them."""

    id: str
    line: Ringing
    source: str | None = None
    display_name: str | None = None
    custom_context: dict[str, Any] | None = None

    def describe(self) -> dict[str, Any]:
        """Return the invitation as the control API shows it."""
        return {
            "id": self.id,
            "who": self.line.who,
            "state": self.line.state,
            "from": self.source,
            "displayName": self.display_name,
            "customContext": self.custom_context,
        }


class Call:
    """One call, in either direction."""

    def __init__(
        self,
        options: CallRequest,
        direction: Direction = "inbound",
        *,
        targets: tuple[str, ...] = (),
        conversation: Conversation | None = None,
        own_end_speaks: bool = True,
    ) -> None:
        self.options = options
        self.direction = direction
        self.id = secrets.token_hex(8)
        self.caller = raw_id(options.from_)
        self.callee = raw_id(options.to)
        # Whom the app has called.
        self.targets = targets or (self.callee,)
        spoken_for = (self.caller, self.callee)
        ends = (end if own_end_speaks or end != self.own_end else None for end in spoken_for)
        self.conversation = conversation or Conversation(options, tuple(ends))
        self.correlation_id = str(uuid.uuid4())
        self.incoming_call_context = _opaque_context()
        self.rang_at = now_ticks()
        self.call_connection_id: str | None = None
        self.state = CallState.RINGING if direction == "inbound" else CallState.CONNECTING
        self.reject_reason: str | None = None
        # The phones that ring or rang: of those who were called, and of those who were added.
        self.ringing: dict[str, Ringing] = {}
        self.invitations: dict[str, Invitation] = {}
        self.media: list[MediaRecord] = []
        self.transferring = False
        self.requests: Counter[str] = Counter()
        self.starts_while_running = 0
        self.connections = 0
        self.frames_sent = 0
        self.finals: list[Final] = []
        self.callbacks: list[CallbackRecord] = []
        self.deliveries: list[Delivery] = []

    @property
    def names(self) -> frozenset[str]:
        """By what a fault can name it: its id, who is called, and the ids by which it is joined."""
        places = {place for _, place in self.conversation.places}
        return frozenset({self.id, *self.targets}) | places

    @property
    def is_up(self) -> bool:
        """Tell whether the call has been answered and has not ended."""
        return self.state in (CallState.CONNECTING, CallState.CONNECTED)

    @property
    def server_call_id(self) -> str:
        """The id of the conversation, which is the same for all who have joined it."""
        return self.conversation.server_call_id

    @property
    def other_party(self) -> str:
        """The raw id of the party that is not the app."""
        return self.caller if self.direction == "inbound" else self.callee

    @property
    def own_end(self) -> str | None:
        """The raw id of the end that is the app's own: the number that it answers or calls from."""
        return {"inbound": self.callee, "outbound": self.caller}.get(self.direction)

    @property
    def others(self) -> list[str]:
        """The raw ids of those who are there, without the app's own end."""
        return [who for who in self.conversation.people if who != self.own_end]

    @property
    def is_one_to_one(self) -> bool:
        """Tell whether the app talks with one other party alone, now or as soon as it answers."""
        return self.direction != "joined" and len(self.targets) == 1 and len(self.others) <= 1

    def describe(self) -> dict[str, Any]:
        """Return the call as the control API shows it."""
        return {
            "id": self.id,
            "direction": self.direction,
            "callConnectionId": self.call_connection_id,
            "serverCallId": self.server_call_id,
            "correlationId": self.correlation_id,
            "from": self.caller,
            "to": self.callee,
            "targets": {line.who: line.state for line in self.ringing.values()},
            "people": list(self.conversation.people),
            "invitations": [each.describe() for each in self.invitations.values()],
            "media": [asdict(record) for record in self.media],
            "conversation": self.conversation.id,
            "state": self.state,
            "rejectReason": self.reject_reason,
            "rangAt": iso(self.rang_at),
            "requests": dict(self.requests),
            "startsWhileRunning": self.starts_while_running,
            "transcriptionsAtOnce": self.conversation.most_transcriptions,
            "connections": self.connections,
            "framesSent": self.frames_sent,
            "finals": [asdict(final) for final in self.finals],
            "callbacks": [asdict(posted) for posted in self.callbacks],
            "deliveries": [asdict(delivery) for delivery in self.deliveries],
        }

    def properties(self) -> dict[str, Any]:
        """Return what Call Automation shows of the call itself."""
        properties: dict[str, Any] = {
            "callConnectionId": self.call_connection_id,
            "serverCallId": self.server_call_id,
            "correlationId": self.correlation_id,
            "callConnectionState": "transferring" if self.transferring else self.state,
        }
        # Of a call that the app has joined the service shows no ends.
        if self.direction == "joined":
            return properties | {"targets": []}
        properties |= {
            "source": identifier(self.caller),
            "targets": [identifier(who) for who in self.targets],
        }
        if number := phone_number(self.caller):
            properties["sourceCallerIdNumber"] = {"value": number}
        number = phone_number(self.callee)
        if number and self.direction == "inbound":
            properties["answeredFor"] = {"value": number}
        if self.options.caller_display_name:
            properties["sourceDisplayName"] = self.options.caller_display_name
        return properties


def _opaque_context() -> str:
    """Return an incoming-call context: an unsigned token with random content."""
    # In recorded calls the context is an unsigned JWT with these two claims, of 8 to 9 kB. Its size
    # matters: an app that puts it into a URL, a header or a key must fail here, too.
    header = {"alg": "none", "typ": "JWT"}
    payload = {"cc": secrets.token_urlsafe(3000), "shrToken": secrets.token_urlsafe(600)}
    parts = (base64.urlsafe_b64encode(msgspec.json.encode(part)) for part in (header, payload))
    return ".".join(part.decode().rstrip("=") for part in parts) + "."
