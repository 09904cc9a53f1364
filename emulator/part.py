"""One part of the stack as a child process that never outlives its parent.

A part is started, waited for, stopped, killed, frozen and started again on its own. Nothing here is
bound to an event loop, so a part may be started in one loop and stopped in another.
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
from pathlib import Path

import aiohttp

from emulator.errors import StackError
from emulator.serving import LOOPBACK, PortTakenError

POLL_SECONDS = 0.02
TAIL_LINES = 15
ROOT = Path(__file__).parent.parent

Hook = Callable[[], Awaitable[None]]


class PartFailedError(StackError):
    """A part did not come up; the message has the end of its log."""


def check_port(part: str, port: int, variable: str) -> None:
    """Raise PortTakenError when something listens on `port`."""
    with socket.socket() as probe:
        if sys.platform != "win32":  # There it would allow sharing the port with a listener.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError as error:
            raise PortTakenError(part, port, variable) from error


async def listens(port: int) -> bool:
    """Say whether something accepts connections on `port`."""
    try:
        _, writer = await asyncio.open_connection(LOOPBACK, port)
    except OSError:
        return False
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()
    return True


class Part:
    """A part of the stack: its command, its ports, and the process once it is started."""

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
        self.grace = 5.0
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
        """Whether the process is there; a frozen one counts as running."""
        return self._process is not None and self._process.poll() is None

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
        """Start the process in a group of its own, without waiting for its answer.

        Its standard input is a pipe that only this process holds open: when we are gone, even by
        SIGKILL, the part reads its end and stops.
        """
        if self.running:
            raise PartFailedError(f"{self.name} is already running")
        self.check_ports()
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 (our own command line)
                self.command,
                cwd=ROOT,
                env=self.environ,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                # Ctrl-C in the terminal reaches us alone; we stop the parts in order.
                process_group=None if sys.platform == "win32" else 0,
                creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
            )

    async def wait_ready(self, within: float = 60) -> None:
        """Wait until the part answers; raise PartFailedError when it ends or takes too long."""
        deadline = time.monotonic() + within
        while not await self.answers():
            if not self.running:
                raise PartFailedError(self.obituary("ended while starting"))
            if time.monotonic() > deadline:
                raise PartFailedError(self.obituary(f"did not answer within {within:g} s"))
            await asyncio.sleep(POLL_SECONDS)

    async def set_up(self) -> None:
        """Tell the new process what it cannot know by itself."""
        if self.on_ready is not None:
            await self.on_ready()

    async def answers(self) -> bool:
        """Say whether the part does its work: by its health address, else by its ports."""
        if self.health is None:
            return all([await listens(port) for port in self.ports])
        timeout = aiohttp.ClientTimeout(total=5)
        try:
            async with (
                aiohttp.ClientSession(timeout=timeout) as session,
                session.get(f"http://{LOOPBACK}:{self.port}{self.health}") as response,
            ):
                return response.status < 500  # noqa: PLR2004 (a host with keys says 401 to us)
        except (aiohttp.ClientError, TimeoutError):
            return False

    async def stop(self) -> None:
        """Ask the process to end, wait for its grace, then kill what is left of it."""
        if self._process is None:
            return
        self.thaw()
        self._ask_to_end()
        with contextlib.suppress(subprocess.TimeoutExpired):
            await asyncio.to_thread(self._process.wait, self.grace)
        self.kill()

    def kill(self) -> None:
        """End the process and its children at once, without a chance to save anything."""
        if self._process is None:
            return
        self._send(signal.SIGTERM if sys.platform == "win32" else signal.SIGKILL)
        self._process.wait()
        if self._process.stdin is not None:
            with contextlib.suppress(OSError):
                self._process.stdin.close()
        self._process = None

    def freeze(self) -> None:
        """Let the process hang: connections are accepted by the kernel, nothing is answered."""
        self._send(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let a frozen process go on."""
        if sys.platform != "win32":
            self._send(signal.SIGCONT)

    def tail(self) -> str:
        """Return the last lines that the part has printed."""
        if not self.log.exists():
            return ""
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        return "\n".join(f"    {line}" for line in lines[-TAIL_LINES:])

    def _ask_to_end(self) -> None:
        if sys.platform == "win32" and self._process and self._process.stdin:
            self._process.stdin.close()  # No SIGTERM there: the end of its input says the same.
        else:
            self._send(signal.SIGTERM)

    def _send(self, number: int) -> None:
        if self._process is None or self._process.poll() is not None:
            return
        if sys.platform == "win32":
            self._process.send_signal(number)
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):  # Already ended.
            os.killpg(self._process.pid, number)

    def obituary(self, what: str) -> str:
        """Say what happened to the part, with its exit code and the end of its log."""
        code = self._process.poll() if self._process else None
        status = "" if code is None else f" (exit code {code})"
        printed = self.tail() or "    (it printed nothing)"
        return f"{self.name} {what}{status}; the end of {self.log}:\n{printed}"
