"""Watch over calls that are not over: poll ACS, end what is over, start what was forgotten.

A round runs each minute. It never answers a call: the context to answer with is not stored.
"""

import asyncio
from dataclasses import dataclass

from callscribe.calls.call import Call, State, Transcription
from callscribe.calls.changes import change
from callscribe.calls.effects import Effects
from callscribe.calls.events import Answered, Decision, Event, Polled, RingOver
from callscribe.calls.line import decide
from callscribe.calls.ports import Active, CallStatus, CallStore, Telephony
from callscribe.foundation import log
from callscribe.foundation.columns import moment_in, text_in
from callscribe.foundation.errors import (
    CallscribeError,
    TelephonyRefusedError,
    TelephonyUnavailableError,
)
from callscribe.foundation.identifiers import call_id_time, stream_id_in
from callscribe.foundation.moments import Ms, Seconds, elapsed
from callscribe.foundation.ports import Clock, TranscriptStore
from callscribe.stream.streams import Streams

SIDE_BY_SIDE = 16
# The callbacks of a call that was answered at the last moment come a little later.
AFTER_THE_RING = Seconds(10)
# A call is listed as active before its record is written: so long a record may be missing.
ORPHAN = Seconds(300)
# ACS ends a call that has lasted so long:
# https://learn.microsoft.com/azure/communication-services/concepts/voice-video-calling/calling-sdk-features#maximum-call-duration
LONGEST_CALL = Seconds(30 * 3600)


@dataclass(frozen=True, slots=True)
class Watch:
    """Looks after calls that are not over.

    An outcome is waited for `confirm`; a call of which none is awaited is polled every `quiet`;
    a call is answered for `answer_until` from its event on.
    """

    calls: CallStore
    transcripts: TranscriptStore
    telephony: Telephony
    effects: Effects
    clock: Clock
    confirm: Seconds
    quiet: Seconds
    answer_until: Seconds

    async def reconcile(self) -> None:
        """Check every active call once; trouble with one does not stop the others."""
        places = asyncio.Semaphore(SIDE_BY_SIDE)

        async def one(active: Active) -> None:
            async with places:
                try:
                    await self._check(active)
                except CallscribeError as error:
                    log.warning("reconcileFailed", active.call_id, why=type(error).__name__)

        await asyncio.gather(*(one(active) for active in await self.calls.active()))

    async def _check(self, active: Active) -> None:
        stored = await self.calls.read(active.call_id)
        now = self.clock.now()
        if stored is None:
            if elapsed(call_id_time(active.call_id), now) > ORPHAN:
                await self.calls.forget(active.call_id)
            return
        call = stored.call
        if call.terminal:
            await self.effects.close(call)  # the worker that ended it did not get to the end
        elif call.state is State.ANSWERING and call.connection_id is None:
            await self._check_ring(call, now)
        elif self._overdue(call, now) or elapsed(active.last_seen, now) >= self.quiet:
            await self._poll(active, call)

    async def _check_ring(self, call: Call, now: Ms) -> None:
        """Check whether a call was answered by a worker that died before it could save that.

        If not, the call ends once nobody answers it any more.
        """
        if answered := await self._dialled(call.id):
            await self._decide(call.id, answered)
        elif elapsed(call.rang_at, now) > self.answer_until + AFTER_THE_RING:
            await self._decide(call.id, RingOver())

    async def _dialled(self, call_id: str) -> Answered | None:
        """Return what the call's streams prove: ACS dials only for a call that it answered."""
        async for _, row in self.transcripts.rows(call_id, "c-", "d"):
            if connection_id := text_in(row, "CallConnectionId"):
                opened, correlation_id = moment_in(row, "OpenedAt"), text_in(row, "CorrelationId")
                return Answered(connection_id, None, correlation_id, opened)
        return None

    async def _poll(self, active: Active, call: Call) -> None:
        try:
            status = await self.telephony.poll(call.connection_id or "")
        except (TelephonyRefusedError, TelephonyUnavailableError) as error:
            if elapsed(call.rang_at, self.clock.now()) <= LONGEST_CALL:
                raise
            silent = error.http_status is None
            event = await self._gone(active, error_status=error.http_status, no_answer=silent)
        else:
            event = await (self._gone(active) if status is None else self._up(call, status))
        await self._decide(call.id, event)

    async def _gone(
        self, active: Active, *, error_status: int | None = None, no_answer: bool = False
    ) -> Polled:
        over_at = await self._last_up(active)
        return Polled(found=False, over_at=over_at, error_status=error_status, no_answer=no_answer)

    async def _up(self, call: Call, status: CallStatus) -> Polled:
        now = self.clock.now()
        await self.calls.remember(call.id, now)
        return Polled(
            found=True,
            connected=status.connected,
            transcribing=status.transcribing,
            overdue=self._overdue(call, now) or self._ran_long(call, now),
        )

    async def _last_up(self, active: Active) -> Ms | None:
        """Return when the call is last known to have been up; None where its streams do not tell.

        It ended with its last stream, unless ACS said later that it was still up.
        """
        streams = Streams()
        async for key, row in self.transcripts.rows(active.call_id, "c-", "d"):
            streams.add_row(stream_id_in(key), row)
        closed = streams.last_closed()
        return None if closed is None else max(closed, active.last_seen)

    async def _decide(self, call_id: str, event: Event) -> None:
        def decision(call: Call) -> Decision:
            return decide(call, event, self.clock.now())

        await self.effects.perform(await change(self.calls, self.clock, call_id, decision))

    def _overdue(self, call: Call, now: Ms) -> bool:
        """Tell whether an outcome has been waited for long enough."""
        if call.state is not State.CONNECTED:
            since = call.answered_at
        elif call.transcription is Transcription.STARTING:
            since = call.transcription_at
        else:
            return False
        return elapsed(since or now, now) > self.confirm

    def _ran_long(self, call: Call, now: Ms) -> bool:
        """Tell whether transcription was confirmed so long ago that ACS is believed if it says no.

        Right after the confirmation ACS's answer may be older than that.
        """
        active = call.transcription is Transcription.ACTIVE
        return active and elapsed(call.transcription_at or now, now) > self.confirm
