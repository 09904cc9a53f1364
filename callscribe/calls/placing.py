"""Place a call, join one, or expect one of another application: a request begins one call.

A call is dialled by one worker, once: its record is saved, with the drive counted, before ACS is
asked, and whoever finds it there never dials. What became of it is told by ACS's callbacks, by its
stream, or by their absence.
"""

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace

from callscribe.calls.actions import Actions, Asked
from callscribe.calls.answering import ANSWER
from callscribe.calls.beginnings import Beginning, dial, expect, join
from callscribe.calls.call import Call, Own, State
from callscribe.calls.changes import change
from callscribe.calls.dialling import shown_number
from callscribe.calls.effects import NOT_CONNECTED, Effects
from callscribe.calls.events import Answered, Decision, Refused
from callscribe.calls.incoming import UNKNOWN
from callscribe.calls.labelling import Labelling
from callscribe.calls.place_request import (
    Expect,
    Join,
    Place,
    Request,
    parse_place,
)
from callscribe.calls.ports import CallStore, Dial, Locator, People, Stored, StreamHub, Telephony
from callscribe.calls.repeating import Claimed, Dialling, Joins, Repeating
from callscribe.calls.results import Reason
from callscribe.calls.tickets import MOST_LIVE, TICKET_BYTES, live, with_ticket
from callscribe.calls.transcription_request import beginning_of
from callscribe.calls.wish import Wish, wish_row
from callscribe.foundation import log
from callscribe.foundation.deadline import Deadline, retry
from callscribe.foundation.errors import (
    CallscribeError,
    ConflictError,
    StorageRefusedError,
    TelephonyRefusedError,
    TooManyAddressesError,
    UnavailableError,
)
from callscribe.foundation.identifiers import new_call_id
from callscribe.foundation.moments import Ms, Seconds, later
from callscribe.foundation.ports import Clock, TranscriptStore
from callscribe.foundation.retry import STORAGE

# ACS is asked for so long; then nobody knows yet, and the request is answered all the same.
PLACING = Seconds(20)
# Web PubSub is asked for a token first: without an address nothing is dialled.
ADDRESS = Seconds(5)
ROUTE = "POST /api/calls"


@dataclass(frozen=True, slots=True)
class PlaceOptions:
    """How calls are placed.

    `beginning` is how transcription begins where a request says nothing of it. `caller_id` is
    shown to numbers; `allow` are the beginnings of those that may be dialled. `address` is how long
    a stream's address holds; it has a ticket where `tickets` says so.
    """

    beginning: Beginning
    caller_id: str | None
    allow: tuple[str, ...]
    deployment: str
    address: Seconds
    tickets: bool


@dataclass(frozen=True, slots=True)
class Placed:
    """A call that was begun; `url` is its stream's address for another application, and its end."""

    call: Call
    url: str | None = field(default=None, repr=False)
    until: Ms | None = None


@dataclass(frozen=True, slots=True)
class _Address:
    """An address of a stream, until when it holds, and its ticket where it has one."""

    url: str = field(repr=False)
    until: Ms
    ticket: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Placing:
    """Begins the calls that the API asks for."""

    calls: CallStore
    transcripts: TranscriptStore
    people: People
    telephony: Telephony
    stream: StreamHub
    effects: Effects
    repeating: Repeating
    joins: Joins
    dialling: Dialling
    actions: Actions
    labelling: Labelling
    clock: Clock
    options: PlaceOptions

    async def place(self, body: bytes, key: str | None, by: str, deadline: Deadline) -> Placed:
        """Begin the call that a request asks for; under one `key` of its sender it begins one call.

        Returns the call as it stands then: ACS has accepted it, or has not answered. Raises
        BadInputError naming the field, ForbiddenError for a number that may not be dialled,
        TooManyError, IllegalStateError where we are on the call already, InProgressError and
        OtherBodyError for a key that is used, TelephonyRefusedError where ACS refused, and
        UnavailableError.
        """
        request = parse_place(body)
        shown = self._shown(request)
        new = new_call_id(self.clock.now(), secrets.token_hex(16))
        claimed = Claimed(new)
        if key is not None:
            claimed = await self.repeating.claim(by, ROUTE, key, body, new, deadline)
        found = None if claimed.fresh else await self.calls.read(claimed.call_id)
        address = None
        if found is None:
            found, address = await self._begin(claimed, request, shown, by, deadline)
        await self.repeating.done(claimed)
        return await self._outcome(found, address, deadline)

    async def address(self, stored: Stored, deadline: Deadline) -> Placed:
        """Make another address for the stream of a call that another application keeps.

        The earlier ones stay good. Raises IllegalStateError where eight of them are live already.
        """
        address = await self._new_address(stored.call.id, deadline)
        if address.ticket is not None:
            stored = await self._with_ticket(stored, address.ticket, address.until, deadline)
        return Placed(stored.call, address.url, address.until)

    async def _new_address(self, call_id: str, deadline: Deadline) -> _Address:
        options, now = self.options, self.clock.now()
        ticket = secrets.token_urlsafe(TICKET_BYTES) if options.tickets else None
        url = await retry(lambda: self.stream.stream_url(call_id, ticket), ANSWER, deadline)
        return _Address(url, later(now, options.address), ticket)

    async def _with_ticket(
        self, stored: Stored, ticket: str, until: Ms, deadline: Deadline
    ) -> Stored:
        def rule(call: Call) -> Decision:
            now = self.clock.now()
            if live(call, now) >= MOST_LIVE:
                raise TooManyAddressesError(
                    f"{MOST_LIVE} addresses of the call are live already, which is the most",
                    call.id,
                )
            return Decision(with_ticket(call, ticket, until, now))

        changed = await change(self.calls, stored.call.id, rule, stored, deadline)
        return changed.stored

    def _shown(self, request: Request) -> str | None:
        if not isinstance(request, Place):
            return None
        return shown_number(request, self.options.allow, self.options.caller_id)

    async def _begin(
        self, claimed: Claimed, request: Request, shown: str | None, by: str, deadline: Deadline
    ) -> tuple[Stored, _Address | None]:
        """Make the call's record, and have ACS asked by whoever made it, who gets its address."""
        call_id, now = claimed.call_id, self.clock.now()
        try:
            await self._admit(call_id, request, now)
            soon = Deadline.after(ADDRESS).no_later_than(deadline)
            address = await self._new_address(call_id, soon)
        except CallscribeError:
            await self.repeating.release(claimed)
            raise
        call = self._record(call_id, request, shown, by, now)
        call = replace(call, request_key=claimed.keys.row if claimed.keys else None)
        if address.ticket is not None:
            call = with_ticket(call, address.ticket, address.until, now)
        stored, mine = await self._created(call, deadline)
        if not mine:
            return stored, None
        log.info("callPlaced", call_id, direction=call.direction)
        told, _ = await asyncio.gather(
            self._ask(stored, request, shown, address.url, deadline),
            self._note(call, request, by),
        )
        return told, address

    async def _admit(self, call_id: str, request: Request, now: Ms) -> None:
        match request:
            case Place():
                people = len(request.targets)
                await self.dialling.take(call_id, people, now, self.calls.active)
            case Join() if not request.again:
                await self.joins.claim(_locator(request), call_id, self._is_up)
            case _:
                pass

    async def _is_up(self, call_id: str) -> bool | None:
        found = await self.calls.read(call_id)
        return None if found is None else not found.call.terminal

    def _record(self, call_id: str, request: Request, shown: str | None, by: str, now: Ms) -> Call:
        match request:
            case Place():
                beginning = beginning_of(request.transcription, self.options.beginning, by)
                caller = request.on_behalf_of or shown or UNKNOWN
                callees = [each.raw_id for each in request.targets]
                call = dial(call_id, caller, callees, beginning, now)
                call = replace(call, caller_name=request.display_name)
            case Join():
                beginning = beginning_of(request.transcription, self.options.beginning, by)
                call = join(call_id, _locator(request), beginning, now)
            case Expect():
                wish = Wish(on=False, language=self.options.beginning.language, at=now, by=by)
                own = Own(request.wait, request.idle)
                call = expect(call_id, (request.caller, request.callee), own, wish)
        return replace(call, deployment=self.options.deployment, labels=request.labels)

    async def _created(self, call: Call, deadline: Deadline) -> tuple[Stored, bool]:
        """Make a call's record; return it, and whether it is ours: then ACS was not asked yet."""
        next_at = later(self.clock.now(), NOT_CONNECTED)
        try:
            created = await retry(lambda: self.calls.create(call, next_at), STORAGE, deadline)
        except ConflictError:
            found = await retry(lambda: self.calls.read(call.id), STORAGE, deadline)
            if found is None:
                raise
            # Where only the reply was lost it is the very one that we made.
            return found, found.call == call
        return created, True

    async def _ask(
        self, stored: Stored, request: Request, shown: str | None, url: str, deadline: Deadline
    ) -> Stored:
        """Ask ACS to dial or to join, under one request id until it says yes or no."""
        call = stored.call
        asking = self._asking(call, request, shown, url)
        if asking is None:
            return stored
        untried = True

        def failed(error: UnavailableError) -> None:
            nonlocal untried
            # It may have had its effect, and only the reply was lost: a later 4xx proves nothing.
            untried = False
            log.warning("placeFailed", call.id, why=type(error).__name__)

        until = Deadline.after(PLACING).no_later_than(deadline)
        try:
            event: Answered | Refused = await retry(asking, ANSWER, until, failed)
        except TelephonyRefusedError as error:
            log.warning("placeRefused", call.id, code=error.http_status, believed=untried)
            if not untried:
                return stored
            event = Refused(error.http_status, str(error), error.sub_code)
        except UnavailableError:
            # Nobody knows whether it took effect: callbacks tell, or the watch.
            log.warning("placeTooLate", call.id)
            return stored
        return await self._tell(stored, event, deadline)

    def _asking(
        self, call: Call, request: Request, shown: str | None, url: str
    ) -> Callable[[], Awaitable[Answered]] | None:
        match request:
            case Place():
                who = Dial(
                    targets=tuple(each.raw_id for each in request.targets),
                    caller=shown,
                    on_behalf_of=request.on_behalf_of,
                    display_name=request.display_name,
                    intermediate=request.transcription.intermediate,
                )
                return lambda: self.telephony.place(call, who, url)
            case Join():
                hypotheses = request.transcription.intermediate
                where = Locator(request.kind.value, request.id, hypotheses)
                return lambda: self.telephony.join(call, where, url)
            case Expect():
                return None

    async def _tell(self, stored: Stored, event: Answered | Refused, deadline: Deadline) -> Stored:
        """Note what ACS said. It is dialled all the same, so that is no failure of the request."""
        try:
            return await self.effects.tell(stored.call.id, event, stored, deadline)
        except UnavailableError as error:
            log.warning("placeNotNoted", stored.call.id, why=type(error).__name__)
            return stored

    async def _note(self, call: Call, request: Request, by: str) -> None:
        """Write down who asked, what is wanted, and who is called by which name."""
        what = {
            Place: Asked.PLACE,
            Join: Asked.JOIN,
            Expect: Asked.EXPECT,
        }[type(request)]
        await self.actions.note(call.id, what, by)
        try:
            await self.transcripts.insert(call.id, *wish_row(call.wish))
            await self.labelling.link(call)
            if isinstance(request, Place):
                await self.people.introduce(call, request.targets)
        except (UnavailableError, StorageRefusedError) as error:
            log.warning("timelineNotWritten", call.id, why=type(error).__name__)

    async def _outcome(
        self, stored: Stored, address: _Address | None, deadline: Deadline
    ) -> Placed:
        call = stored.call
        if call.is_own:
            if address is None:
                return await self.address(stored, deadline)
            return Placed(call, address.url, address.until)
        if was_refused(call):
            raise refusal_of(call)
        return Placed(call)


def was_refused(call: Call) -> bool:
    """Tell whether ACS refused the request itself: such a call has a code and no connection."""
    coded = call.reason is not None and call.reason.code is not None
    return call.state is State.FAILED and call.connection_id is None and coded


def refusal_of(call: Call) -> TelephonyRefusedError:
    """Return why ACS refused a call, as an error for who asked for it."""
    reason = call.reason or Reason("")
    error = TelephonyRefusedError(
        reason.text or "ACS refused the call",
        http_status=reason.code or 0,
        sub_code=reason.sub_code,
    )
    error.call_id, error.remedy = call.id, reason.remedy
    return error


def _locator(request: Join) -> str:
    return f"{request.kind.value}:{request.id}"
