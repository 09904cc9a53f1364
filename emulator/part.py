"""A part of the stack as a child process, which never outlives its parent.

Each part can be started, stopped, killed, frozen and started again on its own. Nothing here is
bound to an event loop: a part may be started in one loop and stopped in another.
"""

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from http import HTTPStatus
from pathlib import Path

import aiohttp

from emulator.errors import StackError
from emulator.serving import LOOPBACK, PortTakenError

POLL_SECONDS = 0.02
TAIL_LINES = 15
ROOT = Path(__file__).parent.parent

Hook = Callable[[], Awaitable[None]]


class PartFailedError(StackError):
    """A part did not start or has ended; the message has the end of its log."""


def check_port(part: str, port: int, variable: str) -> None:
    """Raise PortTakenError when something listens on `port`."""
    with socket.socket() as probe:
        # On Linux this ignores closed connections that still wait for their time-out. On Windows it
        # would allow two listeners on one port.
        if sys.platform != "win32":
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError as error:
            raise PortTakenError(part, port, variable) from error


async def listens(port: int) -> bool:
    """Tell whether something accepts connections on `port`."""
    try:
        _, writer = await asyncio.open_connection(LOOPBACK, port)
    except OSError:
        return False
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()
    return True


class Part:
    """A part of the stack: its command, its ports, and its process while it runs."""

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        *,
        ports: Sequence[int],
        variable: str,
        log: Path,
        environ: Mapping[str, str] | None = None,
        health: str | None = None,
    ) -> None:
        self.name = name
        self.command = list(command)
        self.ports = tuple(ports)
        self.variable = variable
        self.log = log
        self.environ = environ
        self.health = health
        self.grace_seconds = 5.0
        self.on_ready: Hook | None = None
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def port(self) -> int:
        """The first of the part's ports."""
        return self.ports[0]

    @property
    def url(self) -> str:
        """The address of the part's first port."""
        return f"http://localhost:{self.port}"

    @property
    def running(self) -> bool:
        """Whether the process exists; a frozen one counts as running."""
        return self._process is not None and self._process.poll() is None

    @property
    def ended(self) -> bool:
        """Whether the process has ended by itself, or by a signal of somebody else."""
        return self._process is not None and self._process.poll() is not None

    @property
    def pid(self) -> int:
        """The id of the running process."""
        if self._process is None:
            raise PartFailedError(f"{self.name} is not running")
        return self._process.pid

    def check_ports(self) -> None:
        """Raise PortTakenError for the first port that something else listens on."""
        for port in self.ports:
            check_port(self.name, port, self.variable)

    async def start(self, within: float = 60) -> None:
        """Start the process, wait until it answers, and set it up."""
        self.launch()
        await self.wait_ready(within)
        await self.set_up()

    def launch(self) -> None:
        """Start the process in a group of its own, without waiting until it answers."""
        if self.running:
            raise PartFailedError(f"{self.name} is already running")
        self.check_ports()
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 (our own command line)
                self.command,
                cwd=ROOT,
                env=self.environ,
                # Only this process holds the pipe open. When it has died, even by SIGKILL, the part
                # reads the end of its input and stops.
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                # Ctrl-C in a terminal goes to the whole group; the parts must be stopped in order.
                process_group=None if sys.platform == "win32" else 0,
                creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
            )

    async def wait_ready(self, within: float = 60) -> None:
        """Wait until the part answers. Raises PartFailedError when it ends or takes too long."""
        deadline = time.monotonic() + within
        while not await self.answers():
            if not self.running:
                raise PartFailedError(self.failure_message("ended while starting"))
            if time.monotonic() > deadline:
                raise PartFailedError(self.failure_message(f"did not answer within {within:g} s"))
            await asyncio.sleep(POLL_SECONDS)

    async def set_up(self) -> None:
        """Configure the new process, for example with its hubs."""
        if self.on_ready is not None:
            await self.on_ready()

    async def answers(self) -> bool:
        """Tell whether the part answers at its health address, or else on all its ports."""
        if self.health is None:
            return all([await listens(port) for port in self.ports])
        timeout = aiohttp.ClientTimeout(total=5)
        try:
            async with (
                aiohttp.ClientSession(timeout=timeout) as session,
                session.get(f"http://{LOOPBACK}:{self.port}{self.health}") as response,
            ):
                # A functions host with keys answers 401, and is healthy all the same.
                return response.status < HTTPStatus.INTERNAL_SERVER_ERROR
        except (aiohttp.ClientError, TimeoutError):
            return False

    async def stop(self) -> None:
        """Ask the process to end, wait some seconds, then kill what is left of it."""
        if self._process is None:
            return
        # A frozen process receives no signal but SIGKILL.
        self.thaw()
        self._ask_to_end()
        with contextlib.suppress(subprocess.TimeoutExpired):
            await asyncio.to_thread(self._process.wait, self.grace_seconds)
        self.kill()

    def kill(self) -> None:
        """End the process and its children at once; they cannot save anything."""
        if self._process is None:
            return
        self._send(signal.SIGTERM if sys.platform == "win32" else signal.SIGKILL)
        self._process.wait()
        if self._process.stdin is not None:
            with contextlib.suppress(OSError):
                self._process.stdin.close()
        self._process = None

    def freeze(self) -> None:
        """Suspend the process: the kernel still accepts connections, but nothing is answered."""
        self._send(signal.SIGSTOP)

    def thaw(self) -> None:
        """Resume a frozen process."""
        if sys.platform != "win32":
            self._send(signal.SIGCONT)

    def tail(self, lines: int = TAIL_LINES) -> str:
        """Return the last lines of the part's log."""
        return "\n".join(f"    {line}" for line in self._printed()[-lines:])

    def last_line(self) -> str:
        """Return the exit code, and what the process has printed last if it ended in order."""
        code = self._process.poll() if self._process else None
        printed = self._printed()
        return printed[-1] if code == 1 and printed else f"exit code {code}"

    def _printed(self) -> list[str]:
        if not self.log.exists():
            return []
        return self.log.read_text(encoding="utf-8", errors="replace").splitlines()

    def _ask_to_end(self) -> None:
        # Windows has no SIGTERM; there the end of the input has the same effect.
        if sys.platform == "win32" and self._process and self._process.stdin:
            self._process.stdin.close()
        else:
            self._send(signal.SIGTERM)

    def _send(self, number: int) -> None:
        if self._process is None or self._process.poll() is not None:
            return
        if sys.platform == "win32":
            self._process.send_signal(number)
            return
        # The process may have ended since the check above.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, number)

    def failure_message(self, what: str, lines: int = TAIL_LINES) -> str:
        """Return a message with what has happened, the exit code, and the end of the log."""
        code = self._process.poll() if self._process else None
        status = "" if code is None else f" (exit code {code})"
        printed = self.tail(lines) or "    (it printed nothing)"
        return f"{self.name} {what}{status}; the end of {self.log}:\n{printed}"
