"""One WebSocket connection from the service to the app's transport URL."""

import asyncio
import socket
from contextlib import suppress
from urllib.parse import urlsplit

import aiohttp

from emulator.acs.calls import Call
from emulator.acs.resources import Resources
from emulator.acs.results import NO_WEBSOCKET, URL_NOT_VALID, Result
from emulator.acs.signing import STREAM_SECONDS
from emulator.acs.speech import OffsetScale

# A server that does not answer the closing handshake must not delay the end of a call.
_CLOSE_SECONDS = 0.5


class DialError(Exception):
    """The connection could not be made; `result` is what the service reports."""

    def __init__(self, result: Result) -> None:
        super().__init__(result.message)
        self.result = result


async def dial(url: str, call: Call, resources: Resources) -> aiohttp.ClientWebSocketResponse:
    """Connect to the transport URL. Raises DialError."""
    if not _is_valid(url, require_tls=resources.settings.require_https):
        raise DialError(URL_NOT_VALID)
    if refusal := await resources.faults.failure_of_dial(call.names):
        raise DialError(refusal)
    # https://learn.microsoft.com/azure/communication-services/how-tos/call-automation/secure-webhook-endpoint
    headers = {
        "Authorization": f"Bearer {resources.signer.token(STREAM_SECONDS)}",
        "x-ms-call-connection-id": str(call.call_connection_id),
        "x-ms-call-correlation-id": call.correlation_id,
    }
    timeout = aiohttp.ClientWSTimeout(ws_close=_CLOSE_SECONDS)
    connecting = resources.http.ws_connect(url, headers=headers, timeout=timeout)
    try:
        # One limit for everything from the resolution of the name to the upgrade; whichever part
        # fails, the reported result is the same.
        async with asyncio.timeout(resources.settings.dial_timeout):
            return await connecting
    except (aiohttp.ClientError, OSError) as problem:
        raise DialError(NO_WEBSOCKET) from problem


def _is_valid(url: str, *, require_tls: bool) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    schemes = ("wss",) if require_tls else ("wss", "ws")
    return parts.scheme in schemes and bool(parts.hostname)


class Stream:
    """An open connection; frames are sent and counted, incoming messages are ignored."""

    def __init__(
        self,
        connection: aiohttp.ClientWebSocketResponse,
        ordinal: int,
        offset_of: OffsetScale,
        opened: int,
    ) -> None:
        self._connection = connection
        self.ordinal = ordinal
        self.offset_of = offset_of
        self.opened = opened
        self.frames = 0

    async def send(self, frame: str) -> int | None:
        """Send a frame and return its number; None when the connection is closed."""
        if self._connection.closed:
            return None
        try:
            await self._connection.send_str(frame)
        except (aiohttp.ClientError, OSError):
            return None
        self.frames += 1
        return self.frames - 1

    async def until_closed(self) -> None:
        """Wait until the peer or the network ends the connection."""
        async for _ in self._connection:
            pass

    async def close(self) -> None:
        """Close the connection with a closing handshake."""
        await self._connection.close()

    def cut(self) -> None:
        """End the connection as a broken network does, without a closing handshake."""
        # aiohttp would send a close frame; shutting the socket down makes the other side see 1006.
        if transport := self._connection.get_extra_info("socket"):
            with suppress(OSError):
                transport.shutdown(socket.SHUT_RDWR)
