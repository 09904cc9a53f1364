"""The `jobs` queue, over azure-storage-queue; it is made when it is found missing."""

import math
from contextlib import suppress
from functools import partial

from azure.core.exceptions import AzureError, ResourceExistsError
from azure.storage.queue.aio import QueueClient

from callscribe.foundation.deadline import retry_request
from callscribe.foundation.jobs import Job, write_job
from callscribe.foundation.moments import Seconds
from callscribe.storage.errors import is_missing, translated
from callscribe.storage.requests import ALONE, LIMITS, LONGEST, Limits

NAME = "jobs"
# Where the host puts what failed five times, and we what cannot be done:
# https://learn.microsoft.com/azure/azure-functions/functions-bindings-storage-queue-trigger#poison-messages
POISON = "jobs-poison"


class StorageJobQueue:
    """Implements ports.JobQueue. Messages are base64, as the Functions host expects."""

    def __init__(self, client: QueueClient, poison: QueueClient, limits: Limits = LIMITS) -> None:
        self._client = client
        self._poison = poison
        self._limits = limits

    async def put(self, job: Job, delay: Seconds) -> None:
        """Queue a job that becomes visible after the delay, in whole seconds and never before.

        What may pass is tried again for a moment and until the current deadline, so a job may be
        there twice. Raises StorageUnavailableError, or StorageRefusedError for a message that can
        never be queued.
        """
        await self._send(self._client, job, math.ceil(delay))

    async def poison(self, job: Job) -> None:
        """Put a job that cannot be done where people find it. Raises StorageUnavailableError."""
        await self._send(self._poison, job, 0)

    async def _send(self, queue: QueueClient, job: Job, visible_in: int) -> None:
        message = write_job(job)

        async def ask(seconds: Seconds) -> None:
            try:
                await _sent(queue, message, visible_in, seconds)
            except AzureError as error:
                raise translated(error) from error

        limits = self._limits
        await retry_request(ask, limits.policy, first=limits.row, longest=LONGEST, alone=ALONE)


async def _sent(queue: QueueClient, message: str, visible_in: int, seconds: Seconds) -> None:
    """Send a message; make the queue if it is missing, and send again."""
    send = partial(queue.send_message, message, visibility_timeout=visible_in, read_timeout=seconds)
    try:
        await send()
    except AzureError as error:
        if not is_missing(error, "QueueNotFound"):
            raise
    else:
        return
    with suppress(ResourceExistsError):
        await queue.create_queue(read_timeout=seconds)
    await send()
