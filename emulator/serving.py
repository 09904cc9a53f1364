"""What every part shares: serving on loopback until told to stop, and the shape of its errors."""

import asyncio
import errno
import signal
from collections.abc import Awaitable, Callable

from aiohttp import web

LOOPBACK = "127.0.0.1"


class PortTakenError(Exception):
    """The port that a part wants is in use; the message names the variable that changes it."""

    def __init__(self, part: str, port: int, variable: str) -> None:
        super().__init__(
            f"port {port} is taken, and {part} needs it: "
            f"stop what listens there, or choose another one with {variable}"
        )


async def serve(app: web.Application, *, part: str, port: int, variable: str) -> None:
    """Serve `app` on the loopback address until SIGINT or SIGTERM.

    Raises PortTakenError when the port is in use.
    """
    runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=1)
    await runner.setup()
    try:
        site = web.TCPSite(runner, LOOPBACK, port)
        try:
            await site.start()
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise PortTakenError(part, port, variable) from error
            raise
        print(f"{part} listens on http://localhost:{port}", flush=True)
        await stop_signal()
    finally:
        await runner.cleanup()


async def stop_signal() -> None:
    """Wait for SIGINT or SIGTERM."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        try:
            loop.add_signal_handler(number, stopped.set)
        except NotImplementedError:  # Windows' loops know no signals
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(stopped.set))
    await stopped.wait()


def error(status: int, code: str, message: str) -> web.Response:
    """Return the control APIs' one error shape: `{"error": {"code", "message"}}`."""
    return web.json_response({"error": {"code": code, "message": message}}, status=status)


def not_emulated(what: str) -> web.Response:
    """Say loudly that the real service has `what` and this emulator does not."""
    return error(501, "NotEmulated", f"{what} is not emulated; docs/emulator.md lists what is")


Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
