"""The queue is made when it is missing, and its troubles end in bounded time."""

import asyncio
import base64

import pytest
from azure.storage.queue.aio import QueueClient

from callscribe.cloud.transport import share
from callscribe.foundation.errors import StorageUnavailableError
from callscribe.foundation.jobs import Job
from callscribe.foundation.moments import Seconds
from emulator.azurite import connection_string
from emulator.ports import free_ports
from tests.storage.proxy import Order, Proxy, lost
from tests.storage.storage import HASTY, Storage, opened

JOB = Job("finish", "call")
AT_ONCE = Seconds(0)


async def queued(storage: Storage) -> int:
    return len(await storage.queue.peek_messages(max_messages=32))


async def test_a_missing_queue_is_made_once_and_the_job_goes_on(
    queue_proxy: Proxy, disturbed_queue: Storage
) -> None:
    jobs = disturbed_queue.jobs
    await jobs.put(JOB, AT_ONCE)
    await jobs.put(JOB, AT_ONCE)
    assert queue_proxy.count("PUT") == 1
    assert await queued(disturbed_queue) == 2


async def test_a_queue_that_all_find_missing_at_once_serves_all(storage: Storage) -> None:
    await asyncio.gather(*(storage.jobs.put(JOB, AT_ONCE) for _ in range(5)))
    assert await queued(storage) == 5


async def test_a_message_is_base64_as_the_functions_host_expects(storage: Storage) -> None:
    await storage.jobs.put(JOB, AT_ONCE)
    transport = share(storage.session)
    async with QueueClient.from_connection_string(
        storage.connection, storage.queue.queue_name, transport=transport
    ) as undecoded:
        [message] = await undecoded.peek_messages()
    assert base64.b64decode(message.content) == b'{"kind":"finish","callId":"call","tries":0}'


async def test_a_reply_that_is_lost_once_is_made_good(
    queue_proxy: Proxy, disturbed_queue: Storage
) -> None:
    """A job may come twice for it; each can be done any number of times."""
    await disturbed_queue.jobs.put(JOB, AT_ONCE)
    queue_proxy.order(lost("POST"))
    await disturbed_queue.jobs.put(JOB, AT_ONCE)
    assert await queued(disturbed_queue) == 3


async def test_a_queue_in_trouble_is_unavailable_after_a_few_tries(
    queue_proxy: Proxy, disturbed_queue: Storage
) -> None:
    queue_proxy.order(*[Order("*", perform=False, status=500)] * 100)
    with pytest.raises(StorageUnavailableError):
        await disturbed_queue.jobs.put(JOB, AT_ONCE)
    assert len(queue_proxy.requests) == 4


async def test_a_queue_that_hangs_is_unavailable_after_a_few_tries(
    queue_proxy: Proxy, storage: Storage
) -> None:
    queue_proxy.hang()
    async with opened(queue_proxy.connection, limits=HASTY, tag=storage.tag) as hanging:
        with pytest.raises(StorageUnavailableError):
            await hanging.jobs.put(JOB, AT_ONCE)
    assert len(queue_proxy.requests) <= 4


async def test_a_queue_that_is_gone_is_unavailable() -> None:
    async with opened(connection_string(free_ports().azurite), limits=HASTY) as storage:
        with pytest.raises(StorageUnavailableError):
            await storage.jobs.put(JOB, AT_ONCE)
