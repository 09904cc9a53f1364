"""What all parts share: serving on the loopback address, and the shape of errors."""

import asyncio
import errno
import logging
import signal
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from typing import Any

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

LOOPBACK = "127.0.0.1"
# As the services' own fronts take: the Functions host was seen to take 20 KB, and not 40 KB.
LONGEST_HEADER = 32 * 1024


class PortTakenError(Exception):
    """The port of a part is in use; the message names the variable that changes it."""

    def __init__(self, part: str, port: int, variable: str) -> None:
        super().__init__(
            f"port {port} is taken, and {part} needs it: "
            f"stop what listens there, or choose another one with {variable}"
        )


async def serve(
    app: web.Application,
    *,
    part: str,
    port: int,
    variable: str,
    until: Callable[[], Coroutine[Any, Any, None]] | None = None,
    unpacks: bool = True,
) -> None:
    """Serve `app` on the loopback address until SIGINT or SIGTERM, or until `until` returns.

    `unpacks`: bodies with a Content-Encoding are given to the handlers unpacked. Raises
    PortTakenError when the port is in use.
    """
    # Long-lived WebSockets are closed by the app's own handlers; what is left has one second.
    runner = web.AppRunner(
        app,
        access_log=None,
        handle_signals=False,
        shutdown_timeout=1,
        max_field_size=LONGEST_HEADER,
        auto_decompress=unpacks,
    )
    logging.getLogger("aiohttp.server").addFilter(without_values)
    await runner.setup()
    stopped = stop_signal()
    try:
        site = web.TCPSite(runner, LOOPBACK, port)
        try:
            await site.start()
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise PortTakenError(part, port, variable) from error
            raise
        print(f"{part} listens on http://localhost:{port}", flush=True)
        ends = [asyncio.create_task(end()) for end in (stopped.wait, until) if end]
        await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        for end in ends:
            end.cancel()
    finally:
        await runner.cleanup()


def without_values(record: logging.LogRecord) -> bool:
    """Leave of a line about a request that could not be read no more than why; keep the line.

    The web server's own line quotes what was sent, such as the beginning of a bearer token.
    """
    error = record.exc_info[1] if record.exc_info else None
    if any(isinstance(each, HttpProcessingError) for each in _with_causes(error)):
        record.msg, record.args = "A request could not be read: %s", (type(error).__name__,)
        record.exc_info = record.exc_text = None
    return True


def _with_causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def stop_signal() -> asyncio.Event:
    """Listen for SIGINT and SIGTERM from now on; return what one of them sets.

    Listen before anybody can know that the part is there: a signal that comes earlier is lost.
    """
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        try:
            loop.add_signal_handler(number, stopped.set)
        # On Windows event loops have no signal handlers.
        except NotImplementedError:
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(stopped.set))
    return stopped


def error(status: int, code: str, message: str) -> web.Response:
    """Return the control APIs' one error shape: `{"error": {"code", "message"}}`."""
    return web.json_response({"error": {"code": code, "message": message}}, status=status)


def not_emulated(what: str) -> web.Response:
    """Return the response for what the real service has and this emulator does not."""
    # 501, never a plausible answer: no test may pass because something is missing here.
    return error(501, "NotEmulated", f"{what} is not emulated; docs/emulator.md lists what is")


Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
