"""The emulator's neighbours: an app that it calls back, and a person at the control API."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import Any

import aiohttp
from aiohttp import web
from azure.communication.callautomation import (
    StreamingTransportType,
    TranscriptionOptions,
    TranscriptionSubscription,
)
from azure.communication.callautomation.aio import CallAutomationClient
from azure.core.credentials import AzureKeyCredential

from emulator.acs.server import Settings, build_app
from emulator.acs.signing import Signer

CALLER, CALLEE = "+493012345", "+498998765"
ACS_USER = "8:acs:resource_user"
COGNITIVE = "https://speech.localhost/"

# One key for all tests: making one takes longer than most tests.
SIGNER = Signer(Settings().issuer, Settings().resource_id)

type Json = dict[str, Any]


async def until(condition: Callable[[], Any], seconds: float = 5) -> Any:
    """Wait until the condition holds, and return its value."""
    async with asyncio.timeout(seconds):
        value = condition()
        while not value:
            await asyncio.sleep(0.005)
            value = condition()
        return value


@asynccontextmanager
async def serving(app: web.Application) -> AsyncIterator[str]:
    """Serve an app on a free port and yield its address."""
    runner = web.AppRunner(app, handle_signals=False, shutdown_timeout=0.5)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@dataclass
class Socket:
    """A connection that the emulator made, and its frames as text."""

    headers: dict[str, str]
    ws: web.WebSocketResponse
    frames: list[str] = field(default_factory=list)

    @property
    def parsed(self) -> list[Json]:
        return [json.loads(frame) for frame in self.frames]

    @property
    def finals(self) -> list[Json]:
        data = (frame.get("transcriptionData", {}) for frame in self.parsed)
        return [frame for frame in data if frame.get("resultStatus") == "Final"]

    @property
    def metadata(self) -> Json:
        metadata: Json = self.parsed[0]["transcriptionMetadata"]
        return metadata


class Peer:
    """An app: it takes events, callbacks and streams, and answers them as told."""

    def __init__(self) -> None:
        self.url = ""
        self.events: list[tuple[dict[str, str], Json]] = []
        self.validations: list[Json] = []
        self.callbacks: list[tuple[dict[str, str], Json]] = []
        self.sockets: list[Socket] = []
        self.handshake: Callable[[Json], Awaitable[web.Response]] = self._shake_hands
        self.event_statuses: list[int] = []
        self.event_delays: list[float] = []
        self.callback_statuses: list[int] = []
        self.upgrade_statuses: list[int] = []
        self.upgrade_delay = 0.0
        self.callback_delay = 0.0

    @property
    def callback_url(self) -> str:
        return f"{self.url}/callbacks"

    @property
    def stream_url(self) -> str:
        return f"{self.url}/stream".replace("http", "ws", 1)

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_post("/events", self._event)
        app.router.add_post("/{callbacks:callbacks.*}", self._callback)
        app.router.add_get("/stream", self._stream)
        return app

    def posted(self, kind: str) -> list[Json]:
        """Return the callbacks of a kind so far."""
        return [body for _, body in self.callbacks if body["type"].endswith(f".{kind}")]

    @property
    def kinds(self) -> list[str]:
        return [body["type"].rpartition(".")[2] for _, body in self.callbacks]

    async def callback(self, kind: str, number: int = 0) -> Json:
        """Wait for a callback and return it."""
        await until(lambda: len(self.posted(kind)) > number)
        return self.posted(kind)[number]

    async def socket(self, number: int = 0) -> Socket:
        """Wait for a connection whose first frame has come."""
        await until(lambda: len(self.sockets) > number and self.sockets[number].frames)
        return self.sockets[number]

    @staticmethod
    async def _shake_hands(event: Json) -> web.Response:
        return web.json_response({"validationResponse": event["data"]["validationCode"]})

    async def _event(self, request: web.Request) -> web.Response:
        [event] = await request.json()
        if request.headers["aeg-event-type"] == "SubscriptionValidation":
            self.validations.append(event)
            return await self.handshake(event)
        self.events.append((dict(request.headers), event))
        await asyncio.sleep(self.event_delays.pop(0) if self.event_delays else 0)
        return self._response(self.event_statuses)

    async def _callback(self, request: web.Request) -> web.Response:
        [event] = await request.json()
        self.callbacks.append((dict(request.headers) | {"path": request.path}, event))
        await asyncio.sleep(self.callback_delay)
        return self._response(self.callback_statuses)

    def _response(self, statuses: list[int]) -> web.Response:
        status = statuses.pop(0) if statuses else 200
        headers = {"Location": f"{self.url}/callbacks"} if status == 302 else {}
        return web.Response(status=status, headers=headers)

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        await asyncio.sleep(self.upgrade_delay)
        if self.upgrade_statuses and (status := self.upgrade_statuses.pop(0)) != 101:
            return web.Response(status=status)
        ws = web.WebSocketResponse(timeout=0.5)
        await ws.prepare(request)
        socket = Socket(dict(request.headers), ws)
        self.sockets.append(socket)
        async for message in ws:
            socket.frames.append(message.data)
        return ws


@dataclass
class Stack:
    """An emulator, its peer, and the two interfaces to it."""

    url: str
    settings: Settings
    peer: Peer
    http: aiohttp.ClientSession
    sdk: CallAutomationClient

    async def control(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Ask the control API, and return status and body."""
        async with self.http.request(method, f"{self.url}/emulator/{path}", json=body) as response:
            text = await response.text()
            return response.status, json.loads(text) if text else None

    async def ring(self, **options: Any) -> Json:
        """Ring, and return the call."""
        body = {"from": CALLER, "to": CALLEE, "script": "short", "speed": 50} | options
        status, call = await self.control("POST", "incoming-calls", body)
        assert status == 201, call
        return dict(call)

    async def context(self, call: Json) -> str:
        """Wait for the event of a call, and return its incoming-call context."""

        def events() -> list[Json]:
            data = (event["data"] for _, event in self.peer.events)
            return [one for one in data if one["correlationId"] == call["correlationId"]]

        return str((await until(events))[0]["incomingCallContext"])

    async def answer(self, call: Json, **options: Any) -> Any:
        """Answer a call as an app does; options are those of the SDK."""
        usual: Json = {
            "callback_url": self.peer.callback_url,
            "cognitive_services_endpoint": COGNITIVE,
            "transcription": self.transcription(),
            "headers": first_sent(),
        }
        return await self.sdk.answer_call(await self.context(call), **(usual | options))

    def transcription(self, **options: Any) -> TranscriptionOptions:
        """Return the usual options, or others."""
        usual: Json = {
            "transport_url": self.peer.stream_url,
            "transport_type": StreamingTransportType.WEBSOCKET,
            "locale": "en-US",
            "start_transcription": True,
            "enable_intermediate_results": False,
        }
        return TranscriptionOptions(**(usual | options))

    async def talk(self, answer: Json | None = None, **options: Any) -> Json:
        """Ring and answer, and return the call once it is connected."""
        call = await self.ring(**options)
        await self.answer(call, **(answer or {}))
        return await self.reach(call, "connected", "disconnected")

    async def subscription(self, call: Json) -> TranscriptionSubscription:
        """Return what Call Automation says of the call's transcription."""
        connection = self.sdk.get_call_connection(call["callConnectionId"])
        subscription = (await connection.get_call_properties()).transcription_subscription
        assert subscription
        return subscription

    async def show(self, call: Json) -> Json:
        """Return the call as it is now."""
        _, shown = await self.control("GET", f"calls/{call['id']}")
        return dict(shown)

    async def reach(self, call: Json, *states: str) -> Json:
        """Wait until the call is in one of the states."""
        return await self.see(call, lambda shown: shown["state"] in states)

    async def see(self, call: Json, condition: Callable[[Json], Any]) -> Json:
        """Wait until the call is as wanted, and return it."""
        async with asyncio.timeout(5):
            shown = await self.show(call)
            while not condition(shown):
                await asyncio.sleep(0.01)
                shown = await self.show(call)
            return shown

    async def fault(self, **fault: Any) -> None:
        """Order a fault."""
        status, answer = await self.control("POST", "faults", fault)
        assert status == 201, answer

    async def subscribe(self, name: str = "app", **target: Any) -> tuple[int, Any]:
        """Have Event Grid deliver to the peer."""
        target = {"endpoint": f"{self.peer.url}/events"} | target
        return await self.control("PUT", f"event-subscriptions/{name}", target)


@asynccontextmanager
async def stack(**settings: Any) -> AsyncIterator[Stack]:
    """Yield an emulator that is in no hurry for nothing, and its peer, not yet subscribed."""
    chosen = Settings(**({"connect_seconds": 0.01} | settings))
    peer = Peer()
    async with (
        serving(peer.app()) as peer.url,
        serving(build_app(chosen, SIGNER)) as url,
        aiohttp.ClientSession() as http,
        client(url, chosen) as sdk,
    ):
        yield Stack(url, chosen, peer, http, sdk)


def first_sent(**headers: str) -> dict[str, str]:
    """Return the header that the SDK makes with a deprecated function unless it is given."""
    return {"Repeatability-First-Sent": formatdate(usegmt=True)} | headers


def client(url: str, settings: Settings, **options: Any) -> CallAutomationClient:
    """Return the SDK's client; it does not repeat what is refused."""
    credential = AzureKeyCredential(settings.access_key or "bm9uZQ==")
    return CallAutomationClient(url, credential, **({"retry_total": 0} | options))
