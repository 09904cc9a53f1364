"""The rig of all measurements: a stack on free ports, and the app in this process as well.

The app's functions are those that the runtime calls. The baseline is the SDK without any options: a
default client on the same Azurite.
"""

import os
import tempfile
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import aiohttp
import azure.functions as func
from azure.data.tables.aio import TableClient, TableServiceClient

from bench.stream import CALLEE, CALLER, Connection
from callscribe.calls.call import Call, Direction, State
from callscribe.calls.wish import Language, Wish
from callscribe.foundation.identifiers import new_call_id
from callscribe.foundation.moments import Ms, Seconds, later
from emulator.ports import free_ports
from emulator.stack import Stack

if TYPE_CHECKING:
    from callscribe.bootstrap import Worker

# The app must not act by itself on the calls that the measurements store. (Its timer does not know
# them: see `new_call`.)
NO_BACKGROUND_WORK = {"FINISH_DELAY_SECONDS": "600"}

Function = Callable[[func.HttpRequest], Awaitable[func.HttpResponse]]


@dataclass(frozen=True)
class Rig:
    """A running stack, with clients and the app's functions."""

    stack: Stack
    http: aiohttp.ClientSession
    bare: TableServiceClient
    worker: "Worker"
    functions: dict[str, Function]
    quick: bool
    report: Callable[[str], None]

    def scaled(self, full: int, quick: int) -> int:
        """Return the `full` number for a measurement, or the `quick` one to check that it runs."""
        return quick if self.quick else full

    async def new_table(self) -> TableClient:
        """Create a table and return the SDK's default client for it."""
        return await self.bare.create_table(f"Bare{uuid.uuid4().hex}")

    async def call_function(self, connection: Connection, frame: bytes) -> float:
        """Call the function in this process with a frame; return the seconds inside it."""
        request = connection.request(frame)
        began = time.perf_counter()
        response = await self.functions["stream_events"](request)
        elapsed = time.perf_counter() - began
        connection.check_response(response.status_code, response.headers)
        return elapsed

    async def send(self, connection: Connection, frame: bytes) -> None:
        """Post a frame to the functions process, as Web PubSub does."""
        code = self.stack.settings["WEBPUBSUB_UPSTREAM_CODE"]
        address = f"http://127.0.0.1:{self.stack.ports.functions}/api/stream?code={code}"
        async with self.http.post(address, data=frame, headers=connection.headers()) as response:
            connection.check_response(response.status, response.headers)

    async def app_process(self) -> int:
        """Return the process that the app runs in: the host's worker, not its front."""
        _, worker = await self.app_processes()
        return worker

    async def app_processes(self) -> tuple[int, int]:
        """Return the processes of the functions host: its front, and its worker."""
        address = f"http://127.0.0.1:{self.stack.ports.functions}/admin/host/status"
        async with self.http.get(address) as response:
            told = await response.json()
            return told["process"], told["workers"][0]

    async def new_call(self) -> str:
        """Store a call that is connected, and return its id."""
        call = connected_call(self.worker.clock.now())
        await self.worker.calls.create(call, call.begun_at)
        # Otherwise the app's timer would look after a call that ACS does not know.
        listed = await self.worker.calls.listed(call.id)
        await self.worker.calls.close(call.id, str(listed))
        return call.id


def connected_call(begun_at: Ms) -> Call:
    """Return a call as the app stores it while it is being transcribed."""
    reference = str(uuid.uuid4())
    return Call(
        id=new_call_id(begun_at, reference),
        direction=Direction.INBOUND,
        state=State.CONNECTED,
        caller=CALLER,
        callee=CALLEE,
        begun_at=begun_at,
        wish=Wish(on=True, language=Language("en-US"), at=begun_at),
        connection_id=str(uuid.uuid4()),
        server_call_id=reference * 3,
        correlation_id=reference,
        answered_at=later(begun_at, Seconds(0.9)),
        connected_at=later(begun_at, Seconds(1.4)),
        drives=1,
    )


@asynccontextmanager
async def running_rig(*, quick: bool, report: Callable[[str], None]) -> AsyncIterator[Rig]:
    """Start the stack and load the app in this process, with the same settings."""
    with tempfile.TemporaryDirectory(prefix="callscribe-bench-") as home:
        # Without ACS: the measurements themselves send what ACS would send.
        stack = Stack(Path(home), free_ports(), without=["acs"], overrides=NO_BACKGROUND_WORK)
        report("starting the stack")
        async with stack, aiohttp.ClientSession() as http:
            bare = TableServiceClient.from_connection_string(stack.azurite.connection_string)
            async with bare:
                worker, functions = _load_app(stack)
                try:
                    yield Rig(stack, http, bare, worker, functions, quick, report)
                finally:
                    await worker.close()


def _load_app(stack: Stack) -> tuple["Worker", dict[str, Function]]:
    os.environ.update(stack.settings)
    # The app reads its settings when it is imported, so they must be set before.
    from callscribe.bootstrap import worker  # noqa: PLC0415
    from function_app import app  # noqa: PLC0415

    functions = {
        str(each.get_function_name()): each.get_user_function() for each in app.get_functions()
    }
    return worker(), functions
