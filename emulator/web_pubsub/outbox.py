"""What is on its way to one client: frames in order, then at most one close."""

import asyncio
from dataclasses import dataclass

from aiohttp import ClientError, WSMsgType, web

_PATIENCE_BYTES = 16 * 1024 * 1024
_CLOSE_REASON_BYTES = 123  # RFC 6455, section 5.5: 125 with the code


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
    """The end of a connection, and why."""

    code: int
    reason: str


class Outbox:
    """Sends without making anyone wait; a client that reads too slowly is cut off."""

    def __init__(self) -> None:
        self._queue: asyncio.Queue[Frame | Close] = asyncio.Queue()
        self._unsent = 0
        self._pinged = False
        self._transport: asyncio.WriteTransport | None = None
        self.end: Close | None = None
        self.busy = False

    def send(self, frame: Frame) -> None:
        """Queue a frame; after a close there is nothing to send any more."""
        if self.end is not None:
            return
        self._queue.put_nowait(frame)
        self._unsent += len(frame.data)
        if self._unsent > _PATIENCE_BYTES:
            self.lose("SlowClient")

    def close(self, code: int, reason: str) -> None:
        """End the connection behind the frames queued so far; the first close counts."""
        if self.end is None:
            self.end = Close(code, reason)
            self._queue.put_nowait(self.end)

    def lose(self, reason: str) -> None:
        """Give the connection up: there is nobody to say goodbye to."""
        self.close(ABNORMAL, reason)
        if self._transport is not None:
            self._transport.abort()

    def heard(self) -> None:
        """Note that the client is alive."""
        self._pinged = False

    async def write_to(
        self,
        socket: web.WebSocketResponse,
        transport: asyncio.WriteTransport | None,
        ping_interval: float,
    ) -> None:
        """Write until the close is written or the client is gone; ping it when it is quiet.

        While an event is upstream nobody reads this socket, so a missing pong says nothing.
        """
        self._transport = transport
        while True:
            try:
                async with asyncio.timeout(ping_interval):
                    item = await self._queue.get()
            except TimeoutError:
                if self._pinged and not self.busy:
                    self.lose("PingTimeout")
                    return
                self._pinged = True
                item = Frame(b"", WSMsgType.PING)
            if not await _write(socket, item):
                return
            if isinstance(item, Frame):
                self._unsent -= len(item.data)


async def _write(socket: web.WebSocketResponse, item: Frame | Close) -> bool:
    """Write one item; say whether more can follow."""
    if isinstance(item, Close) and item.code == ABNORMAL:
        return False
    if isinstance(item, Close):
        reason = item.reason.encode()[:_CLOSE_REASON_BYTES].decode(errors="ignore")
        await socket.close(code=item.code, message=reason.encode())
        return False
    try:
        await socket.send_frame(item.data, item.kind)
    except (ConnectionError, ClientError):
        return False
    return True
