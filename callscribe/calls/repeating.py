"""Have each request done once: claim its key, tell a repetition from the first, and forget it.

The same conditional rows keep a call from being joined twice, and too many from being dialled.
"""

import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Protocol

from callscribe.calls.requests import (
    KEPT,
    Keys,
    Repeated,
    begin,
    columns_of,
    keys_of,
    proof_of,
    request_of,
    taken_over,
)
from callscribe.calls.slots import PARTITION, YOUNG, Slots, slots_of
from callscribe.foundation import log
from callscribe.foundation.columns import Columns, moment_in, text_in
from callscribe.foundation.deadline import Deadline, retry
from callscribe.foundation.errors import (
    AlreadyJoinedError,
    ConflictError,
    ForbiddenError,
    InProgressError,
    StillAnsweringError,
    TooManyError,
    UnavailableError,
)
from callscribe.foundation.moments import Ms, Seconds, elapsed, iso, later
from callscribe.foundation.ports import Clock
from callscribe.foundation.retry import STORAGE, Retry

# The first request with this key is at work: its outcome is waited for, as long as it may take.
FIRST = Retry(StillAnsweringError, first=Seconds(0.25), longest=Seconds(0.5), until=Seconds(20))
# Many requests may want one row at once, and each save of it is quick.
ROW = Retry(ConflictError, first=Seconds(0.05), longest=Seconds(0.5), until=Seconds(10), least=0.2)
# The answer to a request waits for its row no longer.
CLOSING = Seconds(3)
_PARTITIONS = tuple(f"{number:02x}" for number in range(256))


class ConditionalRows(Protocol):
    """Rows with versions: `storage.tables.Table`. Every method may raise UnavailableError."""

    async def read(self, partition: str, row: str) -> tuple[Columns, str] | None:
        """Return a row and its version, or None."""
        ...

    async def create(self, partition: str, row: str, columns: Columns) -> str:
        """Insert a row; return its version. Raises ConflictError if it exists."""
        ...

    async def replace(self, partition: str, row: str, columns: Columns, etag: str) -> str:
        """Write a row that is still at that version. Raises ConflictError otherwise."""
        ...

    async def delete(self, partition: str, row: str) -> None:
        """Delete a row if it exists."""
        ...

    def scan(self, partition: str) -> AsyncIterator[tuple[str, Columns]]:
        """Iterate over the rows of a partition, as key and columns."""
        ...


@dataclass(frozen=True, slots=True)
class Claimed:
    """A request and its call; `fresh` says that nobody began it, `keys` are those of its row.

    Only a request that is ours to do has keys, if it came with one.
    """

    call_id: str
    fresh: bool = True
    keys: Keys | None = None
    lease_id: str | None = None


@dataclass(frozen=True, slots=True)
class Repeating:
    """Claims requests by their keys, those of one deployment."""

    rows: ConditionalRows
    clock: Clock
    deployment: str

    async def claim(
        self, by: str, route: str, key: str, body: bytes, call_id: str, deadline: Deadline
    ) -> Claimed:
        """Claim a request for us to do, or return the call of the one that was done before.

        Where another worker is at it, its end is waited for. Raises InProgressError where it does
        not come in time, OtherBodyError where the key was used for another body.
        """
        keys = keys_of(self.deployment, by, route, key)
        wanted = begin(call_id, proof_of(key, body), secrets.token_hex(8), self.clock.now())
        busy: list[InProgressError] = []

        async def attempt() -> Claimed:
            try:
                return await retry(lambda: self._attempt(keys, wanted), STORAGE)
            except InProgressError as error:
                busy[:] = [error]
                raise StillAnsweringError("another worker is at this request") from error
            except ConflictError as error:
                raise StillAnsweringError("another worker was faster") from error

        try:
            return await retry(attempt, FIRST, deadline)
        except StillAnsweringError:
            if busy:
                raise busy[0] from None
            raise

    async def _attempt(self, keys: Keys, wanted: Repeated) -> Claimed:
        found = await self.rows.read(keys.partition, keys.row)
        if found is None:
            await self.rows.create(keys.partition, keys.row, columns_of(wanted))
            return Claimed(wanted.call_id, keys=keys, lease_id=wanted.lease_id)
        before = request_of(found[0])
        mine = taken_over(before, wanted, self.clock.now())
        if mine is None:
            return Claimed(before.call_id, fresh=False)
        if mine != before:
            await self.rows.replace(keys.partition, keys.row, columns_of(mine), found[1])
        fresh = mine.call_id == wanted.call_id
        return Claimed(mine.call_id, fresh=fresh, keys=keys, lease_id=mine.lease_id)

    async def done(self, claimed: Claimed) -> None:
        """Note that a request of ours has ended; if that fails, it has when its lease expires."""
        await self._close(claimed, began=True)

    async def release(self, claimed: Claimed) -> None:
        """Forget a request of ours that began nothing: its key may be used again at once."""
        await self._close(claimed, began=False)

    async def _close(self, claimed: Claimed, *, began: bool) -> None:
        keys = claimed.keys
        if keys is None:
            return

        async def attempt() -> None:
            found = await self.rows.read(keys.partition, keys.row)
            # Another worker that has taken the request over may have begun its call.
            if found is None or request_of(found[0]).lease_id != claimed.lease_id:
                return
            if began:
                ended = columns_of(replace(request_of(found[0]), done=True))
                await self.rows.replace(keys.partition, keys.row, ended, found[1])
            else:
                await self.rows.delete(keys.partition, keys.row)

        try:
            await retry(attempt, STORAGE, Deadline.after(CLOSING))
        except UnavailableError as error:
            log.info("requestNotClosed", claimed.call_id, why=type(error).__name__)

    async def sweep(self) -> None:
        """Forget the keys of requests that are older than a day. Raises StorageUnavailableError."""
        oldest = later(self.clock.now(), Seconds(-KEPT))
        for partition in _PARTITIONS:
            async for row, columns in self.rows.scan(partition):
                if (moment_in(columns, "At") or Ms(0)) < oldest:
                    await self.rows.delete(partition, row)


@dataclass(frozen=True, slots=True)
class Joins:
    """Keeps us from joining a call twice."""

    rows: ConditionalRows
    clock: Clock
    deployment: str

    async def claim(
        self, locator: str, call_id: str, is_up: Callable[[str], Awaitable[bool | None]]
    ) -> None:
        """Note that a call joins at a locator.

        Raises AlreadyJoinedError where a call of ours that `is_up` has joined there already; one
        that has no record (None) is about to, for a moment.
        """
        keys = keys_of(self.deployment, "join", locator)

        async def attempt() -> None:
            columns: Columns = {"CallId": call_id, "At": iso(self.clock.now())}
            found = await self.rows.read(keys.partition, keys.row)
            if found is None:
                await self.rows.create(keys.partition, keys.row, columns)
                return
            other = text_in(found[0], "CallId") or ""
            if other == call_id:
                return
            up = await is_up(other)
            if up is None:
                since = moment_in(found[0], "At") or Ms(0)
                up = 0 <= elapsed(since, self.clock.now()) < YOUNG
            if up:
                raise AlreadyJoinedError(
                    "join: a call of ours is there already; again: true joins once more",
                    other,
                )
            await self.rows.replace(keys.partition, keys.row, columns, found[1])

        await retry(lambda: retry(attempt, STORAGE), ROW)


@dataclass(frozen=True, slots=True)
class Dialling:
    """Bounds how many people may be on calls that were placed, at the same time (`DIAL_AT_ONCE`).

    One row of the deployment lists those calls. It is changed under its version, so the bound holds
    however many requests come at once; which calls are over is looked up only when it seems full.
    """

    rows: ConditionalRows
    deployment: str
    at_once: int

    async def take(
        self, call_id: str, people: int, now: Ms, active: Callable[[], Awaitable[set[str]]]
    ) -> None:
        """Take places for the people of a call.

        Raises TooManyError where there are not enough now, ForbiddenError where there never are.
        `active` returns the ids of the calls that are not over.
        """
        if people > self.at_once:
            raise ForbiddenError(
                f"to: DIAL_AT_ONCE allows {self.at_once} people on placed calls at a time", "to"
            )

        async def attempt() -> None:
            found = await self.rows.read(PARTITION, self.deployment)
            slots = slots_of({} if found is None else found[0])
            if not slots.fits(people, self.at_once, call_id):
                slots = slots.without_ended(await active(), now)
            if not slots.fits(people, self.at_once, call_id):
                raise TooManyError(
                    f"to: DIAL_AT_ONCE allows {self.at_once} people on placed calls at a time"
                )
            await self._save(slots.taken(call_id, people, now), None if found is None else found[1])

        await retry(lambda: retry(attempt, STORAGE), ROW)

    async def _save(self, slots: Slots, etag: str | None) -> None:
        if etag is None:
            await self.rows.create(PARTITION, self.deployment, slots.columns())
        else:
            await self.rows.replace(PARTITION, self.deployment, slots.columns(), etag)
