"""Receive the callbacks of a call: decide on each event, perform the effects, write it down.

The row in the timeline comes last, and only an event that has one is a duplicate: when the worker
dies before that, the event is handled again when ACS sends it again.
"""

from dataclasses import dataclass

from callscribe.calls.call import Call
from callscribe.calls.call_events import Callbacks, CallEvent
from callscribe.calls.changes import change
from callscribe.calls.decide import decide
from callscribe.calls.effects import Effects
from callscribe.calls.events import Decision
from callscribe.calls.line import is_of
from callscribe.calls.ports import CallStore, People, Stored
from callscribe.foundation import log
from callscribe.foundation.columns import Columns, known
from callscribe.foundation.deadline import Deadline, retry
from callscribe.foundation.errors import NotFoundError
from callscribe.foundation.identifiers import call_id_time, timeline_key
from callscribe.foundation.moments import Ms, iso
from callscribe.foundation.ports import Clock, TranscriptStore
from callscribe.foundation.retry import STORAGE

_RUNS = frozenset({"TranscriptionStarted", "TranscriptionUpdated"})


@dataclass(frozen=True, slots=True)
class CallbackReceiver:
    """Receives callbacks that are verified."""

    calls: CallStore
    transcripts: TranscriptStore
    people: People
    effects: Effects
    clock: Clock

    async def receive(self, call_id: str, callbacks: Callbacks, deadline: Deadline) -> None:
        """Handle all events of one request; nothing changes unless all are about this call.

        Raises NotFoundError for an unknown call or another call's event, UnavailableError where
        storage stayed out until the deadline: the events that were handled by then are written
        down. What an event asks for and could not be done is followed up by the watch.
        """
        stored = await retry(lambda: self.calls.read(call_id), STORAGE, deadline)
        if stored is None or not all(is_of(stored.call, event) for event in callbacks.events):
            raise NotFoundError("no such call")
        for problem in callbacks.problems:
            log.warning("callbackUnreadable", call_id, problem=problem)
        for event in callbacks.events:
            stored = await self._handle(stored, event, deadline)

    async def _handle(self, stored: Stored, event: CallEvent, deadline: Deadline) -> Stored:
        call_id = stored.call.id
        key = timeline_key(event.time or call_id_time(call_id), event.id)
        if await retry(lambda: self.transcripts.has(call_id, key), STORAGE, deadline):
            return stored

        def rule(call: Call) -> Decision:
            if not is_of(call, event):  # its connection id became known in the meantime
                raise NotFoundError("no such call")
            return decide(call, event, self.clock.now(), self.effects.longest)

        changed = await change(self.calls, call_id, rule, stored, deadline, self.effects.prepare)
        told = await self.effects.perform(changed, deadline)
        await retry(lambda: self._note_people(told.call, event), STORAGE, deadline)
        row = _row(event, told.call, self.clock.now())
        await retry(lambda: self.transcripts.put(call_id, key, row), STORAGE, deadline)
        log.info("callback", call_id, type=event.type, code=event.code, subCode=event.sub_code)
        return told

    async def _note_people(self, call: Call, event: CallEvent) -> None:
        if event.roster is not None:
            await self.people.note(call, event.roster, event.time or self.clock.now())
        else:
            await self.people.note_end(call)


def _row(event: CallEvent, call: Call, now: Ms) -> Columns:
    return known(
        # What runs from then on; the stream itself may say nothing of a change.
        Locale=call.locale if event.type in _RUNS else None,
        Type=event.type,
        Time=None if event.time is None else iso(event.time),
        EventId=event.id,
        Code=event.code or 0,
        SubCode=event.sub_code or 0,
        Message=event.message,
        Details=event.details,
        ReceivedAt=iso(now),
    )
