"""The `jobs` queue, over azure-storage-queue; made when it is found missing, once."""

from contextlib import suppress

from azure.core.exceptions import HttpResponseError, ResourceExistsError
from azure.storage.queue.aio import QueueClient

from callscribe.foundation.jobs import Job, write_job
from callscribe.storage.errors import is_missing, translated

NAME = "jobs"


class StorageJobQueue:
    """Keeps the promise of ports.JobQueue. Messages are base64, as the Functions host expects."""

    def __init__(self, client: QueueClient) -> None:
        self._client = client

    async def put(self, job: Job, delay: float) -> None:
        """Queue a job; it is seen after `delay` seconds (whole ones only)."""
        message, visible_in = write_job(job), round(delay)
        with translated():
            try:
                await self._client.send_message(message, visibility_timeout=visible_in)
            except HttpResponseError as error:
                if not is_missing(error, "QueueNotFound"):
                    raise
            else:
                return
            with suppress(ResourceExistsError):
                await self._client.create_queue()
            await self._client.send_message(message, visibility_timeout=visible_in)
