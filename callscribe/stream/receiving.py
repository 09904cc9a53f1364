"""Receive a stream's events: every final segment is a row before its event is acknowledged.

One write per frame, no read: what must be remembered of a connection travels in its state.
"""

import asyncio
from dataclasses import dataclass

from callscribe.calls.admission import admit
from callscribe.calls.effects import Effects
from callscribe.calls.events import StreamClosed, StreamOpened
from callscribe.calls.ports import CallStore, LiveFeed, Stored
from callscribe.foundation import log
from callscribe.foundation.columns import text_in
from callscribe.foundation.deadline import Deadline, retry
from callscribe.foundation.errors import (
    CallscribeError,
    NotFoundError,
    StorageRefusedError,
    StorageUnavailableError,
)
from callscribe.foundation.moments import Seconds
from callscribe.foundation.ports import Clock, TranscriptStore
from callscribe.foundation.retry import STORAGE
from callscribe.stream.advance import Step, advance, closing, opening, refused, without_bytes
from callscribe.stream.segments import Row
from callscribe.stream.state import encode, opened
from callscribe.stream.upstream import Kind, UpstreamEvent, happened_at

# After so long without storage a `connect` is let in unchecked: refusing it would lose all that
# is said on the call, and every second of waiting loses a part of it.
CONNECT = Seconds(2)


@dataclass(frozen=True, slots=True)
class StreamReceiver:
    """Performs the steps of verified events, and tells calls of their streams."""

    calls: CallStore
    transcripts: TranscriptStore
    effects: Effects
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
                return await self._connect(event, deadline)
            case Kind.DISCONNECTED:
                await self._disconnected(event, deadline)
            case Kind.CONNECTED:
                # `connect` has done everything, and a reply to this event can carry no state.
                pass
        return None

    async def message(self, event: UpstreamEvent, deadline: Deadline) -> str:
        """Take one frame; return the connection's new state. Raises as `receive` does."""
        now = self.clock.now()
        step = advance(event.state, event, now)
        try:
            await self._perform(event, step, deadline)
        except StorageRefusedError:
            # Tried once more as a quarantined row: an error status would end the stream.
            step = refused(event.state, event, now)
            await self._perform(event, step, deadline)
        return encode(step.state)

    async def _connect(self, event: UpstreamEvent, deadline: Deadline) -> str:
        now = self.clock.now()
        moment = happened_at(event, now)
        state = opened(moment, event.connection_id, written=True)
        try:
            async with asyncio.timeout(min(CONNECT, max(deadline.left, 0))):
                stored = await self._admitted(event.call_id)
                for row in opening(state, event, now).rows:
                    await self._write(event.call_id, row)
        except (StorageUnavailableError, TimeoutError):
            log.warning("connectedUnseen", event.call_id)
            return encode(opened(moment, event.connection_id, written=False))
        log.info("streamOpened", event.call_id, streamId=state.stream_id)
        await self._tell_opened(event, stored, deadline)
        return encode(state)

    async def _tell_opened(self, event: UpstreamEvent, stored: Stored, deadline: Deadline) -> None:
        """Tell the call that its stream is open; what is not told now the watch finds out."""
        (row,) = opening(event.state, event, self.clock.now()).rows
        seen = StreamOpened(
            text_in(row.columns, "CallConnectionId"), text_in(row.columns, "CorrelationId")
        )
        try:
            await self.effects.tell(event.call_id, seen, stored, deadline)
        except CallscribeError as error:
            log.warning("streamNotTold", event.call_id, why=type(error).__name__)

    async def _disconnected(self, event: UpstreamEvent, deadline: Deadline) -> None:
        step = closing(event.state, event, self.clock.now())
        await self._perform(event, step, deadline)
        state = step.state
        log.info("streamClosed", event.call_id, streamId=state.stream_id, missing=state.missing)
        try:
            await self.effects.tell(event.call_id, StreamClosed(), None, deadline)
        except CallscribeError as error:
            log.warning("streamNotTold", event.call_id, why=type(error).__name__)

    async def _perform(self, event: UpstreamEvent, step: Step, deadline: Deadline) -> None:
        # Published first and not waited for, so that viewers do not wait for storage.
        if step.live is not None:
            self.feed.publish(event.call_id, step.live)
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

    async def _write(self, call_id: str, row: Row) -> None:
        write = self.transcripts.put if row.whole else self.transcripts.merge
        await write(call_id, row.key, row.columns)

    async def _admitted(self, call_id: str) -> Stored:
        stored = await self.calls.read(call_id)
        if stored is None or not admit(stored.call, self.clock.now()):
            raise NotFoundError("no such call")
        return stored
