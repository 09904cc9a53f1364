"""What a JobQueue promises, held by the fake and by the queue alike."""

from collections.abc import Awaitable, Callable

import pytest

from callscribe.foundation.clock import SystemClock
from callscribe.foundation.jobs import Job, parse_job
from callscribe.foundation.ports import JobQueue
from tests.fakes.jobs import FakeJobQueue
from tests.fakes.waiting import until
from tests.storage.storage import Storage

Take = Callable[[], Awaitable[list[Job]]]


class JobQueueContract:
    """The promise; a subclass brings the queue, and how its jobs are taken out."""

    async def test_a_job_is_seen_as_it_was_put(self, queue: JobQueue, take: Take) -> None:
        job = Job("transcribe", "call", 3)
        await queue.put(job, 0)
        assert await take() == [job]
        assert await take() == []

    async def test_the_same_job_may_be_queued_again(self, queue: JobQueue, take: Take) -> None:
        await queue.put(Job("finish", "call"), 0)
        await queue.put(Job("finish", "call"), 0.4)
        assert await take() == [Job("finish", "call")] * 2

    async def test_a_delayed_job_is_seen_later(self, queue: JobQueue, take: Take) -> None:
        await queue.put(Job("finish", "call"), 1)
        assert await take() == []
        assert await until(take) == [Job("finish", "call")]


class TestFakeJobQueue(JobQueueContract):
    @pytest.fixture
    def queue(self) -> JobQueue:
        return FakeJobQueue(SystemClock())

    @pytest.fixture
    def take(self, queue: FakeJobQueue) -> Take:
        async def take() -> list[Job]:
            return queue.take()

        return take


class TestStorageJobQueue(JobQueueContract):
    @pytest.fixture
    def queue(self, storage: Storage) -> JobQueue:
        return storage.jobs

    @pytest.fixture
    def take(self, storage: Storage) -> Take:
        async def take() -> list[Job]:
            client = storage.queue
            messages = [message async for message in client.receive_messages()]
            for message in messages:
                await client.delete_message(message)
            return [parse_job(message.content.encode()) for message in messages]

        return take
