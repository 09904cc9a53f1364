"""`FUNCTIONS_HOST=func`: starts Microsoft's Core Tools, where installed, instead of this host.

Tested with a substitute only: the Core Tools are in no package registry that this project uses.
"""

import asyncio
import os
import shutil
from contextlib import suppress

from emulator.functions_host.errors import AppError
from emulator.functions_host.settings import Settings
from emulator.serving import stop_signal

GRACE_SECONDS = 10


async def run(settings: Settings) -> None:
    """Run `func start` until it ends or SIGINT or SIGTERM comes."""
    command = shutil.which("func")
    if command is None:
        raise AppError("FUNCTIONS_HOST=func, but there is no `func` on the PATH")
    stop = stop_signal()
    child = await asyncio.create_subprocess_exec(
        command, "start", "--port", str(settings.port), cwd=settings.app, env=os.environ
    )
    ended = asyncio.create_task(child.wait())
    stopped = asyncio.create_task(stop.wait())
    await asyncio.wait({ended, stopped}, return_when=asyncio.FIRST_COMPLETED)
    if not stopped.done():
        stopped.cancel()
        raise AppError(f"`func start` ended by itself with exit code {child.returncode}")
    with suppress(ProcessLookupError):  # Ctrl-C in a terminal reaches it as well.
        child.terminate()
    await asyncio.wait({ended}, timeout=GRACE_SECONDS)
    if not ended.done():
        child.kill()
        await ended
