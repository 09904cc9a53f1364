"""The `jobs` queue, over azure-storage-queue; it is made when it is found missing."""

from contextlib import suppress

from azure.core.exceptions import AzureError, ResourceExistsError
from azure.storage.queue.aio import QueueClient

from callscribe.foundation.jobs import Job, write_job
from callscribe.foundation.moments import Seconds
from callscribe.storage.errors import is_missing, translated

NAME = "jobs"
# Where the host puts what failed five times, and we what cannot be done:
# https://learn.microsoft.com/azure/azure-functions/functions-bindings-storage-queue-trigger#poison-messages
POISON = "jobs-poison"


class StorageJobQueue:
    """Implements ports.JobQueue. Messages are base64, as the Functions host expects."""

    def __init__(self, client: QueueClient, poison: QueueClient) -> None:
        self._client = client
        self._poison = poison

    async def put(self, job: Job, delay: Seconds) -> None:
        """Queue a job that becomes visible after the delay, rounded to whole seconds.

        Raises StorageUnavailableError.
        """
        await _send(self._client, write_job(job), round(delay))

    async def poison(self, job: Job) -> None:
        """Put a job that cannot be done where people find it. Raises StorageUnavailableError."""
        await _send(self._poison, write_job(job), 0)


async def _send(client: QueueClient, message: str, visible_in: int) -> None:
    try:
        await client.send_message(message, visibility_timeout=visible_in)
    except AzureError as error:
        if not is_missing(error, "QueueNotFound"):
            raise translated(error) from error
        await _send_first(client, message, visible_in)


async def _send_first(client: QueueClient, message: str, visible_in: int) -> None:
    """Make the queue, and put a message into it."""
    try:
        with suppress(ResourceExistsError):
            await client.create_queue()
        await client.send_message(message, visibility_timeout=visible_in)
    except AzureError as error:
        raise translated(error) from error
