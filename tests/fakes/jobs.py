"""A queue in memory."""

from math import ceil

from callscribe.foundation.jobs import Job
from callscribe.foundation.moments import Ms, Seconds, later
from callscribe.foundation.ports import Clock
from tests.fakes.orders import Orders


class FakeJobQueue(Orders):
    """Implements ports.JobQueue."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock
        self.queued: list[tuple[Job, float]] = []
        self.poisoned: list[Job] = []
        self._visible: list[tuple[Ms, Job]] = []

    async def put(self, job: Job, delay: Seconds) -> None:
        async with self.carry_out("put", job.kind, job.call_id):
            self.queued.append((job, delay))
            self._visible.append((later(self._clock.now(), Seconds(ceil(delay))), job))

    async def poison(self, job: Job) -> None:
        async with self.carry_out("poison", job.kind, job.call_id):
            self.poisoned.append(job)

    def take(self) -> list[Job]:
        """Take out the jobs that are due."""
        now = self._clock.now()
        due = [job for at, job in self._visible if at <= now]
        self._visible = [(at, job) for at, job in self._visible if at > now]
        return due

    def of(self, kind: str) -> list[float]:
        """Return the delays with which jobs of a kind were queued."""
        return [delay for job, delay in self.queued if job.kind == kind]
