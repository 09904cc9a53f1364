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
from callscribe.foundation.columns import moment_in
from callscribe.foundation.errors import (
    CallscribeError,
    TelephonyRefusedError,
    TelephonyUnavailableError,
)
from callscribe.foundation.identifiers import call_id_time, stream_id_in
from callscribe.foundation.ports import Clock, TranscriptStore
from callscribe.stream.streams import Streams

RING_SLACK_SECONDS = 10
ORPHAN_SECONDS = 300
SIDE_BY_SIDE = 16
# https://learn.microsoft.com/azure/communication-services/concepts/voice-video-calling/calling-sdk-features#maximum-call-duration
LONGEST_CALL_SECONDS = 30 * 3600
"""ACS ends a call that has lasted so long."""


@dataclass(frozen=True, slots=True)
class Watch:
    """Looks after calls that are not over.

    `confirm` is how long an outcome is waited for, `quiet` how long a call is left alone when
    nothing is waited for, `answer_until` how long a call is answered; all in seconds.
    """

    calls: CallStore
    transcripts: TranscriptStore
    telephony: Telephony
    effects: Effects
    clock: Clock
    confirm: float
    quiet: float
    answer_until: float

    async def reconcile(self) -> None:
        """Look at every active call once; trouble with one does not keep from the others."""
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
            if now - call_id_time(active.call_id) > ORPHAN_SECONDS * 1000:
                await self.calls.forget(active.call_id)
            return
        call = stored.call
        if call.terminal:
            await self.effects.close(call)  # whoever ended it did not get to the end
        elif call.state is State.ANSWERING and not call.connection_id:
            await self._check_ring(call, now)
        elif self._overdue(call, now) or now - active.last_seen >= self.quiet * 1000:
            await self._look(active, call)

    async def _check_ring(self, call: Call, now: int) -> None:
        """Find out whether it was answered after all by who did not live to save that."""
        over = call.rang_at + (self.answer_until + RING_SLACK_SECONDS) * 1000
        if answered := await self._dialled(call.id):
            await self._decide(call.id, answered)
        elif now > over:
            await self._decide(call.id, RingOver())

    async def _dialled(self, call_id: str) -> Answered | None:
        """Return what the call's streams prove: ACS dials only for a call that it answered."""
        async for _, row in self.transcripts.rows(call_id, "c-", "d"):
            if connection_id := str(row.get("CallConnectionId", "")):
                opened = moment_in(row, "OpenedAt")
                return Answered(connection_id, "", str(row.get("CorrelationId", "")), opened)
        return None

    async def _look(self, active: Active, call: Call) -> None:
        error_status = None
        try:
            state = await self.telephony.poll(call.connection_id)
        except (TelephonyRefusedError, TelephonyUnavailableError) as error:
            if self.clock.now() - call.rang_at <= LONGEST_CALL_SECONDS * 1000:
                raise
            state, error_status = None, error.http_status
        if state is None:
            over_at = await self._last_up(active)
            event = Polled(found=False, over_at=over_at, error_status=error_status)
        else:
            event = await self._up(call, state)
        await self._decide(call.id, event)

    async def _up(self, call: Call, state: CallStatus) -> Polled:
        now = self.clock.now()
        await self.calls.remember(call.id, now)
        return Polled(
            found=True,
            connected=state.connected,
            transcribing=state.transcribing,
            overdue=self._overdue(call, now) or self._unheard(call, now),
        )

    async def _last_up(self, active: Active) -> int | None:
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

    def _overdue(self, call: Call, now: int) -> bool:
        """Tell whether something that was asked for has gone unconfirmed for too long."""
        if call.state is not State.CONNECTED:
            since = call.answered_at
        elif call.transcription is Transcription.STARTING:
            since = call.transcription_at
        else:
            return False
        return now - (since or now) > self.confirm * 1000

    def _unheard(self, call: Call, now: int) -> bool:
        """Tell whether transcription was confirmed long enough ago to be believed stopped."""
        active = call.transcription is Transcription.ACTIVE
        return active and now - (call.transcription_at or now) > self.confirm * 1000
