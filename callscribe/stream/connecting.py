"""A stream opens and ends: who is let in, its connection's row, and what its call is told.

A stream is refused only where its call is known to have none: all that is said on it is lost then.
"""

import asyncio
from dataclasses import dataclass

from callscribe.calls.effects import Effects
from callscribe.calls.events import StreamClosed, StreamOpened
from callscribe.calls.ports import Stored
from callscribe.foundation import log
from callscribe.foundation.columns import text_in
from callscribe.foundation.deadline import Deadline, retry
from callscribe.foundation.errors import CallscribeError, StorageUnavailableError
from callscribe.foundation.moments import Seconds
from callscribe.foundation.ports import Clock, TranscriptStore
from callscribe.foundation.retry import STORAGE
from callscribe.stream.connections import closed, connected
from callscribe.stream.door import Door
from callscribe.stream.segments import Row
from callscribe.stream.state import encode, opened
from callscribe.stream.upstream import UpstreamEvent, happened_at
from callscribe.trust.signatures import Standing

# After so long without storage a `connect` is let in unchecked: refusing it would lose all that
# is said on the call, and every second of waiting loses a part of it.
CONNECT = Seconds(2)


@dataclass(frozen=True, slots=True)
class Connecting:
    """Lets streams in, and tells calls of them."""

    door: Door
    transcripts: TranscriptStore
    effects: Effects
    clock: Clock

    async def connect(self, event: UpstreamEvent, deadline: Deadline) -> str:
        """Let a stream in whose call may have one; return its connection's state.

        Raises NotFoundError where there is no such call, or it has been over for ten minutes.
        """
        now = self.clock.now()
        moment = happened_at(event, now)
        state = opened(moment, event.connection_id, written=True)
        row = connected(state, event, now)
        try:
            async with asyncio.timeout(min(CONNECT, max(deadline.left, 0))):
                stored = await self.door.open(event.call_id)
                await self._write(event.call_id, row)
        except (StorageUnavailableError, TimeoutError):
            log.warning("connectedUnseen", event.call_id)
            unseen = opened(moment, event.connection_id, written=False)
            return encode(self.door.mark(Standing.UNSEEN, unseen, event))
        log.info("streamOpened", event.call_id, streamId=state.stream_id)
        seen = StreamOpened(
            text_in(row.columns, "CallConnectionId"), text_in(row.columns, "CorrelationId")
        )
        await self._tell(event.call_id, seen, stored, deadline)
        return encode(self.door.mark(Standing.LET_IN, state, event))

    async def disconnected(self, event: UpstreamEvent, deadline: Deadline) -> None:
        """Note that a stream has ended. Raises StorageUnavailableError at the deadline."""
        row = closed(event.state, event, self.clock.now())
        await retry(lambda: self._write(event.call_id, row), STORAGE, deadline)
        stream_id, missing = event.state.stream_id, row.columns["Missing"]
        log.info("streamClosed", event.call_id, streamId=stream_id, missing=missing)
        await self._tell(event.call_id, StreamClosed(), None, deadline)

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
