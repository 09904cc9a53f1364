"""A part that serves ends by SIGINT and SIGTERM, from the moment on at which it can be seen."""

import asyncio
import os
import signal

import pytest

from emulator.serving import stop_signal


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_a_signal_right_after_listening_began_is_not_lost(number: signal.Signals) -> None:
    stopped = stop_signal()
    os.kill(os.getpid(), number)
    async with asyncio.timeout(60):
        await stopped.wait()
