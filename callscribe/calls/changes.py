"""Change a call: read, decide, save; storage settles races, and the loser decides again."""

from collections.abc import Callable

from callscribe.calls.call import Call
from callscribe.calls.events import Decision, EffectKind
from callscribe.calls.ports import CallStore
from callscribe.foundation.deadline import retry
from callscribe.foundation.errors import ConflictError, NotFoundError
from callscribe.foundation.moments import Seconds
from callscribe.foundation.ports import Clock
from callscribe.foundation.retry import Retry

# A race for the row was lost: a few events of one call may come at once, and a save is quick.
RACE = Retry(ConflictError, first=Seconds(0.1), longest=Seconds(0.8), attempts=5, least=0.2)


async def change(
    calls: CallStore, clock: Clock, call_id: str, rule: Callable[[Call], Decision]
) -> Decision:
    """Apply a rule to the stored call and return what was decided; its effects are not done here.

    The rule is applied again to what won when a race is lost. Raises NotFoundError for an unknown
    call, ConflictError when five races in a row were lost, StorageUnavailableError.
    """

    async def attempt() -> Decision:
        stored = await calls.read(call_id)
        if stored is None:
            raise NotFoundError("no such call")
        decision = rule(stored.call)
        if decision.call == stored.call:
            return decision
        if any(effect.kind is EffectKind.REOPEN for effect in decision.effects):
            # Active first: the watch forgets an active call that has ended, but never finds a
            # call that is up and not listed.
            await calls.remember(call_id, clock.now())
        await calls.save(decision.call, stored.etag)
        return decision

    return await retry(attempt, RACE)
