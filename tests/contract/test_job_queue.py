"""What a JobQueue promises, held by the fake and by the queue alike."""

import time
from collections.abc import Awaitable, Callable

import pytest
from azure.storage.queue.aio import QueueClient

from callscribe.foundation.clock import SystemClock
from callscribe.foundation.jobs import Job, parse_job
from callscribe.foundation.moments import Seconds
from callscribe.foundation.ports import JobQueue
from tests.fakes.jobs import FakeJobQueue
from tests.fakes.waiting import until
from tests.storage.storage import Storage

AT_ONCE = Seconds(0)
Take = Callable[[], Awaitable[list[Job]]]


class JobQueueContract:
    """The promise; a subclass brings the queue, and how its jobs are taken out."""

    async def test_a_job_is_seen_as_it_was_put(self, queue: JobQueue, take: Take) -> None:
        job = Job("wake", "call", 3)
        await queue.put(job, AT_ONCE)
        assert await take() == [job]
        assert await take() == []

    async def test_the_same_job_may_be_queued_again(self, queue: JobQueue, take: Take) -> None:
        await queue.put(Job("finish", "call"), AT_ONCE)
        await queue.put(Job("finish", "call"), AT_ONCE)
        assert await take() == [Job("finish", "call")] * 2

    async def test_a_job_that_is_given_up_lies_apart(
        self, queue: JobQueue, take: Take, poisoned: Take
    ) -> None:
        await queue.poison(Job("finish", "call", 12))
        await queue.put(Job("wake", "call"), AT_ONCE)
        assert await take() == [Job("wake", "call")]
        assert await poisoned() == [Job("finish", "call", 12)]

    async def test_a_delayed_job_is_seen_later(self, queue: JobQueue, take: Take) -> None:
        soon, later = Job("finish", "soon"), Job("finish", "later")
        await queue.put(later, Seconds(3_600))
        await queue.put(soon, Seconds(1))
        assert await until(take, 60) == [soon]
        assert await take() == []

    async def test_no_job_is_seen_too_early(self, queue: JobQueue, take: Take) -> None:
        """A call that is woken before its moment has nothing to do, and nobody wakes it again."""
        begun = time.monotonic()
        await queue.put(Job("wake", "call"), Seconds(1.4))
        assert await until(take, 60) == [Job("wake", "call")]
        assert time.monotonic() - begun >= 1.4


class TestFakeJobQueue(JobQueueContract):
    @pytest.fixture
    def queue(self) -> JobQueue:
        return FakeJobQueue(SystemClock())

    @pytest.fixture
    def take(self, queue: FakeJobQueue) -> Take:
        async def take() -> list[Job]:
            return queue.take()

        return take

    @pytest.fixture
    def poisoned(self, queue: FakeJobQueue) -> Take:
        async def take() -> list[Job]:
            return queue.poisoned

        return take


class TestStorageJobQueue(JobQueueContract):
    @pytest.fixture
    def queue(self, storage: Storage) -> JobQueue:
        return storage.jobs

    @pytest.fixture
    def take(self, storage: Storage) -> Take:
        return lambda: taken(storage.queue)

    @pytest.fixture
    def poisoned(self, storage: Storage) -> Take:
        return lambda: taken(storage.poison)


async def taken(client: QueueClient) -> list[Job]:
    """Take all jobs out of a queue."""
    messages = [message async for message in client.receive_messages()]
    for message in messages:
        await client.delete_message(message)
    return [parse_job(message.content.encode()) for message in messages]
