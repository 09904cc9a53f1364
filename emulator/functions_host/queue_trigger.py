"""Queue triggers: polling for messages, as many at a time as `host.json` allows.

https://github.com/Azure/azure-sdk-for-net/blob/main/sdk/storage/Microsoft.Azure.WebJobs.Extensions.Storage.Common/src/Shared/Queues/QueueListener.cs
"""

import asyncio
import logging

from azure.core.exceptions import AzureError, ResourceNotFoundError
from azure.core.pipeline.transport import AioHttpTransport
from azure.storage.queue import QueueMessage
from azure.storage.queue.aio import QueueClient

from emulator.functions_host.backoff import Backoff
from emulator.functions_host.bindings import connection_string, expand
from emulator.functions_host.errors import AppError
from emulator.functions_host.function import Function
from emulator.functions_host.host_json import QueueOptions
from emulator.functions_host.queue_processor import QueueProcessor
from emulator.functions_host.workers import Workers

POISON = "-poison"
# A limit of the queue service; a queue whose poison queue would have a longer name has none.
MAX_QUEUE_NAME = 63

log = logging.getLogger(__name__)
# A logger of the host's own for its requests to storage: an app that logs `azure` at INFO wants to
# see its own requests, not these polls.
_quiet = logging.getLogger(f"{__name__}.storage")
_quiet.setLevel(logging.WARNING)


class QueueTrigger:
    """Calls a function for each message of its queue."""

    def __init__(self, processor: QueueProcessor) -> None:
        self._processor = processor
        self._options = processor.options
        self._processing: set[asyncio.Task[None]] = set()
        self._unreachable = False

    async def run(self) -> None:
        """Poll until cancelled; messages in flight are processed until `stop`."""
        backoff = Backoff(self._options.max_polling_interval.total_seconds())
        while True:
            batch = await self._receive()
            for message in batch:
                task = asyncio.create_task(self._processor.process(message))
                self._processing.add(task)
                task.add_done_callback(self._processing.discard)
            if not batch:
                await asyncio.sleep(backoff.next())
                continue
            backoff.reset()
            while len(self._processing) > self._options.new_batch_threshold:
                await asyncio.wait(self._processing, return_when=asyncio.FIRST_COMPLETED)

    async def stop(self, within: float) -> None:
        """Wait some seconds for the messages in flight, then close the connections to storage."""
        if self._processing:
            _, late = await asyncio.wait(self._processing, timeout=within)
            for task in late:
                task.cancel()
        await self._processor.queue.close()
        if self._processor.poison is not None:
            await self._processor.poison.close()

    async def _receive(self) -> list[QueueMessage]:
        """Receive up to a batch of messages; none when the queue is missing or unreachable."""
        batch: list[QueueMessage] = []
        size = self._options.batch_size
        pages = self._processor.queue.receive_messages(
            messages_per_page=size,
            max_messages=size,
            visibility_timeout=self._processor.lease,
            # The next poll is the retry, after the delay of the backoff.
            retry_total=0,
        ).by_page()
        try:
            async for page in pages:
                batch = [message async for message in page]
                break
        except ResourceNotFoundError:
            pass  # The queue does not exist yet, or no longer.
        except AzureError as error:
            # Once for each outage, not with every poll.
            if not self._unreachable:
                name = self._processor.queue.queue_name
                log.warning("Queue '%s' is out of reach: %s", name, error.message)
            self._unreachable = True
            return []
        self._unreachable = False
        return batch


def build(workers: Workers, function: Function, options: QueueOptions, lease: int) -> QueueTrigger:
    """Return the trigger for a function, made from its binding and the app settings."""
    connection = connection_string(str(function.trigger.get("connection") or ""))
    name = expand(str(function.trigger["queueName"]))
    poison = None
    if not name.endswith(POISON) and len(name + POISON) <= MAX_QUEUE_NAME:
        poison = _client(connection, name + POISON)
    queue = _client(connection, name)
    return QueueTrigger(QueueProcessor(workers, function, queue, poison, options, lease))


def _client(connection: str, name: str) -> QueueClient:
    """Return the client of one queue. Raises AppError for a malformed connection string."""
    try:
        return QueueClient.from_connection_string(
            connection,
            name,
            # The SDK's default transport reads ~/.netrc and the proxy settings for every request.
            transport=AioHttpTransport(use_env_settings=False),
            logger=_quiet,
            # The SDK's own limits are minutes; a queue on this machine hangs only when it is
            # frozen.
            connection_timeout=2,
            read_timeout=5,
            initial_backoff=1,
            increment_base=2,
            random_jitter_range=1,
            retry_total=2,
        )
    except ValueError as error:
        raise AppError(f"queue {name}: its connection string is malformed: {error}") from error
