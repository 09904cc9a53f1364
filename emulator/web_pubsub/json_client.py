"""A client of the subprotocol `json.webpubsub.azure.v1`.

https://learn.microsoft.com/azure/azure-web-pubsub/reference-json-webpubsub-subprotocol
"""

import base64
from typing import Literal

import msgspec

from emulator.web_pubsub.connections import Connection, Connections
from emulator.web_pubsub.messages import CONTENT_TYPES, Message, json_frame
from emulator.web_pubsub.outbox import PROTOCOL_ERROR
from emulator.web_pubsub.upstream import Upstream
from emulator.web_pubsub.user_events import drop, raise_event

DataType = Literal["text", "json", "binary"]


class _Request(msgspec.Struct, tag_field="type", rename="camel"):
    ack_id: int | None = None


class JoinGroup(_Request, tag="joinGroup", kw_only=True):
    """Receive the messages of a group from now on."""

    group: str


class LeaveGroup(_Request, tag="leaveGroup", kw_only=True):
    """No longer receive the messages of a group."""

    group: str


class SendToGroup(_Request, tag="sendToGroup", kw_only=True):
    """Send a message to a group."""

    group: str
    data: msgspec.Raw
    data_type: DataType = "json"
    no_echo: bool = False


class RaiseEvent(_Request, tag="event", kw_only=True):
    """Raise an event upstream."""

    event: str
    data: msgspec.Raw
    data_type: DataType = "json"


class Ping(_Request, tag="ping"):
    """Ask for a pong."""


class SequenceAck(_Request, tag="sequenceAck"):
    """Confirm messages of the reliable subprotocol; ignored here."""


Request = JoinGroup | LeaveGroup | SendToGroup | RaiseEvent | Ping | SequenceAck
_requests = msgspec.json.Decoder(Request)


class JsonClient:
    """Handles the frames of one client of the JSON subprotocol."""

    def __init__(
        self, connection: Connection, connections: Connections, upstream: Upstream
    ) -> None:
        self._connection = connection
        self._connections = connections
        self._upstream = upstream
        self._acks: set[int] = set()

    def welcome(self) -> None:
        """Send the `connected` message with the client's identity."""
        connected = {"type": "system", "event": "connected", "connectionId": self._connection.id}
        if self._connection.user_id is not None:
            connected["userId"] = self._connection.user_id
        self._connection.outbox.send(json_frame(connected))

    async def text(self, data: str) -> None:
        """Handle a text frame; a malformed one ends the connection."""
        try:
            request = _requests.decode(data)
            message = self._message(request)
        except (msgspec.DecodeError, ValueError) as error:
            self._connection.close(PROTOCOL_ERROR, f"invalid frame: {error}")
            return
        if self._is_duplicate(request):
            self._acknowledge(request, "Duplicate", "this ackId was used before")
        elif message is None:
            self._handle_control(request)
        else:
            await self._handle_message(request, message)

    async def binary(self, data: bytes) -> None:
        """End the connection: this subprotocol has no binary frames."""
        self._connection.close(PROTOCOL_ERROR, f"{len(data)} binary bytes on a text protocol")

    def _is_duplicate(self, request: Request) -> bool:
        # A client that repeats a request after a lost ack uses the same id, and must not act twice.
        if request.ack_id is None:
            return False
        repeated = request.ack_id in self._acks
        self._acks.add(request.ack_id)
        return repeated

    def _handle_control(self, request: Request) -> None:
        match request:
            case Ping():
                # Microsoft's client (@azure/web-pubsub-client) leaves after 120 seconds without
                # one.
                self._connection.outbox.send(json_frame({"type": "pong"}))
            case JoinGroup() if self._allowed(request, "joinLeaveGroup"):
                self._connection.groups.add(request.group)
                self._acknowledge(request)
            case LeaveGroup() if self._allowed(request, "joinLeaveGroup"):
                self._connection.groups.discard(request.group)
                self._acknowledge(request)

    async def _handle_message(self, request: Request, message: Message) -> None:
        match request:
            case SendToGroup() if self._allowed(request, "sendToGroup"):
                self._send_to_group(request, message)
                self._acknowledge(request)
            case RaiseEvent():
                await self._raise(request, message)

    def _send_to_group(self, request: SendToGroup, message: Message) -> None:
        for member in self._connections.in_group(self._connection.hub, request.group):
            if member is not self._connection or not request.no_echo:
                member.send(message)

    async def _raise(self, request: RaiseEvent, message: Message) -> None:
        content_type = CONTENT_TYPES[request.data_type]
        reply = await raise_event(
            self._upstream, self._connection, request.event, message.data, content_type
        )
        if reply.ok:
            self._acknowledge(request)
            return
        self._acknowledge(request, "InternalServerError", reply.error)
        # Documents say that the connection is dropped, Microsoft's emulator only sends the ack.
        # Both are done here: an app must be able to live with either.
        drop(self._connection, reply)

    def _allowed(self, request: JoinGroup | LeaveGroup | SendToGroup, action: str) -> bool:
        if self._connection.is_allowed(action, request.group):
            return True
        self._acknowledge(request, "Forbidden", f"the client has no role for {action}")
        return False

    def _acknowledge(self, request: Request, error: str = "", message: str = "") -> None:
        if request.ack_id is None:
            return
        ack: dict[str, object] = {"type": "ack", "ackId": request.ack_id, "success": not error}
        if error:
            ack["error"] = {"name": error, "message": message}
        self._connection.outbox.send(json_frame(ack))

    def _message(self, request: Request) -> Message | None:
        """Return the message that a request carries, None if it carries none."""
        match request:
            case SendToGroup():
                data, user_id = _data(request), self._connection.user_id
                return Message(request.data_type, data, request.group, user_id)
            case RaiseEvent():
                return Message(request.data_type, _data(request))
        return None


def _data(request: SendToGroup | RaiseEvent) -> bytes:
    """Return the data as bytes. Raises ValueError when it does not have its declared type."""
    if request.data_type == "json":
        return bytes(request.data)
    text = msgspec.json.decode(request.data, type=str)
    return base64.b64decode(text, validate=True) if request.data_type == "binary" else text.encode()
