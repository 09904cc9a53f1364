"""A stream opens and ends: who is let in, its connection's row, and what its call is told."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from callscribe.calls.effects import Effects
from callscribe.calls.events import StreamClosed, StreamOpened
from callscribe.calls.ports import Stored
from callscribe.foundation import log
from callscribe.foundation.columns import text_in
from callscribe.foundation.deadline import Deadline, retry
from callscribe.foundation.errors import CallscribeError
from callscribe.foundation.moments import Seconds
from callscribe.foundation.ports import Clock, TranscriptStore
from callscribe.foundation.retry import STORAGE
from callscribe.stream.connections import closed, connected, let_in_late
from callscribe.stream.dialled import Dial, dial_of
from callscribe.stream.door import Door
from callscribe.stream.doors import StreamDoor
from callscribe.stream.segments import Row
from callscribe.stream.state import encode, mark_written, opened
from callscribe.stream.streams import left_at
from callscribe.stream.upstream import UpstreamEvent, happened_at
from callscribe.trust.signatures import Standing

if TYPE_CHECKING:
    from callscribe.trust.dialling import DialVerifier

# The connection's row holds up a stream for no longer: its first event can write it too.
NOTE = Seconds(2)


@dataclass(frozen=True, slots=True)
class Connecting:
    """Lets streams in, and tells calls of them.

    `acs` gives the verifier of ACS's own tokens, which is slow to load and seldom needed.
    """

    door: Door
    entrance: StreamDoor
    acs: Callable[[], "DialVerifier"]
    transcripts: TranscriptStore
    effects: Effects
    clock: Clock

    async def connect(self, event: UpstreamEvent, deadline: Deadline) -> str:
        """Let a stream in whose call may have one; return its connection's state.

        Raises what the door refuses it with, and UnauthorizedError where it brings a token of ACS
        that is not valid.
        """
        now, dial = self.clock.now(), dial_of(event.body)
        stored = await self.entrance.enter(event, deadline)
        proof = await self._proof(dial, event.call_id, deadline)
        state = opened(happened_at(event, now), event.connection_id, written=False)
        if stored is None:
            log.warning("connectedUnseen", event.call_id, proof=proof)
            return encode(self.door.mark(Standing.UNSEEN, state, event))
        row = connected(state, event, dial, proof, now)
        if await self._noted(event.call_id, row, deadline):
            state = mark_written(state)
        log.info("streamOpened", event.call_id, streamId=state.stream_id, proof=proof)
        seen = StreamOpened(
            text_in(row.columns, "CallConnectionId"), text_in(row.columns, "CorrelationId")
        )
        await self._tell(event.call_id, seen, stored, deadline)
        return encode(self.door.mark(Standing.LET_IN, state, event))

    async def connected(self, event: UpstreamEvent, deadline: Deadline) -> None:
        """Note that a stream had to wait until it was let in: nothing was heard before."""
        row = let_in_late(event.state, event, self.clock.now())
        if row is not None:
            log.info("streamLetInLate", event.call_id, streamId=event.state.stream_id)
            await self._noted(event.call_id, row, deadline)

    async def disconnected(self, event: UpstreamEvent, deadline: Deadline) -> None:
        """Note that a stream has ended. Raises StorageUnavailableError at the deadline."""
        row = closed(event.state, event, self.clock.now())
        await retry(lambda: self._write(event.call_id, row), STORAGE, deadline)
        stream_id, missing = event.state.stream_id, row.columns["Missing"]
        log.info("streamClosed", event.call_id, streamId=stream_id, missing=missing)
        await self._tell(event.call_id, StreamClosed(left_at(row.columns)), None, deadline)

    async def _proof(self, dial: Dial, call_id: str, deadline: Deadline) -> str:
        """Return what proves a stream: its door's own proof, and ACS's token where it arrives."""
        if not dial.authorizations:
            return self.entrance.name
        signed = await self.acs().verify(dial.authorizations, call_id, deadline)
        return f"{self.entrance.name}+{signed}" if signed else self.entrance.name

    async def _noted(self, call_id: str, row: Row, deadline: Deadline) -> bool:
        """Write the row of a stream that opens; tell whether it is written."""
        soon = deadline.no_later_than(Deadline.after(NOTE))
        try:
            await retry(lambda: self._write(call_id, row), STORAGE, soon)
        except CallscribeError as error:
            log.warning("streamNotNoted", call_id, why=type(error).__name__)
            return False
        return True

    async def _write(self, call_id: str, row: Row) -> None:
        await self.transcripts.merge(call_id, row.key, row.columns)

    async def _tell(
        self,
        call_id: str,
        seen: StreamOpened | StreamClosed,
        stored: Stored | None,
        deadline: Deadline,
    ) -> None:
        """Tell a call of its stream; what is not told now the watch finds out."""
        try:
            await self.effects.tell(call_id, seen, stored, deadline)
        except CallscribeError as error:
            log.warning("streamNotTold", call_id, why=type(error).__name__)
