"""The `jobs` queue, over azure-storage-queue; it is made when it is found missing."""

from contextlib import suppress

from azure.core.exceptions import AzureError, ResourceExistsError
from azure.storage.queue.aio import QueueClient

from callscribe.foundation.jobs import Job, write_job
from callscribe.foundation.moments import Seconds
from callscribe.storage.errors import is_missing, translated

NAME = "jobs"


class StorageJobQueue:
    """Implements ports.JobQueue. Messages are base64, as the Functions host expects."""

    def __init__(self, client: QueueClient) -> None:
        self._client = client

    async def put(self, job: Job, delay: Seconds) -> None:
        """Queue a job that becomes visible after the delay, rounded to whole seconds.

        Raises StorageUnavailableError.
        """
        message, visible_in = write_job(job), round(delay)
        try:
            await self._client.send_message(message, visibility_timeout=visible_in)
        except AzureError as error:
            if not is_missing(error, "QueueNotFound"):
                raise translated(error) from error
            await self._put_first(message, visible_in)

    async def _put_first(self, message: str, visible_in: int) -> None:
        """Make the queue, and put a message into it."""
        try:
            with suppress(ResourceExistsError):
                await self._client.create_queue()
            await self._client.send_message(message, visibility_timeout=visible_in)
        except AzureError as error:
            raise translated(error) from error
