"""Work in the background that ends with the emulator, and whose bugs are seen."""

import asyncio
from collections.abc import Coroutine
from typing import Any


class Tasks:
    """Everything under way; nothing is lost to the garbage collector."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task[None]] = set()

    def spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Start `work`."""
        task = asyncio.get_running_loop().create_task(work)
        self._running.add(task)
        task.add_done_callback(self._finish)
        return task

    async def cancel(self) -> None:
        """Cancel everything and wait until it has ended."""
        while running := tuple(self._running):
            for task in running:
                task.cancel()
            await asyncio.wait(running)

    def _finish(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        if not task.cancelled() and (problem := task.exception()):
            context = {"message": "the ACS emulator has a bug", "exception": problem}
            task.get_loop().call_exception_handler(context)
