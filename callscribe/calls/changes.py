"""Change a call: read, decide, save; storage decides races, and who loses one decides again."""

import random
from collections.abc import Callable
from contextlib import suppress

from callscribe.calls.call import Call
from callscribe.calls.events import Decision, EffectKind
from callscribe.calls.ports import CallStore
from callscribe.foundation.errors import ConflictError, NotFoundError
from callscribe.foundation.ports import Clock

MOST_TRIES = 5


async def change(
    calls: CallStore, clock: Clock, call_id: str, rule: Callable[[Call], Decision]
) -> Decision:
    """Apply a rule to the stored call and return what was decided; effects are the caller's.

    Raises NotFoundError for an unknown call, ConflictError when the race was lost five times.
    """
    for attempt in range(MOST_TRIES):
        if attempt:
            await clock.sleep(random.uniform(0.01, 0.05) * 2**attempt)  # noqa: S311 - jitter
        stored = await calls.read(call_id)
        if stored is None:
            raise NotFoundError("no such call")
        decision = rule(stored.call)
        if decision.call == stored.call:
            return decision
        if any(effect.kind is EffectKind.REOPEN for effect in decision.effects):
            # Active before alive: whoever is in the list without a record is swept up later.
            await calls.remember(call_id, clock.now())
        with suppress(ConflictError):
            await calls.save(decision.call, stored.etag)
            return decision
    raise ConflictError("the call keeps being changed by others")
