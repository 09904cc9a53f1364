"""Run the jobs of the queue: report on a call, or see what is due of it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal

import msgspec

from callscribe.calls.effects import Effects
from callscribe.calls.events import Woken
from callscribe.foundation import log
from callscribe.foundation.deadline import Deadline
from callscribe.foundation.errors import CallscribeError, NotFoundError, UnavailableError
from callscribe.foundation.jobs import Job
from callscribe.foundation.moments import Seconds
from callscribe.foundation.ports import JobQueue
from callscribe.foundation.retry import Retry
from callscribe.reports.finishing import Finishing

# A report is worth waiting for: storage may be out for hours. In all some four hours.
REPORT = Retry(UnavailableError, first=Seconds(15), longest=Seconds(3600), attempts=12)
# A wake-up only makes things sooner: the watch does what it leaves undone.
WAKE = Retry(UnavailableError, first=Seconds(15), longest=Seconds(15), attempts=2)
# The host ends a function after five minutes, unless told otherwise:
# https://learn.microsoft.com/azure/azure-functions/functions-host-json#functiontimeout
JOB = Seconds(240)

type Handler = Callable[[Job, Deadline], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Runner:
    """Does the jobs that were put off."""

    jobs: JobQueue
    effects: Effects
    finishing: Finishing

    async def run(self, job: Job) -> None:
        """Do a job; one that cannot be done now is queued again, after a growing delay.

        After its policy's last try it is put where people find it (`jobs-poison`), with a line in
        the log. Raises UnavailableError only where the queue is out as well.
        """
        handler, policy = self._table()[job.kind]
        try:
            await handler(job, Deadline.after(JOB))
        except NotFoundError:
            log.warning("jobWithoutCall", job.call_id, kind=job.kind)
        except CallscribeError as error:
            await self._again(job, policy, error)

    def _table(self) -> dict[Literal["finish", "wake"], tuple[Handler, Retry]]:
        return {"finish": (self._finish, REPORT), "wake": (self._wake, WAKE)}

    async def _finish(self, job: Job, deadline: Deadline) -> None:
        await self.finishing.finish(job.call_id, deadline)

    async def _wake(self, job: Job, deadline: Deadline) -> None:
        await self.effects.tell(job.call_id, Woken(), None, deadline)

    async def _again(self, job: Job, policy: Retry, error: CallscribeError) -> None:
        tried = msgspec.structs.replace(job, tries=job.tries + 1)
        why = type(error).__name__
        if not policy.spent(tried.tries):
            log.warning("jobPutOff", job.call_id, kind=job.kind, tries=tried.tries, why=why)
            await self.jobs.put(tried, policy.pause(tried.tries))
        elif job.kind == "wake":
            log.info("jobLeftToTheWatch", job.call_id, why=why)
        else:
            log.error("jobGivenUp", job.call_id, kind=job.kind, tries=tried.tries, why=why)
            await self.jobs.poison(tried)
