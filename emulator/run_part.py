"""One part in this process: `python -m emulator <part>`, typed by a person or run by the stack.

Separate from the command line, which takes longer to load than some parts take to start.
"""

import asyncio
import importlib
import os
import signal
import sys
import threading

from emulator import npm
from emulator.errors import StackError
from emulator.serving import PortTakenError

SERVERS = {
    "azurite": "emulator.azurite",
    "web-pubsub": "emulator.web_pubsub.server",
    "acs": "emulator.acs.server",
    "functions": "emulator.functions_host.server",
}
# What still runs after this time is ended: no part may outlive the stack.
END_SECONDS = 5.0


def run(part: str, *, until_input_ends: bool = False) -> int:
    """Run `part` until it is stopped, and return the exit code."""
    if until_input_ends:
        threading.Thread(target=_stop_with_input, daemon=True).start()
    server = importlib.import_module(SERVERS[part])
    try:
        settings = server.Settings.from_environ(os.environ)
    except (StackError, ValueError) as error:
        return _fail(part, error)
    try:
        asyncio.run(server.run(settings))
    except (StackError, PortTakenError) as error:
        return _fail(part, error)
    except KeyboardInterrupt:
        pass
    return 0


def install() -> int:
    """Install what the parts need, and return the exit code."""
    try:
        npm.AZURITE.install_visibly()
    except StackError as error:
        return _fail("azurite", error)
    return 0


def _fail(part: str, error: Exception) -> int:
    print(f"{part}: {error}", file=sys.stderr)
    return 1


def _stop_with_input() -> None:
    """Stop when standard input ends: then the process that started this one has died."""
    while os.read(0, 1024):
        pass
    # First as on Ctrl-C, so that connections are closed properly; then at once.
    signal.raise_signal(signal.SIGINT)
    threading.Event().wait(END_SECONDS)
    os._exit(1)
