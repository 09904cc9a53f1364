"""Change a call: read, decide, save; storage decides races, and who loses one decides again."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from callscribe.calls.call import Call
from callscribe.calls.events import Decision
from callscribe.calls.ports import CallStore, Stored
from callscribe.foundation.deadline import NEVER, Deadline, retry
from callscribe.foundation.errors import ConflictError, NotFoundError
from callscribe.foundation.moments import Ms, Seconds
from callscribe.foundation.retry import STORAGE, Retry

# A race for the row was lost: a few events of one call may come at once, and a save is quick.
RACE = Retry(ConflictError, first=Seconds(0.1), longest=Seconds(0.8), attempts=5, least=0.2)

Rule = Callable[[Call], Decision]
# What is done before a save: with the call as it is stored, and as it will be.
Before = Callable[[Call, Call], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Changed:
    """What was decided, the call before and after, and the version of its row of active calls.

    That version was read before a save that ended the call: with it the row may be deleted.
    """

    decision: Decision
    before: Call
    stored: Stored
    listed: str | None = None

    @property
    def new(self) -> bool:
        """Whether anything was changed."""
        return self.before != self.stored.call


async def change(
    calls: CallStore,
    call_id: str,
    rule: Rule,
    known: Stored | None = None,
    deadline: Deadline = NEVER,
    before: Before | None = None,
) -> Changed:
    """Apply a rule to the stored call and return what was decided; its steps are not done here.

    `known` saves a read: the call as it was read a moment ago. The rule is applied again to what
    won when a race is lost. Raises NotFoundError for an unknown call, ConflictError when five
    races in a row were lost, StorageUnavailableError when storage stayed out until the deadline.
    """
    first = [known] if known else []

    async def attempt() -> Changed:
        stored = first.pop() if first else await calls.read(call_id)
        if stored is None:
            raise NotFoundError("no such call")
        decision = rule(stored.call)
        if before is not None and decision.call != stored.call:
            await before(stored.call, decision.call)
        return await _applied(calls, stored, decision)

    return await retry(lambda: retry(attempt, STORAGE, deadline), RACE)


async def _applied(calls: CallStore, stored: Stored, decision: Decision) -> Changed:
    call = decision.call
    if call == stored.call:
        return Changed(decision, stored.call, stored)
    listed = await calls.listed(call.id) if call.terminal else None
    if decision.reopened:
        # Active first: the watch forgets an active call that is over, but never finds a call
        # that is up and not listed.
        await calls.open(call, Ms(0), None)
    saved = await calls.save(call, stored.etag)
    return Changed(decision, stored.call, saved, listed)
