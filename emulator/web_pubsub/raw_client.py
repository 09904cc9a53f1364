"""A plain WebSocket client: each frame is a `message` event, byte for byte."""

from emulator.web_pubsub.connections import Connection
from emulator.web_pubsub.events import BINARY, TEXT
from emulator.web_pubsub.upstream import Upstream
from emulator.web_pubsub.user_events import drop, raise_event


class RawClient:
    """What the frames of one plain client mean."""

    def __init__(self, connection: Connection, upstream: Upstream) -> None:
        self._connection = connection
        self._upstream = upstream

    def greet(self) -> None:
        """Say nothing: a plain client gets data only."""

    async def text(self, data: str) -> None:
        """Raise a text message."""
        await self._message(data.encode(), TEXT)

    async def binary(self, data: bytes) -> None:
        """Raise a binary message."""
        await self._message(data, BINARY)

    async def _message(self, data: bytes, content_type: str) -> None:
        reply = await raise_event(self._upstream, self._connection, "message", data, content_type)
        if not reply.ok:
            drop(self._connection, reply)
