"""Answer a ringing call: claim it, drive the answer until the ring is nearly over, save.

Only a delivery of the event can answer, for the context to answer with is never stored. Several
deliveries may come at once: storage decides who drives, the others wait for the outcome.
"""

import asyncio
import secrets
from dataclasses import dataclass

from callscribe.calls.call import (
    Call,
    State,
    can_start_at_setup,
    claim,
    held_by_other,
    renew,
    ring,
)
from callscribe.calls.changes import change
from callscribe.calls.effects import Effects
from callscribe.calls.events import Decision, Event, Refused, RingOver
from callscribe.calls.incoming import INCOMING_CALL, IncomingCall, is_ours
from callscribe.calls.line import decide
from callscribe.calls.ports import CallStore, Stored, StreamHub, Telephony
from callscribe.foundation import log
from callscribe.foundation.columns import Columns
from callscribe.foundation.errors import (
    CallscribeError,
    ConflictError,
    StillAnsweringError,
    StorageRefusedError,
    TelephonyRefusedError,
    TelephonyUnavailableError,
    UnavailableError,
)
from callscribe.foundation.identifiers import timeline_key
from callscribe.foundation.moments import iso
from callscribe.foundation.ports import Clock, TranscriptStore
from callscribe.foundation.retry import patiently

WAIT_SECONDS = 20
LOOK_SECONDS = 0.25
FIRST_PAUSE = 0.5
LONGEST_PAUSE = 4.0


@dataclass(frozen=True, slots=True)
class AnswerOptions:
    """How calls are answered; durations are in seconds.

    `numbers` are those that are answered (none: all). `lease` is how long a claim holds unless it
    is renewed, `until` how long after the event answering is tried, `patience` how long an outage
    of storage is outlasted once ACS has answered.
    """

    numbers: frozenset[str]
    locale: str
    start_at_setup: bool
    lease: float
    until: float
    patience: float


@dataclass(frozen=True, slots=True)
class Answering:
    """Turns deliveries of an incoming-call event into one answered call."""

    calls: CallStore
    transcripts: TranscriptStore
    telephony: Telephony
    stream: StreamHub
    effects: Effects
    clock: Clock
    options: AnswerOptions

    async def deliver(self, incoming: IncomingCall) -> None:
        """Handle one delivery; returning means that the event needs no other.

        Raises StillAnsweringError while another delivery works on it, and UnavailableError when
        the claim could not be stored: Event Grid then delivers again.
        """
        if not is_ours(incoming.callee, self.options.numbers):
            log.info("callIgnored", incoming.call_id, why="number not on ANSWER_NUMBERS")
            return
        lease_id = secrets.token_hex(8)
        held = await self._hold(incoming, lease_id)
        if held.call.state is State.ANSWERING:
            await self._drive(held.call, incoming)

    async def _hold(self, incoming: IncomingCall, lease_id: str) -> Stored:
        """Return the call once it is ours to drive, or past answering."""
        patience = self.options.until
        give_up = self.clock.now() + WAIT_SECONDS * 1000
        while True:
            held = await patiently(lambda: self._claim(incoming, lease_id), self.clock, patience)
            if held is not None:
                return held
            if self.clock.now() >= give_up:
                raise StillAnsweringError("another delivery is answering this call")
            await self.clock.sleep(LOOK_SECONDS)

    async def _claim(self, incoming: IncomingCall, lease_id: str) -> Stored | None:
        """Return the call if it is ours to drive, or past answering; None while another drives.

        Safe to repeat: a claim whose reply was lost is known by its id.
        """
        try:
            stored = await self.calls.read(incoming.call_id)
            if stored is None:
                return await self._create(incoming, lease_id)
            call = stored.call
            if call.state is not State.ANSWERING or call.lease_id == lease_id:
                return stored
            if held_by_other(call, lease_id, self.clock.now()):
                return None
            return await self.calls.save(claim(call, lease_id, self._lease()), stored.etag)
        except ConflictError:
            return None  # another delivery was faster

    async def _create(self, incoming: IncomingCall, lease_id: str) -> Stored:
        at_setup = self.options.start_at_setup and can_start_at_setup(incoming.caller)
        call = ring(incoming, self.options.locale, at_setup=at_setup, now=self.clock.now())
        created = await self.calls.create(claim(call, lease_id, self._lease()))
        log.info("callRings", incoming.call_id)
        return created

    async def _drive(self, call: Call, incoming: IncomingCall) -> None:
        """Answer and note the event, holding the claim meanwhile."""
        holding = asyncio.ensure_future(self._keep(call))
        try:
            await asyncio.gather(self._note(incoming), self._answer(call, incoming))
        finally:
            holding.cancel()

    async def _answer(self, call: Call, incoming: IncomingCall) -> None:
        """Ask ACS to answer until it says yes or no, or the ring is nearly over."""
        deadline = incoming.rang_at + int(self.options.until * 1000)
        untried, pause, url = call.drives == 1, FIRST_PAUSE, ""
        while (left := (deadline - self.clock.now()) / 1000) > 0:
            try:
                async with asyncio.timeout(left):
                    # One for all tries: under one request id ACS is to see one request.
                    url = url or await self.stream.stream_url(call.id)
                    answered = await self.telephony.answer(call, incoming.context, url)
            except TelephonyRefusedError as refusal:
                await self._refused(call, refusal, believed=untried)
                return
            except (UnavailableError, TimeoutError) as error:
                log.warning("answerFailed", call.id, why=type(error).__name__)
                # It may have had its effect, only the reply was lost: now a 4xx proves nothing.
                untried = False
                await self._pause(error, pause, deadline)
                pause = min(2 * pause, LONGEST_PAUSE)
            else:
                await self._settle(call, answered)
                return
        log.warning("answerTooLate", call.id, tried=not untried)
        if untried:
            await self._settle(call, RingOver())

    async def _pause(self, error: Exception, shortest: float, deadline: int) -> None:
        """Wait as long as ACS wishes, but not beyond the deadline."""
        wished = error.retry_after if isinstance(error, TelephonyUnavailableError) else None
        left = (deadline - self.clock.now()) / 1000
        await self.clock.sleep(max(0, min(max(wished or 0, shortest), left)))

    async def _refused(self, call: Call, error: TelephonyRefusedError, *, believed: bool) -> None:
        log.warning("answerRefused", call.id, code=error.http_status, believed=believed)
        if believed:
            await self._settle(call, Refused(error.http_status, str(error)))

    async def _settle(self, call: Call, event: Event) -> None:
        def decision(current: Call) -> Decision:
            return decide(current, event, self.clock.now())

        async def save() -> Decision:
            return await change(self.calls, self.clock, call.id, decision)

        patience = self.options.patience
        await self.effects.perform(await patiently(save, self.clock, patience))

    async def _keep(self, call: Call) -> None:
        """Renew the claim until cancelled."""
        while True:
            await self.clock.sleep(self.options.lease / 2)
            await self._renew(call)

    async def _renew(self, call: Call) -> None:
        def decision(current: Call) -> Decision:
            ours = current.state is State.ANSWERING and current.lease_id == call.lease_id
            return Decision(renew(current, self._lease()) if ours else current)

        try:
            await change(self.calls, self.clock, call.id, decision)
        except CallscribeError as error:
            # Who takes the claim over repeats our request, with the effect of the first time.
            log.warning("claimNotRenewed", call.id, why=type(error).__name__)

    async def _note(self, incoming: IncomingCall) -> None:
        row: Columns = {
            "Type": INCOMING_CALL.rpartition(".")[2],
            "Time": iso(incoming.rang_at),
            "EventId": incoming.event_id,
            "ReceivedAt": iso(self.clock.now()),
        }
        key = timeline_key(incoming.rang_at, incoming.event_id)
        try:
            await self.transcripts.put(incoming.call_id, key, row)
        except (UnavailableError, StorageRefusedError) as error:
            log.warning("timelineNotWritten", incoming.call_id, why=type(error).__name__)

    def _lease(self) -> int:
        return self.clock.now() + int(self.options.lease * 1000)
