"""A plain WebSocket client: each frame is a `message` event, byte for byte."""

from emulator.web_pubsub.connections import Connection
from emulator.web_pubsub.events import BINARY, TEXT
from emulator.web_pubsub.upstream import Upstream
from emulator.web_pubsub.user_events import drop, raise_event


class RawClient:
    """Handles the frames of one plain client."""

    def __init__(self, connection: Connection, upstream: Upstream) -> None:
        self._connection = connection
        self._upstream = upstream

    def welcome(self) -> None:
        """Send nothing: a plain client receives data only."""

    async def text(self, data: str) -> None:
        """Raise an event with a text frame."""
        await self._message(data.encode(), TEXT)

    async def binary(self, data: bytes) -> None:
        """Raise an event with a binary frame."""
        await self._message(data, BINARY)

    async def _message(self, data: bytes, content_type: str) -> None:
        reply = await raise_event(self._upstream, self._connection, "message", data, content_type)
        if not reply.ok:
            drop(self._connection, reply)
