"""Place a call, join one, or expect one of another application: a request begins one call.

A call is dialled by one worker, once: its record is saved, with the drive counted, before ACS is
asked, and whoever finds it there never dials. What became of it is told by ACS's callbacks, by its
stream, or by their absence.
"""

import secrets
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, replace

from callscribe.calls.actions import note
from callscribe.calls.answering import ANSWER
from callscribe.calls.beginnings import Beginning, Start, dial, expect, join
from callscribe.calls.call import Call, Own, State
from callscribe.calls.dialling import check_numbers
from callscribe.calls.effects import NOT_CONNECTED, Effects
from callscribe.calls.events import Answered, Refused
from callscribe.calls.incoming import UNKNOWN
from callscribe.calls.place_request import (
    Expect,
    Join,
    Place,
    Request,
    TranscriptionWish,
    parse_place,
)
from callscribe.calls.ports import CallStore, Dial, Locator, People, Stored, StreamHub, Telephony
from callscribe.calls.repeating import Claimed, Joins, Repeating, Slots
from callscribe.calls.targets import Target
from callscribe.calls.tickets import TICKET_BYTES, with_ticket
from callscribe.calls.wish import Language, Wish, wish_row
from callscribe.foundation import log
from callscribe.foundation.deadline import Deadline, retry
from callscribe.foundation.errors import (
    CallscribeError,
    IllegalStateError,
    TelephonyRefusedError,
    UnavailableError,
)
from callscribe.foundation.identifiers import new_call_id
from callscribe.foundation.moments import Ms, Seconds, later
from callscribe.foundation.ports import Clock, TranscriptStore

# So long a request is answered late rather than not at all; by then its call is dialled, or told.
PLACING = Seconds(20)


@dataclass(frozen=True, slots=True)
class PlaceOptions:
    """How calls are placed.

    `beginning` is how transcription begins that is not asked for in another way. `caller_id` is
    shown to numbers, `allow` the beginnings of those that may be dialled, `at_once` how many people
    may be on the way or on placed calls at the same time. `address` is how long a stream's address
    holds; it has a ticket where `tickets` says so.
    """

    beginning: Beginning
    caller_id: str | None
    allow: tuple[str, ...]
    at_once: int
    deployment: str
    address: Seconds
    tickets: bool


@dataclass(frozen=True, slots=True)
class Placed:
    """A call that was begun; `url` is the stream's address for another application, until when."""

    call: Call
    url: str | None = None
    until: Ms | None = None


@dataclass(frozen=True, slots=True)
class Placing:
    """Begins calls as the API asks for them; `by` is who asks."""

    calls: CallStore
    transcripts: TranscriptStore
    people: People
    telephony: Telephony
    stream: StreamHub
    effects: Effects
    repeating: Repeating
    joins: Joins
    slots: Slots
    clock: Clock
    options: PlaceOptions

    async def place(self, body: bytes, key: str | None, by: str, deadline: Deadline) -> Placed:
        """Begin the call that a request asks for; under one `key` a request begins one call.

        Returns the call as it is then, which may be a while before it is up. Raises BadInputError
        naming the field, ForbiddenError for a number that may not be dialled, TooManyError,
        IllegalStateError where the call was joined already, InProgressError and OtherBodyError for
        a key that is used, TelephonyRefusedError where ACS refused, and UnavailableError.
        """
        request = parse_place(body)
        caller = self._check(request)
        new = new_call_id(self.clock.now(), secrets.token_hex(16))
        claimed = Claimed(new)
        if key is not None:
            claimed = await self.repeating.claim(by, key, body, new, deadline)
        found = None if claimed.fresh else await self.calls.read(claimed.call_id)
        if found is not None:
            return await self._again(found, request)
        placed = await self._begin(claimed, request, caller, by, deadline)
        await self.repeating.done(claimed)
        return placed
