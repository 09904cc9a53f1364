"""The clients' sockets, from the handshake to the last event."""

import asyncio
import json
import secrets

from aiohttp import WebSocketError, WSMessage, WSMsgType, web

from emulator.serving import error
from emulator.web_pubsub.admission import Admission, RefusedError
from emulator.web_pubsub.connections import Connection, Connections, State
from emulator.web_pubsub.events import SYSTEM_CONTENT, Source
from emulator.web_pubsub.hubs import is_hub_name
from emulator.web_pubsub.json_client import JsonClient
from emulator.web_pubsub.messages import JSON_PROTOCOL
from emulator.web_pubsub.outbox import ABNORMAL, NO_CODE, Close, Frame
from emulator.web_pubsub.raw_client import RawClient
from emulator.web_pubsub.settings import Settings
from emulator.web_pubsub.tokens import signature
from emulator.web_pubsub.upstream import Upstream

# https://learn.microsoft.com/azure/azure-web-pubsub/concept-service-limits says 1 MB a message;
# aiohttp refuses what is as long as its limit.
_MESSAGE_LIMIT = 1024 * 1024 + 1
_GOODBYE_SECONDS = 1


class ClientSockets:
    """Stays with each client until it has gone and upstream knows."""

    def __init__(
        self,
        settings: Settings,
        admission: Admission,
        connections: Connections,
        upstream: Upstream,
    ) -> None:
        self._settings = settings
        self._admission = admission
        self._connections = connections
        self._upstream = upstream

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Answer one client."""
        hub = request.match_info.get("hub") or request.query.get("hub", "")
        if not is_hub_name(hub):
            return error(400, "InvalidHub", "the hub's name is missing or not a valid one")
        connection = self._arrival(request, hub)
        try:
            await self._admission.admit(request, connection, hub)
        except RefusedError as refusal:
            connection.ended(State.REFUSED, Close(refusal.answer.status, str(refusal)))
            return refusal.answer
        socket = await self._converse(request, connection)
        await self._tell_end(connection)
        return socket

    def _arrival(self, request: web.Request, hub: str) -> Connection:
        connection_id = secrets.token_hex(16)
        signed = signature(self._settings.access_keys, connection_id)
        origin = request.url.host or request.host
        connection = Connection(Source(connection_id, hub.lower(), origin, signed))
        self._connections.arrived(connection)
        return connection

    async def _converse(
        self, request: web.Request, connection: Connection
    ) -> web.WebSocketResponse:
        """Upgrade the request and stay until the connection has ended, by whomever."""
        socket = web.WebSocketResponse(
            timeout=_GOODBYE_SECONDS,
            autoping=False,
            compress=False,
            max_msg_size=_MESSAGE_LIMIT,
            protocols=(connection.subprotocol,) if connection.subprotocol else (),
        )
        try:
            await socket.prepare(request)
        except ConnectionError:
            self._connections.closed(connection, Close(ABNORMAL, "the client has gone"))
            return socket
        self._connections.opened(connection)
        end = await self._talk(socket, request.transport, connection)
        self._connections.closed(connection, connection.outbox.end or end)
        return socket

    async def _talk(
        self,
        socket: web.WebSocketResponse,
        transport: asyncio.Transport | None,
        connection: Connection,
    ) -> Close:
        """Read and write until one side ends the connection; return the client's view of it."""
        outbox = connection.outbox
        client = self._client(connection)
        client.greet()
        event = self._upstream.event(connection, "connected", b"{}", SYSTEM_CONTENT, system=True)
        self._upstream.notify(connection, event)
        interval = self._settings.ping_interval
        writer = asyncio.create_task(outbox.write_to(socket, transport, interval))
        try:
            end = await _listen(socket, connection, client)
            if outbox.end is not None:
                await writer
        finally:
            writer.cancel()
        return end

    def _client(self, connection: Connection) -> RawClient | JsonClient:
        if connection.subprotocol == JSON_PROTOCOL:
            return JsonClient(connection, self._connections, self._upstream)
        return RawClient(connection, self._upstream)

    async def _tell_end(self, connection: Connection) -> None:
        reason = connection.end.reason if connection.end else ""
        body = json.dumps({"reason": reason}).encode()
        event = self._upstream.event(connection, "disconnected", body, SYSTEM_CONTENT, system=True)
        await self._upstream.deliver(connection, event)


async def _listen(
    socket: web.WebSocketResponse, connection: Connection, client: RawClient | JsonClient
) -> Close:
    """Take one frame after the other, each only when the one before is dealt with."""
    outbox = connection.outbox
    while outbox.end is None:
        message = await socket.receive()
        outbox.heard()
        outbox.busy = True
        match message.type:
            case WSMsgType.TEXT:
                await client.text(message.data)
            case WSMsgType.BINARY:
                await client.binary(message.data)
            case WSMsgType.PING:
                outbox.send(Frame(message.data, WSMsgType.PONG))
            case WSMsgType.PONG:
                pass
            case _:
                return _end(message)
        outbox.busy = False
    return outbox.end


def _end(message: WSMessage) -> Close:
    """Read how the client, or the network, ended the connection."""
    if message.type is WSMsgType.CLOSE:
        return Close(message.data or NO_CODE, message.extra or "")
    if isinstance(message.data, WebSocketError):
        return Close(message.data.code, str(message.data))
    return Close(ABNORMAL, "the connection was lost")
