"""Receive a stream's events: every final segment is a row before its event is acknowledged.

One write per frame, no read: what must be remembered of a connection travels in its state.
"""

import asyncio
from dataclasses import dataclass

from callscribe.calls.call import Call
from callscribe.calls.ports import CallStore, LiveFeed
from callscribe.foundation import log
from callscribe.foundation.deadline import Deadline, retry
from callscribe.foundation.errors import NotFoundError, StorageRefusedError, StorageUnavailableError
from callscribe.foundation.jobs import Job
from callscribe.foundation.moments import Ms, Seconds, elapsed
from callscribe.foundation.ports import Clock, JobQueue, TranscriptStore
from callscribe.foundation.retry import STORAGE
from callscribe.stream.advance import Step, Wish, advance, closing, opening, refused, without_bytes
from callscribe.stream.segments import Row
from callscribe.stream.state import encode, opened
from callscribe.stream.upstream import Kind, UpstreamEvent, happened_at

# After so long without storage a `connect` is let in unchecked: refusing it would lose all that
# is said on the call, and every second of waiting loses a part of it.
CONNECT = Seconds(2)
# Frames may come late, and ACS may open a stream again: only a call that has been over for longer
# than this gets no stream.
LATE = Seconds(600)


@dataclass(frozen=True, slots=True)
class StreamReceiver:
    """Performs the steps of verified events; outlasts an outage of storage of up to `patience`.

    A call is reported on `finish_delay` after the end of each of its streams.
    """

    calls: CallStore
    transcripts: TranscriptStore
    jobs: JobQueue
    feed: LiveFeed
    clock: Clock
    patience: Seconds
    finish_delay: Seconds

    async def receive(self, event: UpstreamEvent) -> str | None:
        """Take one event; return the connection's new state for `ce-connectionState`, if any.

        Returning means that what the event brought is stored. Raises NotFoundError where the
        connection is of an unknown call, or of one that has been over for ten minutes;
        StorageUnavailableError when storage was out for longer than that.
        """
        match event.kind:
            case Kind.MESSAGE:
                return await self.message(event)
            case Kind.CONNECT:
                return await self._connect(event)
            case Kind.DISCONNECTED:
                await self._disconnected(event)
            case Kind.CONNECTED:
                # `connect` has done everything, and a reply to this event can carry no state.
                pass
        return None

    async def message(self, event: UpstreamEvent) -> str:
        """Take one frame; return the connection's new state. Raises as `receive` does."""
        now = self.clock.now()
        step = advance(event.state, event, now)
        try:
            await self._perform(event, step)
        except StorageRefusedError:
            # Tried once more as a quarantined row: an error status would end the stream.
            step = refused(event.state, event, now)
            await self._perform(event, step)
        return encode(step.state)

    async def _connect(self, event: UpstreamEvent) -> str:
        now = self.clock.now()
        moment = happened_at(event, now)
        state = opened(moment, event.connection_id, written=True)
        try:
            async with asyncio.timeout(CONNECT):
                await self._admit(event.call_id, now)
                for row in opening(state, event, now).rows:
                    await self._write(event.call_id, row)
        except (StorageUnavailableError, TimeoutError):
            log.warning("connectedUnseen", event.call_id)
            state = opened(moment, event.connection_id, written=False)
        log.info("streamOpened", event.call_id, streamId=state.stream_id)
        return encode(state)

    async def _disconnected(self, event: UpstreamEvent) -> None:
        step = closing(event.state, event, self.clock.now())
        await self._perform(event, step)
        if Wish.REPORT in step.wishes:
            job, deadline = Job("finish", event.call_id), Deadline.after(self.patience)
            await retry(lambda: self.jobs.put(job, self.finish_delay), STORAGE, deadline)
        state = step.state
        log.info("streamClosed", event.call_id, streamId=state.stream_id, missing=state.missing)

    async def _perform(self, event: UpstreamEvent, step: Step) -> None:
        # Published first and not waited for, so that viewers do not wait for storage.
        if step.live is not None:
            self.feed.publish(event.call_id, step.live)
        if step.quarantined is not None:
            size = len(event.body)
            log.warning("frameQuarantined", event.call_id, reason=step.quarantined, bytes=size)
        for row in step.rows:
            await self._outlast(event.call_id, row)

    async def _outlast(self, call_id: str, row: Row) -> None:
        deadline = Deadline.after(self.patience)
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

    async def _admit(self, call_id: str, now: Ms) -> None:
        stored = await self.calls.read(call_id)
        if stored is None or _long_over(stored.call, now):
            raise NotFoundError("no such call")


def _long_over(call: Call, now: Ms) -> bool:
    return call.terminal and elapsed(call.ended_at or call.rang_at, now) > LATE
