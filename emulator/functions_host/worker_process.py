"""One worker process, as the host sees it."""

import asyncio
import itertools
import os
import secrets
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from emulator.functions_host import wire
from emulator.functions_host.errors import AppError, WorkerDiedError
from emulator.functions_host.function import Function
from emulator.functions_host.messages import TypedData
from emulator.serving import LOOPBACK

_MODULE = "emulator.functions_host.worker_main"

type Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class WorkerProcess:
    """A process with the app in it; `on_end` is called when it is gone."""

    def __init__(
        self, process: asyncio.subprocess.Process, connection: Connection, loaded: wire.Loaded
    ) -> None:
        self.pid = process.pid
        self.loaded = loaded
        self._process = process
        self._reader, self._writer = connection
        self._numbers = itertools.count()
        self._calls: dict[int, asyncio.Future[wire.Outcome]] = {}

    @property
    def is_idle(self) -> bool:
        """Whether no function runs in it."""
        return not self._calls

    async def serve(self, on_end: Callable[[], None]) -> None:
        """Take the outcomes of calls until the process is gone."""
        try:
            while outcome := await wire.read(self._reader, wire.Outcome):
                call = self._calls.get(outcome.number)
                if call is not None and not call.done():
                    call.set_result(outcome)
        finally:
            self.kill()
            await self._process.wait()
            # Before the calls fail: who hears of that must not be given this process again.
            on_end()
            for call in self._calls.values():
                if not call.done():
                    call.set_exception(WorkerDiedError("the worker process has died"))

    async def call(
        self,
        function: Function,
        data: TypedData,
        metadata: dict[str, TypedData],
        trace_parent: str,
    ) -> wire.Outcome:
        """Call a function. Raises WorkerDiedError when the process dies meanwhile."""
        number = next(self._numbers)
        outcome = asyncio.get_running_loop().create_future()
        self._calls[number] = outcome
        parameter = str(function.trigger["name"])
        request = wire.Call(number, function.function_id, parameter, data, metadata, trace_parent)
        try:
            wire.write(self._writer, request)
            answer: wire.Outcome = await outcome
            return answer
        finally:
            del self._calls[number]

    def kill(self) -> None:
        """End the process at once."""
        if self._process.returncode is None:
            self._process.kill()
        self._writer.close()


class Starter:
    """Starts worker processes, which connect to a socket of the host."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._server: asyncio.Server | None = None
        self._awaited: dict[bytes, asyncio.Future[Connection]] = {}

    async def start(self) -> WorkerProcess:
        """Start a process, and wait until it has loaded the app.

        Raises WorkerDiedError when it dies before that, AppError when the app cannot be served.
        """
        server = await self._listening()
        port = server.sockets[0].getsockname()[1]
        # Whoever does not know it is not our worker, and is not listened to.
        token = secrets.token_hex(32).encode() + b"\n"
        connected = self._awaited[token] = asyncio.get_running_loop().create_future()
        command = (sys.executable, "-m", _MODULE, str(port), str(self._directory))
        process = await asyncio.create_subprocess_exec(
            *command, env=os.environ, stdin=asyncio.subprocess.PIPE
        )
        if process.stdin is not None:
            process.stdin.write(token)
            process.stdin.close()
        try:
            return await self._loaded(process, connected)
        finally:
            self._awaited.pop(token, None)

    async def close(self) -> None:
        """Stop listening."""
        if self._server is not None:
            self._server.close()

    async def _loaded(
        self, process: asyncio.subprocess.Process, connected: asyncio.Future[Connection]
    ) -> WorkerProcess:
        ended = asyncio.create_task(process.wait())
        either: set[asyncio.Future[Any]] = {ended, connected}
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        ended.cancel()
        loaded = None
        if connected.done():
            loaded = await wire.read(connected.result()[0], wire.Loaded)
        if loaded is None:
            raise WorkerDiedError("the worker process has died while it loaded the app")
        worker = WorkerProcess(process, connected.result(), loaded)
        if loaded.is_fatal:
            worker.kill()
            raise AppError(loaded.problem)
        return worker

    async def _listening(self) -> asyncio.Server:
        if self._server is None:
            self._server = await asyncio.start_server(self._connect, LOOPBACK, 0)
        return self._server

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        awaited = self._awaited.get(await reader.readline())
        if awaited is None or awaited.done():
            writer.close()
        else:
            awaited.set_result((reader, writer))
