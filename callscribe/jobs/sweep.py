"""Find, once a day, calls that are up and yet not listed as active: nobody would look after them.

No way is known on which a call could get lost so; a row may also be deleted by another program.
"""

from dataclasses import dataclass

from callscribe.calls.call import UP, Call, State
from callscribe.calls.ports import CallStore
from callscribe.foundation import log
from callscribe.foundation.deadline import Deadline, within
from callscribe.foundation.identifiers import call_keys
from callscribe.foundation.moments import Seconds, day, days_back, later
from callscribe.foundation.ports import Clock

# Calls of this many days are looked at: longer than a call may last, and a weekend without the app.
DAYS = 7
# As many calls are read at a time as storage sends in a page.
PAGE = 1_000
# The host ends a function after five minutes, unless told otherwise:
# https://learn.microsoft.com/azure/azure-functions/functions-host-json#functiontimeout
SWEEP = Seconds(240)


@dataclass(frozen=True, slots=True)
class Sweep:
    """Lists what fell through; `deployment` is whose calls are ours, None where all are."""

    calls: CallStore
    clock: Clock
    deployment: str | None

    async def sweep(self) -> None:
        """List each call that is up as active again; the watch looks at it, and does the rest.

        Raises StorageUnavailableError; then some calls were not looked at.
        """
        now = self.clock.now()
        oldest = day(later(now, Seconds(-DAYS * 86_400)))
        with within(Deadline.after(SWEEP)):
            for each in days_back(oldest, day(now)):
                for state in sorted(UP):
                    await self._of_day(each, state)

    async def _of_day(self, utc_day: str, state: State) -> None:
        after: str | None = None
        while True:
            found = await self.calls.of_day(utc_day, after, PAGE, state)
            for call in found:
                await self._look(call)
            if len(found) < PAGE:
                return
            _, after = call_keys(found[-1].id)

    async def _look(self, call: Call) -> None:
        ours = self.deployment is None or call.deployment == self.deployment
        if not ours or await self.calls.listed(call.id) is not None:
            return
        # It may have ended since it was read: the watch forgets an active call that is over.
        await self.calls.open(call, self.clock.now(), self.clock.now())
        log.warning("callFoundAgain", call.id, state=call.state)
