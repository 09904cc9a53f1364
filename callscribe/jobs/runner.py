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
from callscribe.foundation.ports import Clock, JobQueue
from callscribe.reports.finishing import Finishing

AGAIN_SECONDS = 15.0


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
            # Not for this job to mend; while the call is up, reconciling goes on asking.
            log.warning("jobRefused", job.call_id, kind=job.kind, code=error.http_status)
        except UnavailableError as error:
            log.warning("jobPutOff", job.call_id, kind=job.kind, why=type(error).__name__)
            await self.jobs.put(job, AGAIN_SECONDS)

    async def _transcribe(self, job: Job) -> None:
        """Start transcription again, if the call still waits for just this attempt."""
        stored = await self.calls.read(job.call_id)
        if stored is None:
            raise NotFoundError("no such call")
        call = stored.call
        waits = call.transcription is Transcription.STARTING and not call.terminal
        if not waits or call.transcription_attempts != job.attempt:
            return
        state = await self.telephony.poll(call.connection_id)
        if state is None or state.transcribing:
            known = Polled(found=state is not None, transcribing=state is not None)
            await self._decide(call.id, known)
        else:
            await self.effects.start(call)

    async def _decide(self, call_id: str, event: Event) -> None:
        def decision(call: Call) -> Decision:
            return decide(call, event, self.clock.now())

        await self.effects.perform(await change(self.calls, self.clock, call_id, decision))
