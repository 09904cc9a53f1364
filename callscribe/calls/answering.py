"""Answer a ringing call: acquire the lease, ask ACS until the ring is nearly over, save.

Only a delivery of the event can answer, for the context to answer with is never stored. Several
deliveries may come at once: the one with the lease asks ACS, the others wait for the outcome.
"""

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace

from callscribe.calls.beginnings import Beginning, Start, ring
from callscribe.calls.call import Call, State, acquire, held_by_other, renew
from callscribe.calls.changes import change
from callscribe.calls.effects import NOT_CONNECTED, Effects
from callscribe.calls.events import Answered, Decision, Refused, Rejected
from callscribe.calls.incoming import INCOMING_CALL, IncomingCall
from callscribe.calls.labelling import Labelling
from callscribe.calls.ports import CallStore, RouteBook, Stored, StreamHub, Telephony
from callscribe.calls.route import BY_ROUTE, Action, action_on, route_in, routed
from callscribe.calls.tickets import TICKET_BYTES, with_ticket
from callscribe.calls.transcription_request import beginning_of
from callscribe.calls.wish import wish_row
from callscribe.foundation import log
from callscribe.foundation.columns import Columns
from callscribe.foundation.deadline import Deadline, retry
from callscribe.foundation.errors import (
    CallscribeError,
    ConflictError,
    StillAnsweringError,
    StorageRefusedError,
    TelephonyRefusedError,
    UnavailableError,
)
from callscribe.foundation.identifiers import timeline_key
from callscribe.foundation.moments import Ms, Seconds, iso, later
from callscribe.foundation.ports import Clock, TranscriptStore
from callscribe.foundation.retry import STORAGE, Retry

# Another delivery has the lease: its outcome is waited for, and looked for often, since people
# wait too. Event Grid gives a delivery 30 s:
# https://learn.microsoft.com/azure/event-grid/delivery-and-retry
OUTCOME = Retry(StillAnsweringError, first=Seconds(0.25), longest=Seconds(0.25), until=Seconds(20))
# ACS, storage or the stream hub is out: what ends the tries is the ring.
ANSWER = Retry(UnavailableError, first=Seconds(0.5), longest=Seconds(4))


@dataclass(frozen=True, slots=True)
class AnswerOptions:
    """How calls are answered.

    `numbers` are those that are answered (none: all), `beginning` is how transcription begins.
    `lease` is how long a lease holds unless it is renewed, `until` how long one delivery
    tries to answer. `deployment` is written into each call, so that others leave it alone.
    `tickets` is how long a ticket in a stream's address holds; None: addresses have none.
    """

    numbers: frozenset[str]
    beginning: Beginning
    lease: Seconds
    until: Seconds
    deployment: str | None = None
    tickets: Seconds | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """One delivery's own claim on a call: its lease, and the ticket in the address for ACS."""

    lease_id: str
    ticket: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Answering:
    """Handles deliveries of an incoming call's event: of all of them, one answers the call."""

    calls: CallStore
    transcripts: TranscriptStore
    telephony: Telephony
    stream: StreamHub
    effects: Effects
    routes: RouteBook
    labelling: Labelling
    clock: Clock
    options: AnswerOptions

    async def deliver(self, incoming: IncomingCall, deadline: Deadline) -> None:
        """Handle one delivery; when this returns, the event needs no other.

        Raises StillAnsweringError while another delivery has the lease, and UnavailableError when
        the lease, or the outcome, could not be stored: Event Grid then delivers again.
        """
        tickets = self.options.tickets is not None
        ticket = secrets.token_urlsafe(TICKET_BYTES) if tickets else None
        claim = Claim(secrets.token_hex(8), ticket)
        held = await retry(lambda: self._hold(incoming, claim, deadline), OUTCOME, deadline)
        if held is None:
            log.info("callIgnored", incoming.call_id, why="no route and no number has it answered")
        elif held.call.state is State.ANSWERING and held.call.lease_id == claim.lease_id:
            await self._drive(held, incoming, claim, deadline)

    async def _hold(
        self, incoming: IncomingCall, claim: Claim, deadline: Deadline
    ) -> Stored | None:
        """Return the call once its lease is ours, or once it is past answering.

        None for a call that is not ours to take. Raises StillAnsweringError while the lease is
        another delivery's.
        """
        return await retry(lambda: self._acquire(incoming, claim), STORAGE, deadline)

    async def _acquire(self, incoming: IncomingCall, claim: Claim) -> Stored | None:
        """Make the call, or take over its lease. Safe to repeat: the lease is known by its id."""
        try:
            stored = await self.calls.read(incoming.call_id)
            if stored is None:
                return await self._create(incoming, claim)
            call = stored.call
            if call.state is not State.ANSWERING or call.lease_id == claim.lease_id:
                return stored
            if held_by_other(call, claim.lease_id, self.clock.now()):
                raise StillAnsweringError("another delivery is answering this call")
            return await self.calls.save(self._claimed(call, claim), stored.etag)
        except ConflictError as error:
            raise StillAnsweringError("another delivery was faster") from error

    async def _create(self, incoming: IncomingCall, claim: Claim) -> Stored | None:
        """Make the call with its route, unless that, or the lack of one, leaves it alone."""
        options, now = self.options, self.clock.now()
        route = await self.routes.find(incoming.callee)
        action = action_on(incoming.callee, route, options.numbers)
        if action is Action.IGNORE:
            return None
        beginning = options.beginning
        if route is not None:
            beginning = beginning_of(route.transcription, beginning, BY_ROUTE)
        if action is Action.REJECT:
            beginning = replace(beginning, start=Start.MANUAL)
        call = routed(ring(incoming, beginning, now), route)
        mine = replace(self._claimed(call, claim), deployment=options.deployment)
        created = await self.calls.create(mine, later(now, NOT_CONNECTED))
        log.info("callRings", incoming.call_id)
        return created

    def _claimed(self, call: Call, claim: Claim) -> Call:
        """Return the call as one delivery's own; its ticket is saved with the lease."""
        mine, life = acquire(call, claim.lease_id, self._lease()), self.options.tickets
        if claim.ticket is None or life is None:
            return mine
        now = self.clock.now()
        return with_ticket(mine, claim.ticket, later(now, life), now)

    async def _drive(
        self, held: Stored, incoming: IncomingCall, claim: Claim, deadline: Deadline
    ) -> None:
        """Answer and write the event down, renewing the lease meanwhile."""
        renewing = asyncio.ensure_future(self._keep(held.call))
        try:
            await asyncio.gather(
                self._note(held.call, incoming),
                self._take(held.call, incoming, claim.ticket, deadline),
            )
        finally:
            renewing.cancel()

    async def _take(
        self, call: Call, incoming: IncomingCall, ticket: str | None, deadline: Deadline
    ) -> None:
        """Ask ACS to answer, or to reject, until it says yes or no, or the ring is nearly over."""
        # The event's time is another clock's: a late one is asked about all the same, since only
        # ACS knows whether the phone still rings.
        ring = Deadline.after(self.options.until)
        untried = call.drives == 1

        def failed(error: UnavailableError) -> None:
            nonlocal untried
            # It may have had its effect, and only the reply was lost: a later 4xx proves nothing.
            untried = False
            log.warning("answerFailed", call.id, why=type(error).__name__)

        try:
            asking = self._asking(call, incoming.context, ticket)
            said = await retry(asking, ANSWER, ring.no_later_than(deadline), failed)
        except TelephonyRefusedError as refusal:
            await self._refused(call, refusal, deadline, believed=untried)
        except UnavailableError:
            # Nobody knows whether it took effect: callbacks tell, or the watch.
            log.warning("answerTooLate", call.id)
        else:
            await self.effects.tell(call.id, said, None, deadline)

    def _asking(
        self, call: Call, context: str, ticket: str | None
    ) -> Callable[[], Awaitable[Answered | Rejected]]:
        """Return what asks ACS for what the call's route says."""
        route = route_in(call.route)
        url: str | None = None

        async def answer() -> Answered:
            nonlocal url
            # One address for all tries: under one request id ACS is to see one request.
            url = url or await self.stream.stream_url(call.id, ticket)
            wanted = None if route is None else route.transcription.intermediate
            return await self.telephony.answer(call, context, url, intermediate=wanted)

        async def reject() -> Rejected:
            await self.telephony.reject(call, context)
            return Rejected()

        return reject if route is not None and route.action is Action.REJECT else answer

    async def _refused(
        self, call: Call, error: TelephonyRefusedError, deadline: Deadline, *, believed: bool
    ) -> None:
        log.warning("answerRefused", call.id, code=error.http_status, believed=believed)
        if believed:
            refusal = Refused(error.http_status, str(error), error.sub_code)
            await self.effects.tell(call.id, refusal, None, deadline)

    async def _keep(self, call: Call) -> None:
        """Renew the lease until cancelled."""
        while True:
            await asyncio.sleep(self.options.lease / 2)
            await self._renew(call)

    async def _renew(self, call: Call) -> None:
        def decision(current: Call) -> Decision:
            ours = current.state is State.ANSWERING and current.lease_id == call.lease_id
            return Decision(renew(current, self._lease()) if ours else current)

        try:
            await change(self.calls, call.id, decision)
        except CallscribeError as error:
            # Another delivery may take over: it repeats our request, under the same request id.
            log.warning("claimNotRenewed", call.id, why=type(error).__name__)

    async def _note(self, call: Call, incoming: IncomingCall) -> None:
        row: Columns = {
            "Type": INCOMING_CALL.rpartition(".")[2],
            "Time": iso(incoming.rang_at),
            "EventId": incoming.event_id,
            "ReceivedAt": iso(self.clock.now()),
        }
        key = timeline_key(incoming.rang_at, incoming.event_id)
        try:
            await self.transcripts.put(incoming.call_id, key, row)
            await self.transcripts.insert(call.id, *wish_row(call.wish))
            await self.labelling.link(call)
        except (UnavailableError, StorageRefusedError) as error:
            log.warning("timelineNotWritten", incoming.call_id, why=type(error).__name__)

    def _lease(self) -> Ms:
        """Return until when a lease holds that is acquired or renewed now."""
        return later(self.clock.now(), self.options.lease)
