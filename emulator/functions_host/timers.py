"""All timers of a host: they run while it holds their lock."""

import asyncio
import logging
from collections.abc import Sequence

from emulator.functions_host.host_json import SingletonOptions
from emulator.functions_host.pace import Pace
from emulator.functions_host.timer_state import TimerState, silence
from emulator.functions_host.timer_trigger import TimerTrigger

log = logging.getLogger(__name__)


class Timers:
    """The timers and the lock that only one host has at a time."""

    def __init__(
        self,
        timers: Sequence[TimerTrigger],
        state: TimerState,
        options: SingletonOptions,
        pace: Pace,
    ) -> None:
        self._timers = timers
        self._state = state
        self._options = options
        self._pace = pace
        self._holds = False

    async def run(self) -> None:
        """Wait for the lock, if a host that died still has it, and fire until cancelled."""
        if not self._timers:
            return
        polling = self._options.listener_lock_recovery_polling_interval
        if seconds := silence(self._state.lock_remains(), polling):
            log.warning("Timers wait %.0f s: a host that was killed has their lock", seconds)
            await asyncio.sleep(self._pace.real(seconds))
        self._holds = True
        async with asyncio.TaskGroup() as running:
            running.create_task(self._state.hold_lock(self._options.listener_lock_period))
            for timer in self._timers:
                running.create_task(timer.run())

    def release(self) -> None:
        """Give the lock back: the next host runs the timers at once."""
        if self._holds:
            self._state.release_lock()
