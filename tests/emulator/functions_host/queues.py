"""A queue as the tests see it, from the other side than the host."""

import base64
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from azure.core.exceptions import ResourceNotFoundError
from azure.storage.queue.aio import QueueClient

from tests.emulator.functions_host.running_host import until


class Queue:
    """A queue with its poison queue; messages are sent in base64, as functions expect them."""

    def __init__(self, connection: str, name: str) -> None:
        self.name = name
        self.client = QueueClient.from_connection_string(connection, name)
        self._poison = QueueClient.from_connection_string(connection, f"{name}-poison")

    async def send(self, text: str) -> None:
        await self.client.send_message(base64.b64encode(text.encode()).decode())

    async def settled(self) -> None:
        """Wait until no message is left, not even one that a function has now."""
        await until(self._empty)

    async def poisoned_by(self, content: str) -> None:
        """Wait until a message is in the poison queue just as it was sent."""
        await until(lambda: self._has_poison(content))

    async def _empty(self) -> bool:
        return not (await self.client.get_queue_properties()).approximate_message_count

    async def _has_poison(self, content: str) -> bool:
        try:
            messages = await self._poison.peek_messages(32)
        except ResourceNotFoundError:
            return False
        return content in [message.content for message in messages]

    async def close(self) -> None:
        await self.client.close()
        await self._poison.close()


@asynccontextmanager
async def opened(connection: str, name: str = "") -> AsyncIterator[Queue]:
    """Open a queue, a new one if it has no name yet."""
    queue = Queue(connection, name or f"q{uuid.uuid4().hex}")
    try:
        if not name:
            await queue.client.create_queue()
        yield queue
    finally:
        await queue.close()
