"""The faults that are still to come: which of them strikes next, and when each is over."""

import asyncio
from collections.abc import Collection
from typing import Any

import msgspec

from emulator.acs.faults import ANY_CALLBACK, ANY_REQUEST, DIAL, FRAME, Fault
from emulator.acs.results import Result


class PendingFault:
    """A fault, how often it still applies, how many it still spares, and its end."""

    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        self.left = fault.limit
        self.spared = fault.skip
        # What is frozen waits for this, also when the fault has been used up meanwhile.
        self.over = asyncio.Event()
        self.timer: asyncio.TimerHandle | None = None

    def matches(self, on: set[str], call: Collection[str], *, results: bool | None) -> bool:
        """Tell whether the fault is on one of these points of the call with these names."""
        fault = self.fault
        if fault.on not in on or (fault.call is not None and fault.call not in call):
            return False
        return results is None or fault.is_result == results

    def end(self) -> None:
        """Let go what the fault holds back."""
        self.over.set()
        if self.timer is not None:
            self.timer.cancel()


class Faults:
    """The pending faults, oldest first."""

    def __init__(self) -> None:
        self._pending: list[PendingFault] = []
        # Those that may still hold something back.
        self._unended: list[PendingFault] = []

    def add(self, fault: Fault) -> None:
        """Add a fault. Raises ServiceError for one that could never apply."""
        fault.check()
        pending = PendingFault(fault)
        self._pending.append(pending)
        self._unended.append(pending)
        if fault.seconds is not None:
            loop = asyncio.get_running_loop()
            pending.timer = loop.call_later(fault.seconds, self._end, pending)

    def clear(self, call: str | None = None) -> None:
        """Delete all faults, or those of one call; what they hold back goes on."""
        for pending in tuple(self._unended):
            if call in (None, pending.fault.call):
                self._end(pending)

    def describe(self) -> list[dict[str, Any]]:
        """Return the faults, and how many more times each applies."""
        return [
            {**msgspec.to_builtins(pending.fault), "left": pending.left}
            for pending in self._pending
        ]

    # In the following `call` has all names of a call: its id, who is called, where it is joined.

    def of_operation(self, name: str, call: Collection[str]) -> PendingFault | None:
        """Return the first fault on an operation, which is thereby used once."""
        return self._take({name, ANY_REQUEST}, call)

    async def failure_of(self, event: str, call: Collection[str]) -> Result | None:
        """Use the first fault that lets the attempt behind `event` fail; wait for its delay."""
        struck = self._take({event}, call, results=True)
        if struck is None:
            return None
        await asyncio.sleep(struck.fault.delay)
        return struck.fault.result

    async def failure_of_dial(self, call: Collection[str]) -> Result | None:
        """Use the first fault on the dialling of a stream; wait for its delay."""
        return await self.failure_of(DIAL, call)

    def of_delivery(self, event: str, call: Collection[str]) -> PendingFault | None:
        """Return the first fault on the delivery of `event`, which is thereby used once."""
        return self._take({event, ANY_CALLBACK}, call, results=False)

    def of_frame(self, call: Collection[str]) -> PendingFault | None:
        """Return the first fault on a frame, which is thereby used once."""
        return self._take({FRAME}, call)

    def _take(
        self, on: set[str], call: Collection[str], *, results: bool | None = None
    ) -> PendingFault | None:
        for pending in self._pending:
            if not pending.matches(on, call, results=results):
                continue
            if pending.spared:
                pending.spared -= 1
                continue
            if pending.left is not None:
                pending.left -= 1
                if not pending.left:
                    self._pending.remove(pending)
            return pending
        return None

    def _end(self, pending: PendingFault) -> None:
        pending.end()
        self._unended.remove(pending)
        if pending in self._pending:
            self._pending.remove(pending)
