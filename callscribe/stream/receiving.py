"""Receive a stream's frames: every final segment is a row before its event is acknowledged.

One write per frame, no read: what must be remembered of a connection travels in its state.
"""

from dataclasses import dataclass

from callscribe.calls.ports import LiveFeed
from callscribe.foundation import log
from callscribe.foundation.deadline import Deadline, retry
from callscribe.foundation.errors import CallscribeError, ConflictError, StorageRefusedError
from callscribe.foundation.moments import Seconds
from callscribe.foundation.ports import Clock, TranscriptStore
from callscribe.foundation.retry import STORAGE
from callscribe.stream.advance import Step, advance, displaced, refused
from callscribe.stream.connecting import Connecting
from callscribe.stream.door import Door
from callscribe.stream.quarantine import without_bytes
from callscribe.stream.redelivered import expect_the_same
from callscribe.stream.segments import Row
from callscribe.stream.state import StreamState, encode, handled, mark_written
from callscribe.stream.upstream import Kind, UpstreamEvent
from callscribe.trust.signatures import Standing

# A row that is about the connection alone holds up no frame for longer.
NOTE = Seconds(2)


@dataclass(frozen=True, slots=True)
class StreamReceiver:
    """Takes verified events: performs the steps of frames; `connecting` is for all others."""

    door: Door
    connecting: Connecting
    transcripts: TranscriptStore
    feed: LiveFeed
    clock: Clock

    async def receive(self, event: UpstreamEvent, deadline: Deadline) -> str | None:
        """Take one event; return the connection's new state for `ce-connectionState`, if any.

        Returning means that what the event brought is stored. Raises NotFoundError where the
        connection is of an unknown call, or of one that has been over for ten minutes;
        StorageUnavailableError when storage stayed out until the deadline.
        """
        match event.kind:
            case Kind.MESSAGE:
                return await self.message(event, deadline)
            case Kind.CONNECT:
                return await self.connecting.connect(event, deadline)
            case Kind.DISCONNECTED:
                event = await self._let_in(event, deadline)
                await self.connecting.disconnected(event, deadline)
            case Kind.CONNECTED:
                # A reply to this event can carry no state: who has no mark is looked at later.
                if self._has_mark(event):
                    await self.connecting.connected(event, deadline)
        return None

    async def message(self, event: UpstreamEvent, deadline: Deadline) -> str:
        """Take one frame; return the connection's new state. Raises as `receive` does."""
        now = self.clock.now()
        event = await self._let_in(event, deadline)
        step = advance(event.state, event, now)
        try:
            await self._perform(event, step, deadline)
        except (StorageRefusedError, ConflictError) as error:
            # Tried once more as a quarantined row: an error status would end the stream.
            aside = displaced if isinstance(error, ConflictError) else refused
            step = aside(event.state, event, now)
            await self._perform(event, step, deadline)
        state = await self._noted(event, step, deadline)
        return encode(handled(state, event.at, self.clock.now()))

    async def _let_in(self, event: UpstreamEvent, deadline: Deadline) -> UpstreamEvent:
        """Return the event of a connection that is let in; one with a mark needs no read."""
        return event if self._has_mark(event) else await self.door.look(event, deadline)

    def _has_mark(self, event: UpstreamEvent) -> bool:
        ids = event.call_id, event.connection_id, event.state.stream_id
        return self.door.marks.read(event.state.mark, *ids) is Standing.LET_IN

    async def _perform(self, event: UpstreamEvent, step: Step, deadline: Deadline) -> None:
        # Published first and not waited for, so that viewers do not wait for storage.
        for message in step.live:
            self.feed.publish(event.call_id, message)
        if step.quarantined is not None:
            size = len(event.body)
            log.warning("frameQuarantined", event.call_id, reason=step.quarantined, bytes=size)
        for row in step.rows:
            await self._outlast(event.call_id, row, deadline)

    async def _outlast(self, call_id: str, row: Row, deadline: Deadline) -> None:
        try:
            await retry(lambda: self._write(call_id, row), STORAGE, deadline)
        except StorageRefusedError:
            bare = without_bytes(row)
            if bare.columns == row.columns:
                raise
            # A row without the frame's bytes is better than a 4xx or 5xx, which ends the stream:
            # https://learn.microsoft.com/azure/azure-web-pubsub/reference-cloud-events
            await retry(lambda: self._write(call_id, bare), STORAGE, deadline)

    async def _noted(self, event: UpstreamEvent, step: Step, deadline: Deadline) -> StreamState:
        """Write what a step notes of the connection, if anything; return the state.

        The frame is stored: where this fails, it is acknowledged, and the next event tries again.
        """
        note, soon = step.note, deadline.no_later_than(Deadline.after(NOTE))
        if note is None:
            return step.state
        try:
            await retry(lambda: self._write(event.call_id, note), STORAGE, soon)
        except CallscribeError as error:
            log.warning("streamNotNoted", event.call_id, why=type(error).__name__)
            return step.state
        return mark_written(step.state)

    async def _write(self, call_id: str, row: Row) -> None:
        if not row.whole:
            await self.transcripts.merge(call_id, row.key, row.columns)
        # Inserted: what is stored is never replaced by what comes later under the same numbers.
        elif not await self.transcripts.insert(call_id, row.key, row.columns):
            await expect_the_same(self.transcripts, call_id, row)
