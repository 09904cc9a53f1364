"""Receive the callbacks of a call: decide on each event, perform the effects, write it down.

The row in the timeline comes last, and only an event that has one is a duplicate: when the worker
dies before that, the event is handled again when ACS sends it again.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from callscribe.calls.call import Call
from callscribe.calls.call_events import Callbacks, CallEvent
from callscribe.calls.changes import change
from callscribe.calls.effects import Effects
from callscribe.calls.events import Decision
from callscribe.calls.line import decide, is_of
from callscribe.calls.ports import CallStore, People
from callscribe.foundation import log
from callscribe.foundation.columns import Columns, known
from callscribe.foundation.deadline import Deadline, retry
from callscribe.foundation.errors import NotFoundError
from callscribe.foundation.identifiers import call_id_time, timeline_key
from callscribe.foundation.moments import Ms, Seconds, iso
from callscribe.foundation.ports import Clock, TranscriptStore
from callscribe.foundation.retry import STORAGE


@dataclass(frozen=True, slots=True)
class CallbackReceiver:
    """Receives callbacks that are verified; an outage of storage is outlasted for `patience`."""

    calls: CallStore
    transcripts: TranscriptStore
    people: People
    effects: Effects
    clock: Clock
    patience: Seconds

    async def receive(self, call_id: str, callbacks: Callbacks) -> None:
        """Handle all events of one request; nothing changes unless all are about this call.

        Raises NotFoundError for an unknown call or another call's event, UnavailableError where
        storage or ACS failed: the events that were handled by then are written down.
        """
        stored = await self._outlast(lambda: self.calls.read(call_id))
        if stored is None or not all(is_of(stored.call, event) for event in callbacks.events):
            raise NotFoundError("no such call")
        for problem in callbacks.problems:
            log.warning("callbackUnreadable", call_id, problem=problem)
        for event in callbacks.events:
            await self._handle(call_id, event)

    async def _handle(self, call_id: str, event: CallEvent) -> None:
        key = timeline_key(event.time or call_id_time(call_id), event.id)
        if await self._outlast(lambda: self.transcripts.has(call_id, key)):
            return
        decision = await self._outlast(lambda: self._decide(call_id, event))
        await self.effects.perform(decision)
        await self._outlast(lambda: self._note_people(decision.call, event))
        row = _row(event, self.clock.now())
        await self._outlast(lambda: self.transcripts.put(call_id, key, row))
        log.info("callback", call_id, type=event.type, code=event.code, subCode=event.sub_code)

    async def _decide(self, call_id: str, event: CallEvent) -> Decision:
        def rule(call: Call) -> Decision:
            if not is_of(call, event):  # its connection id became known in the meantime
                raise NotFoundError("no such call")
            return decide(call, event, self.clock.now())

        return await change(self.calls, self.clock, call_id, rule)

    async def _note_people(self, call: Call, event: CallEvent) -> None:
        if event.roster is not None:
            await self.people.note(call, event.roster, event.time or self.clock.now())
        else:
            await self.people.note_end(call)

    async def _outlast[T](self, operation: Callable[[], Awaitable[T]]) -> T:
        return await retry(operation, STORAGE, Deadline.after(self.patience))


def _row(event: CallEvent, now: Ms) -> Columns:
    return known(
        Type=event.type,
        Time=None if event.time is None else iso(event.time),
        EventId=event.id,
        Code=event.code or 0,
        SubCode=event.sub_code or 0,
        Message=event.message,
        Details=event.details,
        ReceivedAt=iso(now),
    )
