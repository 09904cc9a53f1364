"""Take a stream's events: every final segment is a row before its event is acknowledged.

One write per frame, no read: what must be remembered of a connection travels in its state.
"""

import asyncio
from dataclasses import dataclass

from callscribe.calls.call import Call
from callscribe.calls.ports import CallStore, LiveFeed
from callscribe.foundation import log
from callscribe.foundation.columns import Columns
from callscribe.foundation.errors import NotFoundError, StorageRefusedError, StorageUnavailableError
from callscribe.foundation.identifiers import connection_key, quarantine_key, segment_key
from callscribe.foundation.jobs import Job
from callscribe.foundation.moments import iso
from callscribe.foundation.ports import Clock, JobQueue, TranscriptStore
from callscribe.foundation.retry import patiently
from callscribe.stream.frames import Frame, Metadata, Speech, Unreadable, parse_frame
from callscribe.stream.live_messages import live_json
from callscribe.stream.segments import fits, quarantine_columns, read_segment, segment_columns
from callscribe.stream.state import (
    StreamState,
    count_frame,
    count_gap,
    encode,
    mark_written,
    opened,
    opened_at,
    place,
    restore,
    start_clock,
)
from callscribe.stream.upstream import UpstreamEvent, close_reason, connect_headers

CONNECT_SECONDS = 2.0
LATE_SECONDS = 600


@dataclass(frozen=True, slots=True)
class Transcribing:
    """Takes verified events of stream connections."""

    calls: CallStore
    transcripts: TranscriptStore
    jobs: JobQueue
    feed: LiveFeed
    clock: Clock
    patience: float
    finish_delay: float

    async def connect(self, event: UpstreamEvent) -> str:
        """Accept a connection of a known call; return its state for `ce-connectionState`.

        A call that storage cannot tell about within 2 s is accepted: refusing would lose all its
        words. Raises NotFoundError for an unknown call, or one that ended ten minutes ago.
        """
        now = self.clock.now()
        state = opened(now, written=True)
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                await self._admit(event.call_id, now)
                row = _connection_row(event, state, now) | _client(event.body)
                await self.transcripts.merge(event.call_id, connection_key(state.stream_id), row)
        except (StorageUnavailableError, TimeoutError):
            log.warning("connectedUnseen", event.call_id)
            state = opened(now, written=False)
        log.info("streamOpened", event.call_id, stream_id=state.stream_id)
        return encode(state)

    async def message(self, event: UpstreamEvent) -> str:
        """Take one frame; return the connection's new state. Returning means that it is stored.

        Raises StorageUnavailableError when storage stayed out for longer than the patience.
        """
        before = restore(event.state, event.connection_id)
        try:
            state = await self._frame(event, parse_frame(event.body), before)
        except StorageRefusedError:
            refused = Unreadable("refused by storage")
            state = await self._frame(event, refused, before)
        return encode(await self._written(event, state))

    async def _frame(self, event: UpstreamEvent, frame: Frame, before: StreamState) -> StreamState:
        """Store what a frame says; return the connection's state after it."""
        state = count_frame(before, frame, event.number)
        match frame:
            case Metadata():
                return await self._metadata(event, frame, state)
            case Speech():
                return await self._speech(event, frame, state)
            case Unreadable():
                await self._quarantine(event, frame.reason, state)
                return state

    async def disconnected(self, event: UpstreamEvent) -> None:
        """Note the end of a connection and have the call reported on a little later."""
        state = count_gap(restore(event.state, event.connection_id), event.number)
        now = self.clock.now()
        # The ce-time has whole seconds; our own clock is finer but may be late.
        row = _connection_row(event, state, now) | {
            "ClosedAt": iso(min(now, event.second * 1000 + 999)),
            "CloseReason": close_reason(event.body),
        }
        await self._merge(event.call_id, connection_key(state.stream_id), row)
        job = Job("finish", event.call_id)
        await patiently(lambda: self.jobs.put(job, self.finish_delay), self.clock, self.patience)
        log.info("streamClosed", event.call_id, stream_id=state.stream_id, missing=state.missing)

    async def _admit(self, call_id: str, now: int) -> None:
        stored = await self.calls.read(call_id)
        if stored is None or _long_over(stored.call, now):
            raise NotFoundError("no such call")

    async def _metadata(
        self, event: UpstreamEvent, metadata: Metadata, state: StreamState
    ) -> StreamState:
        state = start_clock(state, metadata, event.second)
        row = _connection_row(event, state, self.clock.now())
        row |= {"Locale": metadata.locale, "SubscriptionId": metadata.subscription_id}
        await self._merge(event.call_id, connection_key(state.stream_id), row)
        return mark_written(state)

    async def _speech(
        self, event: UpstreamEvent, speech: Speech, state: StreamState
    ) -> StreamState:
        placed = place(state, speech, event.second)
        row = segment_columns(event, speech, placed, self.clock.now())
        key = segment_key(event.second, state.stream_id, event.sequence)
        kind = "segment" if speech.final else "intermediate"
        message = {"type": kind} | live_json(read_segment(key, row))
        self.feed.publish(event.call_id, message)
        if not speech.final:
            return placed.state
        if fits(row):
            await self._put(event.call_id, key, row)
        else:
            await self._quarantine(event, "too large for an entity", placed.state)
        return placed.state

    async def _quarantine(self, event: UpstreamEvent, reason: str, state: StreamState) -> None:
        log.warning("frameQuarantined", event.call_id, reason=reason, bytes=len(event.body))
        row = quarantine_columns(event, reason, state, self.clock.now())
        key = quarantine_key(event.second, state.stream_id, event.sequence)
        try:
            await self._put(event.call_id, key, row)
        except StorageRefusedError:
            # Never a 4xx or 5xx for what cannot be stored: it would hang up the stream.
            known: Columns = {
                name: value for name, value in row.items() if not isinstance(value, bytes)
            }
            await self._put(event.call_id, key, known)

    async def _written(self, event: UpstreamEvent, state: StreamState) -> StreamState:
        """Write the connection's row where `connect` could not."""
        if state.written:
            return state
        row = _connection_row(event, state, self.clock.now())
        await self._merge(event.call_id, connection_key(state.stream_id), row)
        return mark_written(state)

    async def _put(self, call_id: str, key: str, row: Columns) -> None:
        await patiently(lambda: self.transcripts.put(call_id, key, row), self.clock, self.patience)

    async def _merge(self, call_id: str, key: str, row: Columns) -> None:
        await patiently(
            lambda: self.transcripts.merge(call_id, key, row), self.clock, self.patience
        )


def _connection_row(event: UpstreamEvent, state: StreamState, now: int) -> Columns:
    row: Columns = {
        "ConnectionId": event.connection_id,
        "ReceivedAt": iso(now),
        "Seen": state.seen,
        "Missing": state.missing,
        "Metadata": state.metadata,
    }
    opening = opened_at(state)
    return row | ({} if opening is None else {"OpenedAt": iso(opening)})


def _client(body: bytes) -> Columns:
    """Keep who ACS says it dials for; its own token is never kept."""
    headers = connect_headers(body)
    found = {
        "CallConnectionId": headers.get("x-ms-call-connection-id", ""),
        "CorrelationId": headers.get("x-ms-call-correlation-id", ""),
    }
    return {name: value for name, value in found.items() if value}


def _long_over(call: Call, now: int) -> bool:
    return call.terminal and now - (call.ended_at or call.rang_at) > LATE_SECONDS * 1000
