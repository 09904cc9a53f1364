"""The worker process: the app in Microsoft's runtime, called by the host over a socket.

`python -m emulator.functions_host.worker_main PORT FOLDER`, with a token on standard input.
"""

import asyncio
import logging
import os
import signal
import sys
from pathlib import Path

from emulator.functions_host import host_json, wire, worker
from emulator.functions_host.errors import AppError, LoadError
from emulator.functions_host.logs import configure_logging, filter_lines
from emulator.functions_host.worker import App


def main() -> None:
    """Serve until the host closes the socket or dies."""
    # Signals go to the whole group, and only the host acts on them: it ends this process.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    configure_logging()
    asyncio.run(_serve(int(sys.argv[1]), Path(sys.argv[2])))


async def _serve(port: int, directory: Path) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(sys.stdin.readline().encode())
    app = await _load(directory, writer)
    running: set[asyncio.Task[None]] = set()
    while call := await wire.read(reader, wire.Call):
        task = asyncio.create_task(_call(app, call, writer))
        running.add(task)
        task.add_done_callback(running.discard)
    logging.shutdown()
    sys.stdout.flush()
    # A function in a thread cannot be ended, and the interpreter would wait for it.
    os._exit(0)


async def _load(directory: Path, writer: asyncio.StreamWriter) -> App | None:
    try:
        app = await worker.load(directory)
    except (AppError, LoadError) as error:
        wire.write(writer, wire.Loaded((), str(error), isinstance(error, AppError)))
        return None
    # Only now: why an app cannot be loaded is printed, whatever its `host.json` says.
    options = host_json.read(directory, os.environ)
    filter_lines(options.log_levels, app.function_of_line)
    wire.write(writer, wire.Loaded(app.functions))
    return app


async def _call(app: App | None, call: wire.Call, writer: asyncio.StreamWriter) -> None:
    # The app was loaded before, or the host would not call: what it read has changed since.
    not_loaded = wire.Outcome(call.number, None, "the app could not be loaded again")
    wire.write(writer, await app.call(call) if app else not_loaded)


if __name__ == "__main__":
    main()
