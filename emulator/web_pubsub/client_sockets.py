"""The WebSockets of clients, from the handshake to the `disconnected` event."""

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
# How long a client may take to answer a close frame before the connection is cut.
_CLOSE_SECONDS = 1


class ClientSockets:
    """Serves each client from its handshake until the upstream knows that it has gone."""

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
        """Serve one client."""
        hub = request.match_info.get("hub") or request.query.get("hub", "")
        if not is_hub_name(hub):
            return error(400, "InvalidHub", "the hub's name is missing or not a valid one")
        connection = self._new_connection(request, hub)
        try:
            await self._admission.admit(request, connection, hub)
        except RefusedError as refusal:
            connection.ended(State.REFUSED, Close(refusal.response.status, str(refusal)))
            return refusal.response
        socket = await self._serve_socket(request, connection)
        await self._send_disconnected(connection)
        return socket

    def _new_connection(self, request: web.Request, hub: str) -> Connection:
        connection_id = secrets.token_hex(16)
        signed = signature(self._settings.access_keys, connection_id)
        # Without a port: the origin of the service is a bare host name.
        origin = request.url.host or request.host
        connection = Connection(Source(connection_id, hub.lower(), origin, signed))
        # Registered before it is admitted, so that refused clients can be seen as well.
        self._connections.add(connection)
        return connection

    async def _serve_socket(
        self, request: web.Request, connection: Connection
    ) -> web.WebSocketResponse:
        """Upgrade the request and serve the connection until either side has ended it."""
        socket = web.WebSocketResponse(
            timeout=_CLOSE_SECONDS,
            # Pings and pongs are handled here, to notice clients that no longer answer.
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
        """Read and write until one side ends the connection; return how the client ended it."""
        outbox = connection.outbox
        client = self._client(connection)
        client.welcome()
        event = self._upstream.event(connection, "connected", b"{}", SYSTEM_CONTENT, system=True)
        # Not awaited, as in the service: the first message of the client may overtake `connected`.
        self._upstream.notify(connection, event)
        interval = self._settings.ping_interval
        writer = asyncio.create_task(outbox.write_to(socket, transport, interval))
        try:
            end = await _listen(socket, connection, client)
            # Closed from this side: the close frame and what is queued before it must be written.
            if outbox.end is not None:
                await writer
        finally:
            writer.cancel()
        return end

    def _client(self, connection: Connection) -> RawClient | JsonClient:
        if connection.subprotocol == JSON_PROTOCOL:
            return JsonClient(connection, self._connections, self._upstream)
        return RawClient(connection, self._upstream)

    async def _send_disconnected(self, connection: Connection) -> None:
        reason = connection.end.reason if connection.end else ""
        body = json.dumps({"reason": reason}).encode()
        event = self._upstream.event(connection, "disconnected", body, SYSTEM_CONTENT, system=True)
        await self._upstream.deliver(connection, event)


async def _listen(
    socket: web.WebSocketResponse, connection: Connection, client: RawClient | JsonClient
) -> Close:
    """Read frames; each is handled completely before the next one is read."""
    # The service waits for the response to a message before it sends the next one of a connection:
    # https://learn.microsoft.com/azure/azure-web-pubsub/reference-cloud-events
    outbox = connection.outbox
    while outbox.end is None:
        message = await socket.receive()
        outbox.note_activity()
        outbox.event_pending = True
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
        outbox.event_pending = False
    return outbox.end


def _end(message: WSMessage) -> Close:
    """Return how the client, or the network, has ended the connection."""
    if message.type is WSMsgType.CLOSE:
        return Close(message.data or NO_CODE, message.extra or "")
    if isinstance(message.data, WebSocketError):
        return Close(message.data.code, str(message.data))
    return Close(ABNORMAL, "the connection was lost")
