"""The two doors for streams: which call a `connect` is for, and what proves that it is.

By `token`, Web PubSub has proved it: it made the token that is in the address. By `ticket`, Web
PubSub lets everybody dial, and the address has a ticket that only ACS was given; this door fails
closed. Both ask the same rule whether the call gets a stream (`calls.admission`).
"""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Protocol

from callscribe.calls.admission import admit
from callscribe.calls.ports import CallStore, Stored
from callscribe.calls.tickets import holds
from callscribe.foundation.deadline import Deadline, retry
from callscribe.foundation.errors import StorageUnavailableError, UnauthorizedError
from callscribe.foundation.moments import Ms, Seconds
from callscribe.foundation.ports import Clock
from callscribe.foundation.retry import STORAGE
from callscribe.stream.dialled import agrees, dial_of, ticketed
from callscribe.stream.door import Door
from callscribe.stream.upstream import UpstreamEvent, parse_upstream

# After so long without storage a `connect` by token is let in unchecked: refusing it would lose
# all that is said on the call, and every second of waiting loses a part of it.
UNSEEN = Seconds(2)
# A healthy read takes milliseconds. Who has not proved anything waits longer only in a place, so
# that strangers who dial while storage is slow hold up none of the requests of streams.
FIRST_LOOK = Seconds(1)
MOST_WAITING = 4


class StreamDoor(Protocol):
    """One of the doors; `name` is the proof that it asks for."""

    @property
    def name(self) -> str:
        """What proves a stream here: `token` or `ticket`."""
        ...

    def event(self, headers: Mapping[str, str], body: bytes, now: Ms) -> UpstreamEvent:
        """Read a `connect` event from its headers (names in lower case) and body.

        Raises an error that refuses it where it names no call.
        """
        ...

    async def enter(self, event: UpstreamEvent, deadline: Deadline) -> Stored | None:
        """Return the call of a stream that is let in; None where it is, but was not seen.

        Raises an error that refuses any other stream.
        """
        ...

    def user(self, event: UpstreamEvent) -> str | None:
        """Return the user that Web PubSub must be told, where it does not know it."""
        ...


@dataclass(frozen=True, slots=True)
class TokenDoor:
    """Lets in who has a token of Web PubSub: it names the call, as the connection's user."""

    door: Door
    name: str = "token"

    def event(self, headers: Mapping[str, str], body: bytes, now: Ms) -> UpstreamEvent:
        """Read a `connect` event. Raises NotFoundError where its user is no call."""
        return parse_upstream(headers, body, now)

    async def enter(self, event: UpstreamEvent, deadline: Deadline) -> Stored | None:
        """Return the call; None where storage does not answer within two seconds.

        Raises NotFoundError where there is no such call, or it has been over for ten minutes.
        """
        try:
            async with asyncio.timeout(min(UNSEEN, max(deadline.left, 0))):
                return await self.door.open(event.call_id)
        except (StorageUnavailableError, TimeoutError):
            return None

    def user(self, _event: UpstreamEvent) -> None:
        """Return nothing: Web PubSub has the user from its token."""
        return


@dataclass(frozen=True, slots=True)
class Places:
    """The places of those who wait without having proved anything: one for each call."""

    taken: set[str] = field(default_factory=set)

    @contextmanager
    def take(self, call_id: str) -> Iterator[None]:
        """Hold a place meanwhile. Raises StorageUnavailableError where there is none."""
        if call_id in self.taken or len(self.taken) >= MOST_WAITING:
            raise StorageUnavailableError("too many wait for storage already")
        self.taken.add(call_id)
        try:
            yield
        finally:
            self.taken.remove(call_id)


@dataclass(frozen=True, slots=True)
class TicketDoor:
    """Lets in who shows a live ticket of the call; `longest` is how long an address holds.

    Whatever is wrong is answered alike, so that nobody learns which calls there are.
    """

    calls: CallStore
    clock: Clock
    longest: Seconds
    name: str = "ticket"
    places: Places = field(default_factory=Places)

    def event(self, headers: Mapping[str, str], body: bytes, now: Ms) -> UpstreamEvent:
        """Read a `connect` event. Raises UnauthorizedError where its address has no ticket."""
        return ticketed(headers, body, now, self.longest)

    async def enter(self, event: UpstreamEvent, deadline: Deadline) -> Stored:
        """Return the call.

        Raises UnauthorizedError without a ticket of it, StorageUnavailableError where it cannot be
        read by the deadline, or too many wait for that.
        """
        stored, dial = await self._read(event.call_id, deadline), dial_of(event.body)
        now = self.clock.now()
        if stored is None or not holds(stored.call, dial.ticket, now):
            raise UnauthorizedError("no live ticket of the call")
        if not admit(stored.call, now):
            raise UnauthorizedError("the call gets no stream")
        if not agrees(dial, stored.call):
            raise UnauthorizedError("dialled for another connection")
        return stored

    def user(self, event: UpstreamEvent) -> str:
        """Return the call: Web PubSub drops a connection whose user it does not learn."""
        return event.call_id

    async def _read(self, call_id: str, deadline: Deadline) -> Stored | None:
        try:
            async with asyncio.timeout(min(FIRST_LOOK, max(deadline.left, 0))):
                return await self.calls.read(call_id)
        except (StorageUnavailableError, TimeoutError):
            with self.places.take(call_id):
                return await retry(lambda: self.calls.read(call_id), STORAGE, deadline)
