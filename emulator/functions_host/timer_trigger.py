"""Timers: one call at a time, at the times that the schedule names."""

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

NEVER = "0001-01-01T00:00:00"


class TimerTrigger:
    """Fires one timer function; missed times of an earlier run are not made up for."""

    def __init__(self, worker: Worker, function: Function) -> None:
        self._worker = worker
        self._function = function
        try:
            self._schedule = schedules.parse(expand(str(function.trigger["schedule"])))
            self._schedule.after(datetime.now(UTC))
        except ValueError as error:
            raise AppError(f"{function.name}: {error}") from error

    async def run(self) -> None:
        """Fire until cancelled, never before the last call has ended."""
        last = due = datetime.now(UTC)
        if self._function.trigger.get("runOnStartup"):
            await self._fire(last)
        while True:
            # The clock of `sleep` may run ahead: the next time is after the last one, whatever.
            due = self._schedule.after(max(datetime.now(UTC), due))
            await asyncio.sleep((due - datetime.now(UTC)).total_seconds())
            await self._fire(last)
            last = due

    async def _fire(self, last: datetime) -> None:
        following = self._schedule.after(datetime.now(UTC))
        call = self._worker.start(self._function, timer_info(last, following))
        with contextlib.suppress(FunctionFailedError):
            await asyncio.shield(call)


def timer_info(last: datetime | None = None, following: datetime | None = None) -> TypedData:
    """Describe a firing as the host does; one by hand has no times."""
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
