"""The telephony adapter as the app makes it, over the emulator, or an ACS that answers as told."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from azure.communication.callautomation.aio import CallAutomationClient
from azure.core.credentials import AzureKeyCredential

from callscribe.calls.call import Call, Direction, Machine, State
from callscribe.calls.events import Answered
from callscribe.calls.ports import CallStatus
from callscribe.calls.transcription import Operation, OperationKind, at_setup
from callscribe.cloud.call_automation import CONNECT, READ, AcsTelephony
from callscribe.cloud.transport import new_session, share
from callscribe.foundation.clock import SystemClock
from callscribe.foundation.identifiers import new_call_id
from callscribe.foundation.moments import Seconds
from callscribe.options import call_options
from tests.emulator.acs.peers import serving
from tests.emulator.acs.stacks import Stack, stack
from tests.fakes.clock import START
from tests.fakes.settings import settings
from tests.fakes.wishes import ENGLISH, ON


@asynccontextmanager
async def telephony(
    url: str, callbacks: str, read_seconds: Seconds = READ, **changes: str
) -> AsyncIterator[AcsTelephony]:
    """Yield the adapter for the ACS at `url`."""
    chosen = settings(ACS_ENDPOINT=url, CALLBACK_BASE_URL=callbacks, **changes)
    assert chosen.acs_access_key is not None
    async with new_session() as session:
        client = CallAutomationClient(
            url,
            AzureKeyCredential(chosen.acs_access_key),
            transport=share(session, CONNECT, read_seconds),
            retry_total=0,
        )
        yield AcsTelephony(client, call_options(chosen))


def call(**changes: Any) -> Call:
    """Return a call that rings, to be transcribed from the answer on."""
    usual: dict[str, Any] = {
        "id": new_call_id(START, "event"),
        "direction": Direction.INBOUND,
        "state": State.ANSWERING,
        "caller": "4:+493012345",
        "callee": "4:+498998765",
        # ACS wants to know when a request was first sent, and takes none from five minutes ago.
        "begun_at": SystemClock().now(),
        "wish": ON,
        "machine": Machine(transcribing=at_setup(ENGLISH)),
    }
    return Call(**(usual | changes))


@dataclass
class Acs:
    """The emulator, its peer, and the adapter that answers."""

    stack: Stack
    telephony: AcsTelephony

    @property
    def stream_url(self) -> str:
        return self.stack.peer.stream_url

    async def ring(self) -> str:
        """Ring, and return the context to answer with."""
        return await self.stack.context(await self.stack.ring(stay=True))


@asynccontextmanager
async def acs(**changes: str) -> AsyncIterator[Acs]:
    """Yield an emulator that is up, and the adapter for it."""
    async with stack() as running:
        await running.subscribe()
        changes = {"ACS_ACCESS_KEY": running.settings.access_key or "", **changes}
        url, callbacks = running.url, running.peer.callback_url
        async with telephony(url, callbacks, READ, **changes) as adapter:
            yield Acs(running, adapter)


UP: dict[str, Any] = {
    "callConnectionId": "connection",
    "serverCallId": "server",
    "correlationId": "correlation",
    "callConnectionState": "connected",
    "transcriptionSubscription": {"id": "s", "state": "active", "subscribedResultTypes": []},
}


@dataclass
class Service:
    """An ACS that answers as told, and keeps what it was asked."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    hangs: bool = False
    asked: list[tuple[str, dict[str, str], Any]] = field(default_factory=list)
    methods: list[str] = field(default_factory=list)
    telephony: AcsTelephony = field(init=False)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        text = await request.text()
        document = json.loads(text) if text else None
        self.methods.append(request.method)
        self.asked.append((request.path, dict(request.headers), document))
        if self.hangs:
            await asyncio.Event().wait()
        if isinstance(self.body, str):
            kind = "json" if self.body.startswith("{") else "html"
            headers = {"Content-Type": f"text/{kind}"} | self.headers
            return web.Response(status=self.status, body=self.body.encode(), headers=headers)
        return web.json_response(self.body, status=self.status, headers=self.headers)

    @property
    def last(self) -> Any:
        return self.asked[-1][2]

    def refuse(self, status: int, code: str = "", message: str = "", **headers: str) -> None:
        self.status, self.headers = status, headers
        self.body = {"error": {"code": code, "message": message}}


@asynccontextmanager
async def service(read_seconds: Seconds = READ, **settings: str) -> AsyncIterator[Service]:
    """Yield an ACS to which the call is up."""
    running = Service(body=UP)
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", running.answer)
    async with (
        serving(app) as url,
        telephony(url, "https://app.example", read_seconds, **settings) as adapter,
    ):
        running.telephony = adapter
        yield running


START_AGAIN = Operation(OperationKind.START, 7, ENGLISH, START)


async def answered(running: Service, ringing: Call | None = None) -> Answered:
    return await running.telephony.answer(ringing or call(), "context", "wss://hub.example/x")


async def start(running: Service) -> None:
    if running.status == 200:
        running.status, running.body = 202, ""
    await running.telephony.transcribe("connection", START_AGAIN)


async def look(running: Service) -> CallStatus | None:
    return await running.telephony.poll("connection")
