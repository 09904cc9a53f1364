"""Answer a ringing call: claim it, drive the answer until the ring is nearly over, save.

Only a delivery of the event can answer, for the context to answer with is never stored. Several
deliveries may come at once: storage decides who drives, the others wait for the outcome.
"""

import asyncio
import secrets
from collections.abc import Coroutine
from dataclasses import dataclass

from callscribe import log
from callscribe.domain.call import (
    Call,
    State,
    can_start_at_setup,
    claim,
    claimed_by_other,
    renew,
    ring,
)
from callscribe.domain.columns import Columns
from callscribe.domain.decisions import decide
from callscribe.domain.errors import (
    ConflictError,
    StillAnsweringError,
    StorageRefusedError,
    TelephonyRefusedError,
    UnavailableError,
)
from callscribe.domain.events import Answered, Decision, Event, Refused, RingOver
from callscribe.domain.identifiers import timeline_key
from callscribe.domain.incoming import INCOMING_CALL, IncomingCall, is_ours
from callscribe.domain.moments import iso
from callscribe.ports import (
    CallStore,
    Clock,
    Stored,
    StreamHub,
    Telephony,
    TranscriptStore,
)
from callscribe.services.changes import change
from callscribe.services.effects import Effects
from callscribe.services.patience import patiently
from callscribe.settings import Settings

WAIT_SECONDS = 20
LOOK_SECONDS = 0.25
FIRST_PAUSE = 0.5
LONGEST_PAUSE = 4.0


@dataclass(frozen=True, slots=True)
class Answering:
    """Turns deliveries of an incoming-call event into one answered call."""

    calls: CallStore
    transcripts: TranscriptStore
    telephony: Telephony
    stream: StreamHub
    effects: Effects
    clock: Clock
    settings: Settings

    async def deliver(self, incoming: IncomingCall) -> None:
        """Handle one delivery; returning means that the event needs no other.

        Raises StillAnsweringError while another delivery works on it, and UnavailableError when
        the claim could not be stored: Event Grid then delivers again.
        """
        if not is_ours(incoming.callee, self.settings.answer_numbers):
            log.info("callIgnored", incoming.call_id, why="number not on ANSWER_NUMBERS")
            return
        claim_id = secrets.token_hex(8)
        give_up = self.clock.now() + WAIT_SECONDS * 1000
        while (held := await self._claim(incoming, claim_id)) is None:
            if self.clock.now() >= give_up:
                raise StillAnsweringError("another delivery is answering this call")
            await self.clock.sleep(LOOK_SECONDS)
        if held.call.state is State.ANSWERING:
            await self._drive(held.call, incoming)

    async def _claim(self, incoming: IncomingCall, claim_id: str) -> Stored | None:
        """Return the call if it is ours to drive, or past answering; None while another drives."""
        patience = self.settings.times.answer_until
        stored = await patiently(lambda: self._open(incoming, claim_id), self.clock, patience)
        call, now = stored.call, self.clock.now()
        if call.state is not State.ANSWERING or call.claim_id == claim_id:
            return stored
        if claimed_by_other(call, claim_id, now):
            return None
        try:
            return await self.calls.save(claim(call, claim_id, self._lease()), stored.etag)
        except ConflictError:
            return None

    async def _open(self, incoming: IncomingCall, claim_id: str) -> Stored:
        stored = await self.calls.read(incoming.call_id)
        if stored is not None:
            return stored
        at_setup = self.settings.start_at_setup and can_start_at_setup(incoming.caller)
        call = ring(incoming, self.settings.locale, at_setup=at_setup, now=self.clock.now())
        try:
            created = await self.calls.create(claim(call, claim_id, self._lease()))
        except ConflictError:
            return await self._open(incoming, claim_id)
        log.info("callRings", incoming.call_id)
        return created

    async def _drive(self, call: Call, incoming: IncomingCall) -> None:
        """Ask ACS to answer until it says yes or no, or the ring is nearly over."""
        deadline = incoming.rang_at + int(self.settings.times.answer_until * 1000)
        if self.clock.now() >= deadline and call.drives == 1:
            await self._settle(call, RingOver())
            return
        await asyncio.gather(self._note(incoming), self._answer(call, incoming, deadline))

    async def _answer(self, call: Call, incoming: IncomingCall, deadline: int) -> None:
        untried, pause = call.drives == 1, FIRST_PAUSE
        while (now := self.clock.now()) < deadline:
            try:
                answer = self._ask(call, incoming)
                answered = await self._holding(call, answer, (deadline - now) / 1000)
            except TelephonyRefusedError as refusal:
                await self._refused(call, refusal, believed=untried)
                return
            except (UnavailableError, TimeoutError) as error:
                log.warning("answerFailed", call.id, why=type(error).__name__)
                wait = max(getattr(error, "retry_after", None) or 0, pause)
            else:
                await self._settle(call, answered)
                return
            # An attempt without a reply may have had its effect: from here on a 4xx proves nothing.
            untried, pause = False, min(2 * pause, LONGEST_PAUSE)
            await self._holding(call, self.clock.sleep(wait), wait + 1)

    async def _ask(self, call: Call, incoming: IncomingCall) -> Answered:
        url = await self.stream.stream_url(call.id)
        return await self.telephony.answer(call, incoming.context, url)

    async def _refused(self, call: Call, error: TelephonyRefusedError, *, believed: bool) -> None:
        log.warning("answerRefused", call.id, code=error.http_status, believed=believed)
        if believed:
            await self._settle(call, Refused(error.http_status, str(error)))

    async def _settle(self, call: Call, event: Event) -> None:
        def decision(current: Call) -> Decision:
            return decide(current, event, self.clock.now())

        async def save() -> Decision:
            return await change(self.calls, self.clock, call.id, decision)

        patience = self.settings.times.storage_patience
        await self.effects.perform(await patiently(save, self.clock, patience))

    async def _holding[T](self, call: Call, work: Coroutine[None, None, T], seconds: float) -> T:
        """Await `work` for at most `seconds`, renewing the claim meanwhile."""
        task = asyncio.ensure_future(work)
        try:
            async with asyncio.timeout(seconds):
                while True:
                    done, _ = await asyncio.wait({task}, timeout=self._lease_seconds / 2)
                    if done:
                        return task.result()
                    await self._renew(call)
        finally:
            task.cancel()

    async def _renew(self, call: Call) -> None:
        def decision(current: Call) -> Decision:
            ours = current.state is State.ANSWERING and current.claim_id == call.claim_id
            return Decision(renew(current, self._lease()) if ours else current)

        try:
            await change(self.calls, self.clock, call.id, decision)
        except UnavailableError as error:
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

    @property
    def _lease_seconds(self) -> float:
        return self.settings.times.answer_lease

    def _lease(self) -> int:
        return self.clock.now() + int(self._lease_seconds * 1000)
