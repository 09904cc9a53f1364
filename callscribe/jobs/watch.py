"""Watch over calls that are not over: poll ACS, follow up what is due, end what is over.

A round runs every 15 seconds. It never answers a call: the context to answer with is not stored.
"""

import asyncio
from dataclasses import dataclass

from callscribe.calls import outage
from callscribe.calls.call import Call, State
from callscribe.calls.effects import Effects, ask
from callscribe.calls.events import Answered, NotKnown, NotTold, Polled, RingOver, Woken
from callscribe.calls.ports import (
    NOT_WANTED,
    WANTED,
    Active,
    CallStatus,
    CallStore,
    Stored,
    Telephony,
)
from callscribe.calls.transcription import is_due
from callscribe.foundation import log
from callscribe.foundation.columns import moment_in, text_in
from callscribe.foundation.deadline import Deadline
from callscribe.foundation.errors import (
    ConflictError,
    TelephonyRefusedError,
    TelephonyUnavailableError,
)
from callscribe.foundation.identifiers import call_id_time, is_call_id, stream_id_in
from callscribe.foundation.moments import Ms, Seconds, elapsed, later
from callscribe.foundation.ports import Clock, TranscriptStore
from callscribe.stream.streams import Streams

# ACS counts requests against the resource's quota; a round is to be over before the next.
MOST_LOOKS = 600
LOOKS_A_SECOND = 50
SIDE_BY_SIDE = 32
ROUND = Seconds(12)
# A call is listed as active before its record is written: so long a record may be missing.
ORPHAN = Seconds(300)
# ACS did not answer: the next round asks again.
SOON = Seconds(5)


@dataclass(frozen=True, slots=True)
class Watch:
    """Looks after calls that are not over; a call is answered for `answer_until` from its ring."""

    calls: CallStore
    transcripts: TranscriptStore
    telephony: Telephony
    effects: Effects
    clock: Clock
    answer_until: Seconds

    async def reconcile(self) -> None:
        """Look at the calls that are due; trouble with one does not stop the others.

        Raises StorageUnavailableError where it cannot be told which are due.
        """
        deadline = Deadline.after(ROUND)
        due = await self.calls.due(self.clock.now(), MOST_LOOKS)
        round_ = _Round(self, deadline, asyncio.Semaphore(SIDE_BY_SIDE))
        found = await asyncio.gather(*(round_.one(place, row) for place, row in enumerate(due)))
        await self.calls.put_off([each for each in found if each is not None])

    async def look(self, active: Active, deadline: Deadline) -> Ms | None:
        """Look at one call; return when it is due again, None where that was noted already."""
        now = self.clock.now()
        if active.connection_id is None:
            return await self._check(active, now, deadline)
        due = self._is_old(active, now) or (
            active.try_at is not None and is_due(active.try_at, now)
        )
        connection_id = active.connection_id
        try:
            status = await ask(lambda: self.telephony.poll(connection_id), deadline)
        except (TelephonyRefusedError, TelephonyUnavailableError) as error:
            return await self._not_told(active, error.http_status, now, deadline, due=due)
        if status is None:
            event = NotKnown(await self._last_up(active.call_id))
            await self._tell(active, event, deadline)
            return None
        if as_expected(active, status) and not due:
            regular = later(now, WANTED if active.wanted else NOT_WANTED)
            return regular if active.try_at is None else min(regular, active.try_at)
        said = status.state, status.transcribing, status.locale
        polled = Polled(*said, active.number, connection_id)
        await self._tell(active, polled, deadline)
        return None

    async def _not_told(
        self, active: Active, status: int | None, now: Ms, deadline: Deadline, *, due: bool
    ) -> Ms | None:
        if self._is_old(active, now):
            event = NotTold(status, await self._last_up(active.call_id))
            await self._tell(active, event, deadline)
        elif due:
            await self._tell(active, Woken(), deadline)
        else:
            log.info("pollFailed", active.call_id, code=status)
        return later(now, SOON)

    def _is_old(self, active: Active, now: Ms) -> bool:
        """Tell whether a call is older than any should be: something is to be done about it."""
        return elapsed(call_id_time(active.call_id), now) > self.effects.longest

    async def _check(self, active: Active, now: Ms, deadline: Deadline) -> Ms | None:
        """Check a call that ACS cannot be asked about, for its connection id is not known."""
        stored = await self.calls.read(active.call_id)
        if stored is None:
            if elapsed(call_id_time(active.call_id), now) > ORPHAN:
                await self._forget(active)
            return later(now, WANTED)
        if stored.call.terminal:
            await self._close(active, stored, deadline)
        elif stored.call.is_own:
            await self._tell(active, Woken(), deadline)
        elif stored.call.connection_id is not None:
            await self.effects.keep(stored, active.etag)  # its row does not know that yet
        elif stored.call.state is State.ANSWERING:
            await self._check_ring(stored, now, deadline)
        else:
            # ACS cannot be asked; it may be older than any call.
            await self.effects.tell(active.call_id, NotTold(), stored, deadline)
        return later(now, NOT_WANTED if stored.call.is_own else SOON)

    async def _check_ring(self, stored: Stored, now: Ms, deadline: Deadline) -> None:
        """Check whether a call was answered by a worker that died before it could save that."""
        call = stored.call
        if answered := await self._dialled(call.id):
            await self.effects.tell(call.id, answered, stored, deadline)
        elif self._rings_no_more(call, now):
            await self.effects.tell(call.id, RingOver(), stored, deadline)

    def _rings_no_more(self, call: Call, now: Ms) -> bool:
        """Tell whether nobody has tried to have the call answered for as long as a phone rings.

        That is when its lease expired, by our own clock: when it rang is another clock's.
        """
        since = call.begun_at if call.lease_until is None else call.lease_until
        return is_due(since, now) and not 0 <= elapsed(since, now) <= self.answer_until

    async def _tell(
        self, active: Active, event: NotKnown | NotTold | Polled | Woken, deadline: Deadline
    ) -> None:
        stored = await self.calls.read(active.call_id)
        if stored is None:
            await self._forget(active)
        elif stored.call.terminal:
            await self._close(active, stored, deadline)
        else:
            told = await self.effects.tell(active.call_id, event, stored, deadline)
            self._note_outage(told.call)
            if told == stored:
                # Nothing was saved, so nothing noted when it is due again.
                await self.effects.keep(told, active.etag)

    def _note_outage(self, call: Call) -> None:
        """Log that transcription is wanted and does not run: once a minute, for an alert."""
        seconds, why = outage.to_tell(call, self.clock.now()), call.problem
        if seconds is not None:
            log.warning(
                "transcriptionOut",
                call.id,
                seconds=round(seconds),
                code=why and why.code,
                subCode=why and why.sub_code,
            )

    async def _close(self, active: Active, stored: Stored, deadline: Deadline) -> None:
        """Close a call that is over and still listed: the worker that ended it did not get to it.

        It is saved under its version, after its row was read: so a call that is up again stays.
        """
        saved = await self.effects.mark_closed(stored)
        await self.effects.finish(saved, active.etag, deadline)

    async def _forget(self, active: Active) -> None:
        try:
            await self.calls.close(active.call_id, active.etag)
        except ConflictError:
            log.info("closedLater", active.call_id)

    async def _dialled(self, call_id: str) -> Answered | None:
        """Return what the call's streams prove: ACS dials only for a call that it answered."""
        async for _, row in self.transcripts.rows(call_id, "c-", "d"):
            if connection_id := text_in(row, "CallConnectionId"):
                opened, correlation_id = moment_in(row, "OpenedAt"), text_in(row, "CorrelationId")
                return Answered(connection_id, None, correlation_id, opened)
        return None

    async def _last_up(self, call_id: str) -> Ms | None:
        """Return when the call is last known to have been up; None where no stream tells."""
        streams = Streams()
        async for key, row in self.transcripts.rows(call_id, "c-", "d"):
            streams.add_row(stream_id_in(key), row)
        return streams.last_closed()


@dataclass(frozen=True, slots=True)
class _Round:
    """One round: paced, so many side by side, within its deadline."""

    watch: Watch
    deadline: Deadline
    places: asyncio.Semaphore

    async def one(self, place: int, active: Active) -> tuple[Active, Ms] | None:
        """Look at one call in its turn; whatever goes wrong is a line in the log."""
        await asyncio.sleep(place / LOOKS_A_SECOND)
        async with self.places:
            try:
                if not is_call_id(active.call_id):
                    log.warning("foreignActiveCall")
                    return None
                async with asyncio.timeout(self.deadline.left):
                    again = await self.watch.look(active, self.deadline)
            except Exception as error:  # noqa: BLE001 - one call must not cost the others their look
                log.warning("reconcileFailed", active.call_id, why=type(error).__name__)
                again = later(self.watch.clock.now(), SOON)
        return None if again is None else (active, again)


def as_expected(active: Active, status: CallStatus) -> bool:
    """Tell whether ACS says of a call what is known of it already."""
    runs = active.runs is not None
    locale = (status.locale or active.runs or "").lower() == (active.runs or "").lower()
    up = (status.state == "connected") is active.connected
    return up and runs is status.transcribing and (locale or not runs)
