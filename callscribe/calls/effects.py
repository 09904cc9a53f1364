"""Tell events to calls, and do what is then decided: ask ACS, wake in time, close what is over."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from callscribe.calls.call import Call, HangUp, State
from callscribe.calls.call_json import state_json
from callscribe.calls.changes import Changed, change
from callscribe.calls.decide import decide
from callscribe.calls.events import (
    Ask,
    Decision,
    Event,
    HungUp,
    NotKnown,
    NotTold,
    Polled,
    Replied,
    Woken,
)
from callscribe.calls.line import too_old
from callscribe.calls.ports import (
    NOT_WANTED,
    WANTED,
    CallStore,
    LiveFeed,
    Stored,
    StreamHub,
    Telephony,
)
from callscribe.calls.transcription import Failure, Operation, failure_of
from callscribe.calls.transcription_steps import Look
from callscribe.calls.wish import wish_row
from callscribe.foundation import log
from callscribe.foundation.deadline import NEVER, Deadline, retry
from callscribe.foundation.errors import (
    TelephonyRefusedError,
    TelephonyUnavailableError,
    UnavailableError,
)
from callscribe.foundation.jobs import Job
from callscribe.foundation.moments import Ms, Seconds, elapsed, later
from callscribe.foundation.ports import Clock, JobQueue, TranscriptStore
from callscribe.foundation.retry import STORAGE, Retry

# The watch runs so often: what is due before its next run is put into the queue as well.
WATCH = Seconds(15)
# A request to ACS that may act is made once, and what became of it is asked later.
ONCE = Retry(TelephonyUnavailableError, first=Seconds(0), longest=Seconds(0), attempts=1)
ASK = Seconds(5)
# A call that is not connected yet is looked at each time: the worker that answers it may die.
NOT_CONNECTED = Seconds(10)
# The last report comes ten times the usual delay after the end: frames may still be on the way.
LATE_FRAMES = 10


@dataclass(frozen=True, slots=True)
class Effects:
    """Tells events to calls and performs what is decided.

    When the worker dies before all is done, the call is still listed as active, and the watch does
    the rest. A call is reported on `finish_delay` after its end; `longest` is how old one may be
    that ACS will not tell about.
    """

    calls: CallStore
    transcripts: TranscriptStore
    telephony: Telephony
    stream: StreamHub
    jobs: JobQueue
    feed: LiveFeed
    clock: Clock
    finish_delay: Seconds
    longest: Seconds

    async def tell(
        self, call_id: str, event: Event, known: Stored | None = None, deadline: Deadline = NEVER
    ) -> Stored:
        """Tell a call what happened, save what that makes of it, and do what follows.

        Returns the call as it is stored then. Raises NotFoundError for an unknown call,
        UnavailableError when storage stayed out until the deadline: what was saved by then is
        followed up by the watch.
        """

        def rule(call: Call) -> Decision:
            return decide(call, event, self.clock.now(), self.longest)

        changed = await change(self.calls, call_id, rule, known, deadline, self.prepare)
        return await self.perform(changed, deadline)

    async def prepare(self, before: Call, decision: Decision) -> str | None:
        """Do what must be done before a change is saved, so that the worker may die any moment.

        A revision has its row before the record says the next one. A call that will wait for
        something says so in its row of active calls before its record does; one that will not,
        afterwards, and only if its row is still at the version that is returned: so no other
        change that waits for something is forgotten.
        """
        call = decision.call
        if before.wish.revision != call.wish.revision:
            await self.transcripts.insert(before.id, *wish_row(before.wish))
        if decision.reopened:
            # The watch forgets an active call that is over; it never finds one that is not listed.
            soon = later(self.clock.now(), WATCH)
            await self.calls.open(call, self.due(decision), decision.next_at or soon)
        elif call.terminal or decision.next_at is None:
            return await self.calls.listed(call.id)
        else:
            await self.calls.track(call, self.due(decision), decision.next_at)
        return None

    async def perform(self, changed: Changed, deadline: Deadline = NEVER) -> Stored:
        """Do what was decided, publish how the call stands, and have it looked at in time."""
        decision, stored = changed.decision, changed.stored
        if changed.new:
            await self._note(changed, deadline)
        for step in decision.steps:
            match step:
                case Operation():
                    stored = await self._operate(stored, step, deadline)
                case Look():
                    stored = await self._look(stored, step, deadline)
                case Ask.HANG_UP:
                    stored = await self._hang_up(stored, deadline)
                case Ask.FINISH:
                    await self.finish(stored, changed.listed, deadline)
        return stored

    async def finish(self, stored: Stored, listed: str | None, deadline: Deadline = NEVER) -> None:
        """Queue both reports of a call that is over, then take it off the list of active ones.

        `listed` is the version of its row there, read before the call was saved as over.
        """
        call = stored.call
        for delay in (self.finish_delay, Seconds(LATE_FRAMES * self.finish_delay)):
            await self._queue(Job("finish", call.id), delay, deadline)
        if listed is not None:
            try:
                await self.calls.close(call.id, listed)
            except UnavailableError as error:
                # The watch reads the row again; what the end was told by is not to fail for it.
                log.info("closedLater", call.id, why=type(error).__name__)
        log.info("callOver", call.id, state=call.state, code=call.reason and call.reason.code)

    async def mark_closed(self, stored: Stored) -> Stored:
        """Save a call that is over under its version, so that its row may be deleted."""
        closed = replace(stored.call, closed_at=self.clock.now())
        return await self.calls.save(closed, stored.etag)

    async def keep(self, stored: Stored, listed: str) -> None:
        """Note when a call of which nothing new was learnt is looked at again.

        `listed` is the version of its row, which was read before the call was.
        """
        call = stored.call
        if not call.terminal:
            decision = decide(call, Woken(), self.clock.now(), self.longest)
            await self._track(call, decision, listed)

    def due(self, decision: Decision) -> Ms:
        """Return when the call is looked at next, whatever happens."""
        call, now = decision.call, self.clock.now()
        wanted = WANTED if call.wish.on else NOT_WANTED
        looked_at = call.state is State.CONNECTED or call.is_own
        regular = later(now, wanted if looked_at else NOT_CONNECTED)
        return regular if decision.next_at is None else min(regular, decision.next_at)

    async def _note(self, changed: Changed, deadline: Deadline) -> None:
        decision, call = changed.decision, changed.stored.call
        self.feed.publish(call.id, state_json(call))
        if call.wish.revision != changed.before.wish.revision:
            key, row = wish_row(call.wish)
            await retry(lambda: self.transcripts.insert(call.id, key, row), STORAGE, deadline)
        if call.terminal:
            return
        if decision.next_at is None and changed.listed is not None:
            await self._track(call, decision, changed.listed)
        await self._wake_soon(decision, deadline)

    async def _track(self, call: Call, decision: Decision, listed: str) -> None:
        try:
            await self.calls.track(call, self.due(decision), decision.next_at, listed)
        except UnavailableError as error:
            log.info("listedAsBefore", call.id, why=type(error).__name__)  # which does no harm

    async def _wake_soon(self, decision: Decision, deadline: Deadline) -> None:
        """Have the queue wake the call where the watch would be late."""
        if decision.soon is None:
            return
        delay = elapsed(self.clock.now(), decision.soon)
        if delay < WATCH:
            await self._queue(Job("wake", decision.call.id), Seconds(max(delay, 0)), deadline)

    async def _operate(self, stored: Stored, operation: Operation, deadline: Deadline) -> Stored:
        call = stored.call
        try:
            connection_id = call.connection_id or ""
            await ask(lambda: self.telephony.transcribe(connection_id, operation), deadline)
        except TelephonyRefusedError as error:
            failure: Failure | None = failure_of(error.http_status, error.sub_code, str(error))
        except TelephonyUnavailableError as error:
            # An answer says that it was not done; silence says nothing.
            said = failure_of(error.http_status, error.sub_code, str(error), error.retry_after)
            failure = None if error.http_status is None else said
        else:
            return stored
        log.warning(
            "transcriptionNotAsked",
            call.id,
            kind=operation.kind,
            number=operation.number,
            code=failure and failure.reason.code,
        )
        return await self.tell(call.id, Replied(operation.number, failure), stored, deadline)

    async def _look(self, stored: Stored, look: Look, deadline: Deadline) -> Stored:
        call = stored.call
        connection_id = call.connection_id
        if connection_id is None:
            return await self._not_told(stored, None, deadline)
        try:
            status = await ask(lambda: self.telephony.poll(connection_id), deadline)
        except (TelephonyRefusedError, TelephonyUnavailableError) as error:
            return await self._not_told(stored, error.http_status, deadline)
        if status is None:
            return await self.tell(call.id, NotKnown(), stored, deadline)
        seen = Polled(status.state, status.transcribing, status.locale, look.after)
        return await self.tell(call.id, seen, stored, deadline)

    async def _not_told(self, stored: Stored, status: int | None, deadline: Deadline) -> Stored:
        """Note that ACS would not tell; whether another application's call streams is asked."""
        call, streams = stored.call, None
        if call.is_own:
            try:
                streams = await ask(lambda: self.stream.has_stream(call.id), deadline)
            except UnavailableError as error:
                log.info("streamsNotTold", call.id, why=type(error).__name__)
        event = NotTold(status, streams=streams)
        return await self.tell(call.id, event, stored, deadline)

    async def _hang_up(self, stored: Stored, deadline: Deadline) -> Stored:
        call = stored.call
        if too_old(call, self.clock.now(), self.longest):
            log.warning("callOverlong", call.id, tries=call.line.tries)
        try:
            everyone, connection_id = call.hang_up is HangUp.EVERYONE, call.connection_id or ""
            await ask(lambda: self.telephony.hang_up(connection_id, everyone=everyone), deadline)
        except (TelephonyRefusedError, TelephonyUnavailableError) as error:
            log.warning("notHungUp", call.id, why=type(error).__name__)
            return await self.tell(call.id, HungUp(), stored, deadline)
        return stored

    async def _queue(self, job: Job, delay: Seconds, deadline: Deadline) -> None:
        try:
            await retry(lambda: self.jobs.put(job, delay), STORAGE, deadline)
        except UnavailableError:
            if job.kind == "finish":
                raise  # the watch finds the call still listed, and finishes it
            log.warning("notWokenSooner", job.call_id)


async def ask[T](request: Callable[[], Awaitable[T]], deadline: Deadline) -> T:
    """Make a request to ACS, once; no answer within five seconds is none.

    Raises TelephonyUnavailableError then, and what the request raises.
    """
    return await retry(request, ONCE, Deadline.after(ASK).no_later_than(deadline))
