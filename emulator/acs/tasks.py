"""Background tasks: they end with the emulator, and their exceptions are reported."""

import asyncio
from collections.abc import Coroutine
from typing import Any


class Tasks:
    """The running tasks."""

    def __init__(self) -> None:
        # The event loop keeps weak references only: without this set a task could be collected.
        self._running: set[asyncio.Task[None]] = set()

    def spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Run `work` in a task of its own."""
        task = asyncio.get_running_loop().create_task(work)
        self._running.add(task)
        task.add_done_callback(self._finish)
        return task

    async def cancel(self) -> None:
        """Cancel all tasks and wait until they have ended."""
        # A task that is being cancelled may still start another one, such as a last callback.
        while running := tuple(self._running):
            for task in running:
                task.cancel()
            await asyncio.wait(running)

    def _finish(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        if not task.cancelled() and (problem := task.exception()):
            # Nobody awaits these tasks: without this the exception would be lost silently.
            context = {"message": "the ACS emulator has a bug", "exception": problem}
            task.get_loop().call_exception_handler(context)
