"""Timer triggers: one call at a time, at the times of the schedule."""

import asyncio
import contextlib
import json
from datetime import UTC, datetime
from typing import Any

from emulator.functions_host import schedules
from emulator.functions_host.bindings import expand
from emulator.functions_host.errors import AppError, FunctionFailedError
from emulator.functions_host.messages import TypedData
from emulator.functions_host.worker import Function, Worker

# .NET's DateTime.MinValue, which the host writes for a time that has not been.
NEVER = "0001-01-01T00:00:00"


class TimerTrigger:
    """Fires one timer function.

    Times that were missed while the host did not run are skipped, unlike in Azure.
    """

    def __init__(self, worker: Worker, function: Function) -> None:
        self._worker = worker
        self._function = function
        try:
            self._schedule = schedules.parse(expand(str(function.trigger["schedule"])))
            self._schedule.after(datetime.now(UTC))
        except ValueError as error:
            raise AppError(f"{function.name}: {error}") from error

    async def run(self) -> None:
        """Fire until cancelled; a call begins only when the one before it has ended."""
        last = due = datetime.now(UTC)
        if self._function.trigger.get("runOnStartup"):
            await self._fire(last)
        while True:
            # `sleep` uses another clock than `now`, and may end a moment early: without `max` the
            # same time would be found, and fire, twice.
            due = self._schedule.after(max(datetime.now(UTC), due))
            await asyncio.sleep((due - datetime.now(UTC)).total_seconds())
            await self._fire(last)
            last = due

    async def _fire(self, last: datetime) -> None:
        following = self._schedule.after(datetime.now(UTC))
        call = self._worker.start(self._function, timer_info(last, following))
        with contextlib.suppress(FunctionFailedError):
            # Shielded: a host that stops cancels the timer, and drains the call.
            await asyncio.shield(call)


def timer_info(last: datetime | None = None, following: datetime | None = None) -> TypedData:
    """Return the data of a timer call; one made by hand has no times."""
    info: dict[str, Any] = {
        "Schedule": {"AdjustForDST": True},
        "ScheduleStatus": {
            "Last": last.isoformat() if last else NEVER,
            "Next": following.isoformat() if following else NEVER,
            "LastUpdated": last.isoformat() if last else NEVER,
        },
        "IsPastDue": False,
    }
    return TypedData(json=json.dumps(info))
