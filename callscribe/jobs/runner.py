"""Run the jobs of the queue: report on a call, start its transcription again."""

from dataclasses import dataclass

from callscribe.calls.call import Call, Transcription
from callscribe.calls.changes import change
from callscribe.calls.effects import Effects
from callscribe.calls.events import Decision, Event, Polled
from callscribe.calls.line import decide
from callscribe.calls.ports import CallStore, Telephony
from callscribe.foundation import log
from callscribe.foundation.errors import NotFoundError, TelephonyRefusedError, UnavailableError
from callscribe.foundation.jobs import Job
from callscribe.foundation.moments import Seconds
from callscribe.foundation.ports import Clock, JobQueue
from callscribe.foundation.retry import Retry
from callscribe.reports.finishing import Finishing

# A job that cannot be done now is queued again, for as long as that lasts.
PUT_OFF = Retry(UnavailableError, first=Seconds(15), longest=Seconds(15))


@dataclass(frozen=True, slots=True)
class Runner:
    """Does the jobs that were put off."""

    calls: CallStore
    telephony: Telephony
    jobs: JobQueue
    effects: Effects
    finishing: Finishing
    clock: Clock

    async def run(self, job: Job) -> None:
        """Do a job; what cannot be done now is queued again, so that only bugs raise."""
        try:
            match job.kind:
                case "finish":
                    await self.finishing.finish(job.call_id)
                case "transcribe":
                    await self._transcribe(job)
        except NotFoundError:
            log.warning("jobWithoutCall", job.call_id, kind=job.kind)
        except TelephonyRefusedError as error:
            # No retry helps against a refusal; while the call is up, the watch goes on polling.
            log.warning("jobRefused", job.call_id, kind=job.kind, code=error.http_status)
        except UnavailableError as error:
            log.warning("jobPutOff", job.call_id, kind=job.kind, why=type(error).__name__)
            await self.jobs.put(job, PUT_OFF.pause(1))

    async def _transcribe(self, job: Job) -> None:
        """Start transcription again, if the call still waits for just this attempt."""
        stored = await self.calls.read(job.call_id)
        if stored is None:
            raise NotFoundError("no such call")
        call = stored.call
        if not _waits_for(call, job) or call.connection_id is None:
            return
        status = await self.telephony.poll(call.connection_id)
        if status is None:
            await self._decide(call.id, Polled(found=False))
        elif status.transcribing:
            await self._decide(call.id, Polled(found=True, transcribing=True))
        else:
            await self.effects.start(call)

    async def _decide(self, call_id: str, event: Event) -> None:
        def decision(call: Call) -> Decision:
            return decide(call, event, self.clock.now())

        await self.effects.perform(await change(self.calls, self.clock, call_id, decision))


def _waits_for(call: Call, job: Job) -> bool:
    starting = call.transcription is Transcription.STARTING and not call.terminal
    return starting and call.transcription_attempts == job.attempt
