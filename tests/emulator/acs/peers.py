"""The emulator's neighbours: an app that it calls back, and the people on the phone."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

# Guards waits for what always comes; long, because the machine may be busy.
DEADLINE = 30
CALLER, CALLEE = "+493012345", "+498998765"
ACS_USER = "8:acs:resource_user"
COGNITIVE = "https://speech.localhost/"
TEXTS = [
    "Hello, how can I help?",
    "Is the shop open today?",
    "Yes, until six o'clock.",
    "Great, see you later.",
    "See you!",
]
"""What is said in the script `short`."""

type Json = dict[str, Any]


async def until(condition: Callable[[], Any], seconds: float = DEADLINE) -> Any:
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


def _already_set() -> asyncio.Event:
    event = asyncio.Event()
    event.set()
    return event


class Peer:
    """An app: it takes events, callbacks and streams, and answers them as told.

    `answering` and `upgrading` hold its answers to callbacks and streams back while they are clear.
    """

    def __init__(self) -> None:
        self.url = ""
        self.events: list[tuple[dict[str, str], Json]] = []
        self.validations: list[Json] = []
        self.callbacks: list[tuple[dict[str, str], Json]] = []
        self.sockets: list[Socket] = []
        self.handshake: Callable[[Json], Awaitable[web.Response]] = self._validate_endpoint
        self.event_statuses: list[int] = []
        self.hanging_events = 0
        self.callback_statuses: list[int] = []
        self.upgrade_statuses: list[int] = []
        self.upgrades: list[str] = []
        self.upgrading = _already_set()
        self.answering = _already_set()
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
    async def _validate_endpoint(event: Json) -> web.Response:
        return web.json_response({"validationResponse": event["data"]["validationCode"]})

    async def _event(self, request: web.Request) -> web.Response:
        [event] = await request.json()
        if request.headers["aeg-event-type"] == "SubscriptionValidation":
            self.validations.append(event)
            return await self.handshake(event)
        self.events.append((dict(request.headers), event))
        if self.hanging_events:
            self.hanging_events -= 1
            await asyncio.Event().wait()
        return self._response(self.event_statuses)

    async def _callback(self, request: web.Request) -> web.Response:
        [event] = await request.json()
        self.callbacks.append((dict(request.headers) | {"path": request.path}, event))
        await self.answering.wait()
        await asyncio.sleep(self.callback_delay)
        return self._response(self.callback_statuses)

    def _response(self, statuses: list[int]) -> web.Response:
        status = statuses.pop(0) if statuses else 200
        headers = {"Location": f"{self.url}/callbacks"} if status == 302 else {}
        return web.Response(status=status, headers=headers)

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        self.upgrades.append(request.headers["x-ms-call-connection-id"])
        await self.upgrading.wait()
        if self.upgrade_statuses and (status := self.upgrade_statuses.pop(0)) != 101:
            return web.Response(status=status)
        ws = web.WebSocketResponse(timeout=DEADLINE)
        await ws.prepare(request)
        socket = Socket(dict(request.headers), ws)
        self.sockets.append(socket)
        async for message in ws:
            socket.frames.append(message.data)
        return ws
