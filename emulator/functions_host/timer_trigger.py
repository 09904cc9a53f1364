"""Timer triggers: one call at a time, at the times of the schedule."""

import asyncio
import contextlib
import functools
import json
from datetime import UTC, datetime, timedelta
from typing import Any

from emulator.functions_host import schedules
from emulator.functions_host.bindings import expand
from emulator.functions_host.errors import AppError, FunctionFailedError, WorkerDiedError
from emulator.functions_host.function import Function
from emulator.functions_host.messages import TypedData
from emulator.functions_host.timer_state import TimerState
from emulator.functions_host.workers import Call, Workers

# .NET's DateTime.MinValue, which the host writes for a time that has not been.
NEVER = "0001-01-01T00:00:00"
# What a timer missed while no host ran is made up for, but not of one that fires more often:
# https://learn.microsoft.com/azure/azure-functions/functions-bindings-timer#configuration
_LEAST_MONITORED = timedelta(minutes=1)


class TimerTrigger:
    """Fires one timer function.

    What came due while the host did not run is made up for by one call, which is past due; what
    came due while the function ran is made up for at its end.
    """

    def __init__(self, workers: Workers, function: Function, state: TimerState) -> None:
        self._workers = workers
        self._function = function
        self._state = state
        self._last = NEVER
        try:
            self._schedule = schedules.parse(expand(str(function.trigger["schedule"])))
            self._is_monitored = self._monitored()
        except ValueError as error:
            raise AppError(f"{function.name}: {error}") from error

    async def run(self) -> None:
        """Fire until cancelled; a call begins only when the one before it has ended."""
        ran = self._state.ran(self._function.name) if self._is_monitored else None
        now = datetime.now(UTC)
        due = self._schedule.after(now)
        if ran is not None:
            self._last = ran.last
        if ran is not None and ran.due <= now:
            await self._fire(now, past_due=True)
        elif self._function.trigger.get("runOnStartup"):
            await self._fire(now)
        else:
            self._note(self._last, due)
        while True:
            await asyncio.sleep((due - datetime.now(UTC)).total_seconds())
            # `sleep` uses another clock than `now`, and may end a moment early: without `max` the
            # same time would be found, and fire, twice.
            began = max(datetime.now(UTC), due)
            await self._fire(due)
            due = self._schedule.after(began)

    def _monitored(self) -> bool:
        """Tell whether it is noted when the timer ran."""
        first = self._schedule.after(datetime.now(UTC))
        is_frequent = self._schedule.after(first) - first < _LEAST_MONITORED
        return bool(self._function.trigger.get("useMonitor", True)) and not is_frequent

    async def _fire(self, occurrence: datetime, *, past_due: bool = False) -> None:
        following = self._schedule.after(datetime.now(UTC))
        info = timer_info(self._last, following, past_due=past_due)
        call = self._workers.start(self._function, info)
        self._last = occurrence.isoformat()
        call.add_done_callback(functools.partial(self._ended, self._last, following))
        with contextlib.suppress(FunctionFailedError):
            # Shielded: a host that stops cancels the timer, and drains the call.
            await asyncio.shield(call)

    def _ended(self, last: str, following: datetime, call: Call) -> None:
        # One that was cut off is made up for by the next host.
        if not call.cancelled() and not isinstance(call.exception(), WorkerDiedError):
            self._note(last, following)

    def _note(self, last: str, following: datetime) -> None:
        if self._is_monitored:
            self._state.note(self._function.name, last, following)


def timer_info(
    last: str = NEVER, following: datetime | None = None, *, past_due: bool = False
) -> TypedData:
    """Return the data of a timer call; one made by hand has no times."""
    info: dict[str, Any] = {
        "Schedule": {"AdjustForDST": True},
        "ScheduleStatus": {
            "Last": last,
            "Next": following.isoformat() if following else NEVER,
            "LastUpdated": last,
        },
        "IsPastDue": past_due,
    }
    return TypedData(json=json.dumps(info))
