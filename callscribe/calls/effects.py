"""Do what was decided: start transcription, queue what is for later, close the books of a call."""

from dataclasses import dataclass

from callscribe.calls.call import Call, Transcription
from callscribe.calls.call_json import state_json
from callscribe.calls.changes import change
from callscribe.calls.events import Decision, EffectKind, Polled, StartFailed
from callscribe.calls.line import decide
from callscribe.calls.ports import CallStore, LiveFeed, Telephony
from callscribe.foundation import log
from callscribe.foundation.errors import TelephonyRefusedError, TelephonyUnavailableError
from callscribe.foundation.jobs import Job
from callscribe.foundation.ports import Clock, JobQueue
from callscribe.foundation.retry import patiently

LATE_FRAMES = 10
"""The last report comes ten times the usual delay after the end: frames may still be on the way."""


@dataclass(frozen=True, slots=True)
class Effects:
    """Performs effects of decisions that are already saved; outlasts storage for `patience` s.

    Who dies half-way leaves a call that is still listed as active: reconciling does the rest.
    """

    calls: CallStore
    telephony: Telephony
    jobs: JobQueue
    feed: LiveFeed
    clock: Clock
    finish_delay: float
    patience: float

    async def perform(self, decision: Decision) -> None:
        """Do all that a decision asks for, and tell whoever watches how the call stands."""
        call = decision.call
        # First: what follows may change the call, and tells of that by itself.
        self.feed.publish(call.id, state_json(call))
        if call.transcription is Transcription.FAILED:
            code, sub_code = call.reason.code, call.reason.sub_code
            log.warning("transcriptionFailed", call.id, code=code, subCode=sub_code)
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
        """Ask ACS for transcription; a refusal is decided upon like a callback that says so."""
        try:
            await self.telephony.start_transcription(call)
        except TelephonyRefusedError as error:
            failure = StartFailed(error.http_status, error.sub_code, str(error))
        except TelephonyUnavailableError as error:
            failure = StartFailed(error.http_status, 0, str(error))
        else:
            return
        await self._start_failed(call, failure)

    async def close(self, call: Call) -> None:
        """Queue both reports of a call that is over, then forget it as active (in that order)."""
        await self._queue(Job("finish", call.id), self.finish_delay)
        await self._queue(Job("finish", call.id), LATE_FRAMES * self.finish_delay)
        await patiently(lambda: self.calls.forget(call.id), self.clock, self.patience)
        log.info("callOver", call.id, state=call.state, code=call.reason.code)

    async def _start_failed(self, call: Call, failure: StartFailed) -> None:
        # It may run all the same: an earlier request was taken and its reply lost.
        state = await self.telephony.poll(call.connection_id)
        running = state is not None and state.transcribing
        event = Polled(found=True, transcribing=True) if running else failure
        log.warning("transcriptionNotStarted", call.id, code=failure.code, running=running)

        async def save() -> Decision:
            now = self.clock.now()
            return await change(self.calls, self.clock, call.id, lambda c: decide(c, event, now))

        await self.perform(await patiently(save, self.clock, self.patience))

    async def _start_later(self, call: Call, delay: float) -> None:
        attempt = call.transcription_attempts
        log.warning("transcriptionRestart", call.id, attempt=attempt, delay=delay)
        await self._queue(Job("transcribe", call.id, attempt), delay)

    async def _queue(self, job: Job, delay: float) -> None:
        await patiently(lambda: self.jobs.put(job, delay), self.clock, self.patience)
