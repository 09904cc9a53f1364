"""The processing of one queue message: the call, the lease, then deletion, retry or poison queue.

https://github.com/Azure/azure-sdk-for-net/blob/main/sdk/storage/Microsoft.Azure.WebJobs.Extensions.Storage.Common/src/Shared/Queues/QueueProcessor.cs
"""

import asyncio
import logging
from contextlib import suppress
from dataclasses import dataclass

from azure.core.exceptions import AzureError, HttpResponseError, ResourceNotFoundError
from azure.storage.queue import QueueMessage
from azure.storage.queue.aio import QueueClient

from emulator.functions_host import queue_message
from emulator.functions_host.errors import FunctionFailedError, WorkerDiedError
from emulator.functions_host.function import Function
from emulator.functions_host.host_json import QueueOptions
from emulator.functions_host.workers import Workers

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class QueueProcessor:
    """Processes the messages of one queue with one function; `lease` is in seconds.

    `poison` is None where the queue is a poison queue itself.
    """

    workers: Workers
    function: Function
    queue: QueueClient
    poison: QueueClient | None
    options: QueueOptions
    lease: int

    async def process(self, message: QueueMessage) -> None:
        """Call the function with a message and settle it; errors of storage are only logged."""
        try:
            # Already received too often: for example the host was killed during every attempt.
            if (message.dequeue_count or 0) > self.options.max_dequeue_count:
                await self._move_to_poison(message)
                return
            try:
                data = queue_message.body(message, self.function, encoded=self.options.base64)
            # Not retried: it would fail in the same way every time.
            except queue_message.UndecodableError as error:
                log.warning("Message '%s' cannot be decoded: %s", message.id, error)
                await self._move_to_poison(message)
                return
            metadata = queue_message.trigger_metadata(message, data)
            call = self.workers.start(self.function, data, metadata)
            await self._settle(await self._renew_lease_until_ended(message, call), call)
        except AzureError as error:
            # The lease will expire, and the message will be received again.
            log.warning("Message '%s' cannot be settled: %s", message.id, error.message)

    async def _renew_lease_until_ended(
        self, message: QueueMessage, call: asyncio.Task[object]
    ) -> QueueMessage:
        """Renew the lease until the call has ended; return the message with its latest receipt."""
        while True:
            done, _ = await asyncio.wait({call}, timeout=self.lease / 2)
            if done:
                return message
            # The call goes on even if this fails: it cannot be undone, and may still end in time.
            try:
                message = await self.queue.update_message(message, visibility_timeout=self.lease)
            except HttpResponseError as error:
                log.warning("Message '%s' cannot be kept: %s", message.id, error.message)

    async def _settle(self, message: QueueMessage, call: asyncio.Task[object]) -> None:
        try:
            call.result()
        except WorkerDiedError:
            # Nobody gives the message back: it stays invisible until the lease expires.
            return
        except FunctionFailedError:
            # In a poison queue nothing is counted: the message stays until somebody deletes it.
            if self.poison is None:
                return
            if (message.dequeue_count or 0) >= self.options.max_dequeue_count:
                await self._move_to_poison(message)
            else:
                await self._release(message)
        else:
            await self._delete(message)

    async def _release(self, message: QueueMessage) -> None:
        delay = int(self.options.visibility_timeout.total_seconds())
        # 404: the lease has expired and another host has the message, or it is deleted.
        with suppress(ResourceNotFoundError):
            await self.queue.update_message(message, visibility_timeout=delay)

    async def _delete(self, message: QueueMessage) -> None:
        with suppress(ResourceNotFoundError):
            await self.queue.delete_message(message)

    async def _move_to_poison(self, message: QueueMessage) -> None:
        """Move the message unchanged to the poison queue, which is created if it is missing."""
        if self.poison is None:
            return
        name = self.poison.queue_name
        log.warning("Message '%s' is moved to queue '%s'", message.id, name)
        try:
            await self.poison.send_message(message.content)
        except ResourceNotFoundError:
            await self.poison.create_queue()
            await self.poison.send_message(message.content)
        await self._delete(message)
