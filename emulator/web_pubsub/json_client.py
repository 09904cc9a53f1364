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
    """Get a group's messages from now on."""

    group: str


class LeaveGroup(_Request, tag="leaveGroup", kw_only=True):
    """Get them no longer."""

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
    """Ask for a sign of life."""


class SequenceAck(_Request, tag="sequenceAck"):
    """Confirm messages of the reliable variant; here it means nothing."""


Request = JoinGroup | LeaveGroup | SendToGroup | RaiseEvent | Ping | SequenceAck
_requests = msgspec.json.Decoder(Request)


class JsonClient:
    """What the frames of one JSON client mean."""

    def __init__(
        self, connection: Connection, connections: Connections, upstream: Upstream
    ) -> None:
        self._connection = connection
        self._connections = connections
        self._upstream = upstream
        self._acks: set[int] = set()

    def greet(self) -> None:
        """Tell the client who it is."""
        hello = {"type": "system", "event": "connected", "connectionId": self._connection.id}
        if self._connection.user_id is not None:
            hello["userId"] = self._connection.user_id
        self._connection.outbox.send(json_frame(hello))

    async def text(self, data: str) -> None:
        """Do what a frame asks for; one that cannot be understood ends the connection."""
        try:
            request = _requests.decode(data)
            message = self._message(request)
        except (msgspec.DecodeError, ValueError) as error:
            self._connection.close(PROTOCOL_ERROR, f"invalid frame: {error}")
            return
        if self._is_repeated(request):
            self._acknowledge(request, "Duplicate", "this ackId was used before")
        elif message is None:
            self._perform(request)
        else:
            await self._pass_on(request, message)

    async def binary(self, data: bytes) -> None:
        """Refuse a binary frame: this subprotocol has none."""
        self._connection.close(PROTOCOL_ERROR, f"{len(data)} binary bytes on a text protocol")

    def _is_repeated(self, request: Request) -> bool:
        if request.ack_id is None:
            return False
        repeated = request.ack_id in self._acks
        self._acks.add(request.ack_id)
        return repeated

    def _perform(self, request: Request) -> None:
        match request:
            case Ping():
                self._connection.outbox.send(json_frame({"type": "pong"}))
            case JoinGroup() if self._allowed(request, "joinLeaveGroup"):
                self._connection.groups.add(request.group)
                self._acknowledge(request)
            case LeaveGroup() if self._allowed(request, "joinLeaveGroup"):
                self._connection.groups.discard(request.group)
                self._acknowledge(request)

    async def _pass_on(self, request: Request, message: Message) -> None:
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
        drop(self._connection, reply)

    def _allowed(self, request: JoinGroup | LeaveGroup | SendToGroup, action: str) -> bool:
        if self._connection.may(action, request.group):
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
        """Return what the client sends with its request, if it sends anything."""
        match request:
            case SendToGroup():
                data, user_id = _data(request), self._connection.user_id
                return Message(request.data_type, data, request.group, user_id)
            case RaiseEvent():
                return Message(request.data_type, _data(request))
        return None


def _data(request: SendToGroup | RaiseEvent) -> bytes:
    """Return the data as bytes; raises when it is not what its type says."""
    if request.data_type == "json":
        return bytes(request.data)
    text = msgspec.json.decode(request.data, type=str)
    return base64.b64decode(text, validate=True) if request.data_type == "binary" else text.encode()
