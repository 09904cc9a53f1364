"""Where measurements are made: a whole stack on free ports, and the app in this process as well.

The app's functions are those that the runtime would call. The bare floor is the SDK as it comes: a
client with nothing set, on the same Azurite.
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
from callscribe.foundation.identifiers import new_call_id
from emulator.ports import free_ports
from emulator.stack import Stack

if TYPE_CHECKING:
    from callscribe.bootstrap import Worker

LEISURE = {
    "CONFIRM_SECONDS": "3600",
    "QUIET_SECONDS": "3600",
    "FINISH_DELAY_SECONDS": "3600",
}
"""The app does nothing by itself to the calls that measurements make up."""

Function = Callable[[func.HttpRequest], Awaitable[func.HttpResponse]]


@dataclass(frozen=True)
class Yard:
    """A running stack, and what is needed to measure with it."""

    stack: Stack
    http: aiohttp.ClientSession
    bare: TableServiceClient
    worker: "Worker"
    functions: dict[str, Function]
    quick: bool
    say: Callable[[str], None]

    def scaled(self, full: int, quick: int) -> int:
        """Return how many: `full` for a measurement, `quick` to see that it runs."""
        return quick if self.quick else full

    async def bare_table(self) -> TableClient:
        """Make an empty table and return the SDK's default client for it."""
        return await self.bare.create_table(f"Bare{uuid.uuid4().hex}")

    async def take(self, connection: Connection, frame: bytes) -> float:
        """Hand a frame to the function in this process; return the seconds inside it."""
        request = connection.request(frame)
        began = time.perf_counter()
        response = await self.functions["stream_events"](request)
        elapsed = time.perf_counter() - began
        connection.took(response.status_code, response.headers)
        return elapsed

    async def send(self, connection: Connection, frame: bytes) -> None:
        """Post a frame to the functions process, as Web PubSub does."""
        code = self.stack.settings["WEBPUBSUB_UPSTREAM_CODE"]
        address = f"http://127.0.0.1:{self.stack.ports.functions}/api/stream?code={code}"
        async with self.http.post(address, data=frame, headers=connection.headers()) as response:
            connection.took(response.status, response.headers)

    async def new_call(self) -> str:
        """Store a call that is connected, and return its id."""
        call = connected_call(self.worker.clock.now())
        await self.worker.calls.create(call)
        await self.worker.calls.forget(call.id)  # nothing looks after it
        return call.id


def connected_call(rang_at: int) -> Call:
    """Return a call as it is once transcription is under way."""
    reference = str(uuid.uuid4())
    return Call(
        id=new_call_id(rang_at, reference),
        direction=Direction.INBOUND,
        state=State.CONNECTED,
        caller=CALLER,
        callee=CALLEE,
        rang_at=rang_at,
        locale="en-US",
        connection_id=str(uuid.uuid4()),
        server_call_id=reference * 3,
        correlation_id=reference,
        answered_at=rang_at + 900,
        connected_at=rang_at + 1400,
        drives=1,
    )


@asynccontextmanager
async def opened(*, quick: bool, say: Callable[[str], None]) -> AsyncIterator[Yard]:
    """Start the stack and load the app here, with the same settings."""
    with tempfile.TemporaryDirectory(prefix="callscribe-bench-") as home:
        stack = Stack(Path(home), free_ports(), without=["acs"], overrides=LEISURE)
        say("starting the stack")
        async with stack, aiohttp.ClientSession() as http:
            bare = TableServiceClient.from_connection_string(stack.azurite.connection_string)
            async with bare:
                worker, functions = _load_app(stack)
                try:
                    yield Yard(stack, http, bare, worker, functions, quick, say)
                finally:
                    await worker.close()


def _load_app(stack: Stack) -> tuple["Worker", dict[str, Function]]:
    os.environ.update(stack.settings)
    # Settings are read when the app is loaded: not before they are there.
    from callscribe.bootstrap import worker  # noqa: PLC0415
    from function_app import app  # noqa: PLC0415

    functions = {
        str(each.get_function_name()): each.get_user_function() for each in app.get_functions()
    }
    return worker(), functions
