"""Do what was decided: start transcription, queue what is for later, finish a call that is over."""

from dataclasses import dataclass

from callscribe.calls.call import Call, Reason, Transcription
from callscribe.calls.call_json import state_json
from callscribe.calls.changes import change
from callscribe.calls.events import Decision, EffectKind, Polled, StartFailed
from callscribe.calls.line import decide
from callscribe.calls.ports import CallStore, LiveFeed, Telephony
from callscribe.foundation import log
from callscribe.foundation.deadline import Deadline, retry
from callscribe.foundation.errors import TelephonyRefusedError, TelephonyUnavailableError
from callscribe.foundation.jobs import Job
from callscribe.foundation.moments import Seconds
from callscribe.foundation.ports import Clock, JobQueue
from callscribe.foundation.retry import STORAGE

# The last report comes ten times the usual delay after the end: frames may still be on the way.
LATE_FRAMES = 10


@dataclass(frozen=True, slots=True)
class Effects:
    """Performs the effects of decisions that are already saved.

    An outage of storage is outlasted for `patience`. When the worker dies before all is done, the
    call is still listed as active, and the watch does the rest.
    """

    calls: CallStore
    telephony: Telephony
    jobs: JobQueue
    feed: LiveFeed
    clock: Clock
    finish_delay: Seconds
    patience: Seconds

    async def perform(self, decision: Decision) -> None:
        """Do all that a decision asks for, and publish how the call stands.

        Raises UnavailableError where storage stays out; where starting failed and ACS cannot be
        polled either, TelephonyUnavailableError or TelephonyRefusedError.
        """
        call = decision.call
        # First: what follows may change the call, and publishes that by itself.
        self.feed.publish(call.id, state_json(call))
        if call.transcription is Transcription.FAILED:
            why = call.reason or Reason("")
            log.warning("transcriptionFailed", call.id, code=why.code, subCode=why.sub_code)
        for effect in decision.effects:
            match effect.kind:
                case EffectKind.START:
                    await self.start(call)
                case EffectKind.START_LATER:
                    await self._start_later(call, effect.delay)
                case EffectKind.FINISH:
                    await self.close(call)
                case EffectKind.REOPEN:
                    pass  # done before the save

    async def start(self, call: Call) -> None:
        """Ask ACS for transcription; what a refusal means for the call is decided and performed.

        Raises what `perform` raises.
        """
        try:
            await self.telephony.start_transcription(call)
        except TelephonyRefusedError as error:
            failure = StartFailed(error.http_status, error.sub_code, str(error))
        except TelephonyUnavailableError as error:
            failure = StartFailed(error.http_status, None, str(error))
        else:
            return
        await self._start_failed(call, failure)

    async def close(self, call: Call) -> None:
        """Queue both reports of a call that is over, then forget it as active (in that order).

        Raises StorageUnavailableError.
        """
        await self._queue(Job("finish", call.id), self.finish_delay)
        await self._queue(Job("finish", call.id), Seconds(LATE_FRAMES * self.finish_delay))
        await retry(lambda: self.calls.forget(call.id), STORAGE, Deadline.after(self.patience))
        log.info("callOver", call.id, state=call.state, code=call.reason and call.reason.code)

    async def _start_failed(self, call: Call, failure: StartFailed) -> None:
        running = await self._is_transcribed(call)
        event = Polled(found=True, transcribing=True) if running else failure
        log.warning("transcriptionNotStarted", call.id, code=failure.code, running=running)

        async def save() -> Decision:
            now = self.clock.now()
            return await change(self.calls, self.clock, call.id, lambda c: decide(c, event, now))

        await self.perform(await retry(save, STORAGE, Deadline.after(self.patience)))

    async def _is_transcribed(self, call: Call) -> bool:
        """Poll ACS: it may have taken an earlier request whose reply was lost."""
        if call.connection_id is None:
            return False
        status = await self.telephony.poll(call.connection_id)
        return status is not None and status.transcribing

    async def _start_later(self, call: Call, delay: Seconds) -> None:
        attempt = call.transcription_attempts
        log.warning("transcriptionRestart", call.id, attempt=attempt, delay=delay)
        await self._queue(Job("transcribe", call.id, attempt), delay)

    async def _queue(self, job: Job, delay: Seconds) -> None:
        await retry(lambda: self.jobs.put(job, delay), STORAGE, Deadline.after(self.patience))
