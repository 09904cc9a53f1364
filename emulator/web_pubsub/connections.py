"""All connections, open, closed and refused, with the results of their events."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from enum import StrEnum

from emulator.web_pubsub.events import (
    CONNECT,
    SYSTEM,
    USER,
    Event,
    Reply,
    Source,
    header_value,
    now,
)
from emulator.web_pubsub.messages import JSON_PROTOCOL, Message, json_frame
from emulator.web_pubsub.outbox import Close, Outbox


class State(StrEnum):
    """The states of a connection."""

    CONNECTING = "connecting"
    OPEN = "open"
    CLOSED = "closed"
    REFUSED = "refused"


@dataclass(slots=True)
class EventRecord:
    """The result of one event; `status` is a 2xx if any delivery got one."""

    id: int
    type: str
    at: str
    status: int | None = None
    attempts: int = 0
    error: str = ""
    acknowledged: bool = False

    def note(self, reply: Reply) -> None:
        """Note the result of a delivery."""
        # Once one delivery is acknowledged the event is, whatever a second delivery brings.
        if not self.acknowledged:
            self.status, self.error, self.acknowledged = reply.status, reply.error, reply.ok


def timestamp() -> str:
    """Return the current time with milliseconds, as the control API shows it."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@dataclass(eq=False, slots=True)
class Connection:
    """One client: its identity, its rights, and its events."""

    source: Source
    user_id: str | None = None
    subprotocol: str | None = None
    groups: set[str] = field(default_factory=set)
    roles: set[str] = field(default_factory=set)
    upstream_state: str = ""
    cookies: dict[str, str] = field(default_factory=dict)
    outbox: Outbox = field(default_factory=Outbox)
    state: State = State.CONNECTING
    opened_at: str = field(default_factory=timestamp)
    closed_at: str | None = None
    end: Close | None = None
    events: list[EventRecord] = field(default_factory=list)
    last_event_id: int = 0

    @property
    def id(self) -> str:
        """The connection's id."""
        return self.source.connection_id

    @property
    def hub(self) -> str:
        """The hub, in lower case."""
        return self.source.hub

    def event(self, name: str, body: bytes, content_type: str, *, system: bool = False) -> Event:
        """Return the next event of this connection."""
        # In Microsoft's emulator number 0 is reserved for `connect`, also where nobody handles it:
        # https://github.com/Azure/azure-webpubsub/tree/main/tools/emulator
        kind = SYSTEM if system else USER
        number = 0 if kind + name == CONNECT else self.last_event_id + 1
        self.last_event_id = max(number, self.last_event_id)
        headers = self.source.headers() | {
            "Content-Type": content_type,
            "ce-type": header_value(kind + name),
            "ce-id": str(number),
            "ce-time": now(),
            "ce-eventName": header_value(name),
        }
        optional = {
            "ce-userId": header_value(self.user_id or ""),
            "ce-subprotocol": self.subprotocol or "",
            "ce-connectionState": self.upstream_state,
        }
        # Headers without a value are not sent at all.
        headers |= {header: value for header, value in optional.items() if value}
        return Event(number, kind + name, name, headers, body)

    def record(self, event: Event) -> EventRecord:
        """Return a new record for the result of an event."""
        record = EventRecord(event.id, event.type, timestamp())
        self.events.append(record)
        return record

    def is_allowed(self, action: str, group: str) -> bool:
        """Tell whether the client may do this (`sendToGroup`, `joinLeaveGroup`) with a group."""
        return not self.roles.isdisjoint({f"webpubsub.{action}", f"webpubsub.{action}.{group}"})

    def send(self, message: Message) -> None:
        """Send a message in the form of this client's subprotocol."""
        self.outbox.send(message.frame(self.subprotocol))

    def close(self, code: int, reason: str) -> None:
        """Close the connection from this side."""
        if self.subprotocol == JSON_PROTOCOL:
            disconnected = {"type": "system", "event": "disconnected", "message": reason}
            self.outbox.send(json_frame(disconnected))
        self.outbox.close(code, reason)

    def ended(self, state: State, end: Close) -> None:
        """Note that the connection has ended, and how."""
        self.state, self.end, self.closed_at = state, end, timestamp()

    def as_json(self) -> dict[str, object]:
        """Return the connection as the control API shows it."""
        return {
            "id": self.id,
            "hub": self.hub,
            "userId": self.user_id,
            "subprotocol": self.subprotocol,
            "groups": sorted(self.groups),
            "state": self.state,
            "openedAt": self.opened_at,
            "closedAt": self.closed_at,
            "closeCode": self.end.code if self.end else None,
            "closeReason": self.end.reason if self.end else None,
            "events": [asdict(record) for record in self.events],
        }


class Connections:
    """All connections in order of arrival, and the open ones by id."""

    def __init__(self) -> None:
        # Kept apart: a message to a group must not search the history of a long test run.
        self._history: list[Connection] = []
        self._open: dict[str, Connection] = {}

    def add(self, connection: Connection) -> None:
        """Add a connection that has not been admitted yet."""
        self._history.append(connection)

    def opened(self, connection: Connection) -> None:
        """Note that the connection is open; from now on messages reach it."""
        connection.state = State.OPEN
        self._open[connection.id] = connection

    def closed(self, connection: Connection, end: Close) -> None:
        """Note that the connection has ended; messages no longer reach it."""
        connection.ended(State.CLOSED, end)
        self._open.pop(connection.id, None)

    def history(self) -> list[Connection]:
        """Return every connection in order of arrival."""
        return list(self._history)

    def find_open(self, connection_id: str) -> Connection | None:
        """Return an open connection."""
        return self._open.get(connection_id)

    def in_hub(self, hub: str) -> Iterable[Connection]:
        """Return the open connections of a hub."""
        return (one for one in tuple(self._open.values()) if one.hub == hub.lower())

    def in_group(self, hub: str, group: str) -> Iterable[Connection]:
        """Return the open members of a group."""
        return (one for one in self.in_hub(hub) if group in one.groups)

    def of_user(self, hub: str, user_id: str) -> Iterable[Connection]:
        """Return the open connections of a user."""
        return (one for one in self.in_hub(hub) if one.user_id == user_id)

    def close_all(self, code: int, reason: str) -> None:
        """Close every open connection."""
        for connection in tuple(self._open.values()):
            connection.close(code, reason)

    def forget(self) -> None:
        """Close the open connections and forget all of them."""
        self.close_all(1000, "ClosedByAppServer")
        self._history.clear()
        self._open.clear()
