"""Change a call: read, decide, save; storage decides races, and who loses one decides again."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from callscribe.calls.call import Call
from callscribe.calls.events import Decision
from callscribe.calls.ports import CallStore, Stored
from callscribe.foundation.deadline import NEVER, Deadline, retry
from callscribe.foundation.errors import ConflictError, NotFoundError
from callscribe.foundation.moments import Seconds
from callscribe.foundation.retry import STORAGE, Retry

# A race for the row was lost: a few events of one call may come at once, and a save is quick.
RACE = Retry(ConflictError, first=Seconds(0.1), longest=Seconds(0.8), attempts=5, least=0.2)

Rule = Callable[[Call], Decision]
# What is done before a save, of the call as it is stored, and of what was decided; it returns the
# version of the call's row of active calls where it read that.
Before = Callable[[Call, Decision], Awaitable[str | None]]


@dataclass(frozen=True, slots=True)
class Changed:
    """What was decided, the call before and after, and the version of its row of active calls.

    That version was read before the save: with it the row may be deleted, or say less.
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

    `known` saves a read: the call as it was read a moment ago. `before` is done before a save, and
    again before each that follows a lost race. The rule is applied again to what
    won when a race is lost. Raises NotFoundError for an unknown call, ConflictError when five
    races in a row were lost, StorageUnavailableError when storage stayed out until the deadline.
    """
    first = [known] if known else []

    async def attempt() -> Changed:
        stored = first.pop() if first else await calls.read(call_id)
        if stored is None:
            raise NotFoundError("no such call")
        return await _applied(calls, stored, rule(stored.call), before)

    return await retry(lambda: retry(attempt, STORAGE, deadline), RACE)


async def _applied(
    calls: CallStore, stored: Stored, decision: Decision, before: Before | None
) -> Changed:
    if decision.call == stored.call:
        return Changed(decision, stored.call, stored)
    listed = None if before is None else await before(stored.call, decision)
    saved = await calls.save(decision.call, stored.etag)
    return Changed(decision, stored.call, saved, listed)
