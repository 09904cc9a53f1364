"""The frames that wait to be sent to one client, in order, and then at most one close."""

import asyncio
from dataclasses import dataclass

from aiohttp import ClientError, WSMsgType, web

# How much may wait for one client. The service documents such a limit (16 MB) only for the clients
# of its reliable subprotocols.
_SLOW_CLIENT_BYTES = 16 * 1024 * 1024
# RFC 6455, section 5.5: a control frame has at most 125 bytes, two of which are the code.
_CLOSE_REASON_BYTES = 123

NORMAL = 1000
GOING_AWAY = 1001
PROTOCOL_ERROR = 1002
NO_CODE = 1005
ABNORMAL = 1006
INTERNAL_ERROR = 1011


@dataclass(frozen=True, slots=True)
class Frame:
    """One WebSocket frame."""

    data: bytes
    kind: WSMsgType = WSMsgType.TEXT


@dataclass(frozen=True, slots=True)
class Close:
    """How a connection ended: code and reason."""

    code: int
    reason: str


class Outbox:
    """Sends without making the sender wait; a client that reads too slowly is disconnected."""

    def __init__(self) -> None:
        self._queue: asyncio.Queue[Frame | Close] = asyncio.Queue()
        self._unsent = 0
        self._pinged = False
        self._transport: asyncio.WriteTransport | None = None
        self.end: Close | None = None
        self.event_pending = False

    def send(self, frame: Frame) -> None:
        """Queue a frame; after a close it is dropped."""
        if self.end is not None:
            return
        self._queue.put_nowait(frame)
        self._unsent += len(frame.data)
        if self._unsent > _SLOW_CLIENT_BYTES:
            # The name that the service's documents give to this reason.
            self.abort("SlowClient")

    def close(self, code: int, reason: str) -> None:
        """Close the connection after the frames that are queued; only the first close counts."""
        if self.end is None:
            self.end = Close(code, reason)
            self._queue.put_nowait(self.end)

    def abort(self, reason: str) -> None:
        """End the connection without a closing handshake."""
        self.close(ABNORMAL, reason)
        if self._transport is not None:
            self._transport.abort()

    def note_activity(self) -> None:
        """Note that the client has sent something."""
        self._pinged = False

    async def write_to(
        self,
        socket: web.WebSocketResponse,
        transport: asyncio.WriteTransport | None,
        ping_interval: float,
    ) -> None:
        """Write until the close is written or the client is gone; ping it when nothing is sent."""
        self._transport = transport
        while True:
            try:
                async with asyncio.timeout(ping_interval):
                    item = await self._queue.get()
            except TimeoutError:
                # While an event is at the upstream nobody reads this socket, so a missing pong does
                # not mean that the client is gone.
                if self._pinged and not self.event_pending:
                    self.abort("PingTimeout")
                    return
                self._pinged = True
                item = Frame(b"", WSMsgType.PING)
            if not await _write(socket, item):
                return
            if isinstance(item, Frame):
                self._unsent -= len(item.data)


async def _write(socket: web.WebSocketResponse, item: Frame | Close) -> bool:
    """Write one item; tell whether more can follow."""
    if isinstance(item, Close) and item.code == ABNORMAL:
        return False
    if isinstance(item, Close):
        # Cut by bytes, so half a character may be left at the end; it is dropped.
        reason = item.reason.encode()[:_CLOSE_REASON_BYTES].decode(errors="ignore")
        await socket.close(code=item.code, message=reason.encode())
        return False
    try:
        await socket.send_frame(item.data, item.kind)
    except (ConnectionError, ClientError):
        return False
    return True
