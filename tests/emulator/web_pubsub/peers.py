"""The emulator's two neighbours in these tests: a real upstream server and real clients."""

import asyncio
import json
import struct
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from socket import SHUT_RDWR, SO_LINGER, SOL_SOCKET
from typing import Any

import aiohttp
import jwt
from aiohttp import web

from emulator.web_pubsub.server import Settings, build_app

KEY = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789ABCDEFGH"
# Guards waits for what always comes; long, because the machine may be busy.
DEADLINE = 30


async def until[T](find: Callable[[], Awaitable[T]]) -> T:
    """Return what `find` finds, as soon as it is truthy."""
    async with asyncio.timeout(DEADLINE):
        found = await find()
        while not found:
            await asyncio.sleep(0.005)
            found = await find()
        return found


@asynccontextmanager
async def serving(app: web.Application) -> AsyncIterator[str]:
    """Serve an application as the stack does, on a free port."""
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        port = runner.addresses[0][1]
        yield f"http://127.0.0.1:{port}"
    finally:
        await runner.cleanup()


@dataclass
class Received:
    """One request as the upstream got it."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def name(self) -> str:
        return self.headers["ce-eventName"]

    @property
    def id(self) -> int:
        return int(self.headers["ce-id"])

    @property
    def json(self) -> Any:
        return json.loads(self.body)


Answer = Callable[[Received], Awaitable[web.StreamResponse]]


@dataclass
class Upstream:
    """An event handler that allows everybody, says 204 to everything, and remembers."""

    requests: list[Received] = field(default_factory=list)
    answers: dict[str, Answer] = field(default_factory=dict)
    url: str = ""

    @property
    def events(self) -> list[Received]:
        return [one for one in self.requests if one.method == "POST"]

    @property
    def validations(self) -> list[Received]:
        return [one for one in self.requests if one.method != "POST"]

    def named(self, name: str) -> list[Received]:
        return [one for one in self.events if one.name == name]

    async def got(self, name: str, count: int = 1) -> list[Received]:
        """Wait until the event has come so often."""

        async def enough() -> bool:
            return len(self.named(name)) >= count

        await until(enough)
        return self.named(name)

    async def serve(self, request: web.Request) -> web.StreamResponse:
        received = Received(request.method, request.path_qs, request.headers, await request.read())
        self.requests.append(received)
        if request.method in self.answers:
            return await self.answers[request.method](received)
        if request.method != "POST":
            return web.Response(headers={"WebHook-Allowed-Origin": "*"})
        if received.name in self.answers:
            return await self.answers[received.name](received)
        return web.Response(status=204)

    def answer(self, name: str, *responses: tuple[int, bytes, Mapping[str, str]]) -> None:
        """Answer an event (or a method) with these in turn, the last one for ever."""
        left = list(responses)

        async def respond(_received: Received) -> web.StreamResponse:
            status, body, headers = left.pop(0) if len(left) > 1 else left[0]
            return web.Response(status=status, body=body, headers=headers)

        self.answers[name] = respond


@asynccontextmanager
async def upstream_server() -> AsyncIterator[Upstream]:
    upstream = Upstream()
    app = web.Application(client_max_size=0)
    app.router.add_route("*", "/{path:.*}", upstream.serve)
    async with serving(app) as upstream.url:
        yield upstream


@dataclass
class Emulator:
    """A running emulator and an HTTP session to it."""

    session: aiohttp.ClientSession
    url: str
    clients: list[aiohttp.ClientWebSocketResponse] = field(default_factory=list)

    @property
    def host(self) -> str:
        return self.url.removeprefix("http://")

    @property
    def connection_string(self) -> str:
        return f"Endpoint={self.url};AccessKey={KEY};Version=1.0;"

    async def configure(
        self, url: str, *, hub: str = "stream", pattern: str = "*", **settings: Any
    ) -> None:
        """Let the hub's events go to `url`."""
        system = settings.pop("system", ["connect", "connected", "disconnected"])
        handler = {"UrlTemplate": url, "EventPattern": pattern, "SystemEvents": system}
        body = {"EventHandlers": [handler], **settings}
        async with self.session.put(f"{self.url}/emulator/hubs/{hub}", json=body) as response:
            assert response.status == 200, await response.text()

    def token(self, hub: str = "stream", *, key: str = KEY, **claims: Any) -> str:
        """Return a client's token."""
        fixed = {"aud": f"{self.url}/client/hubs/{hub}", "exp": int(time.time()) + 3600}
        return jwt.encode({k: v for k, v in (fixed | claims).items() if v is not None}, key)

    def client_url(self, hub: str = "stream", token: str | None = None, **claims: Any) -> str:
        token = self.token(hub, **claims) if token is None else token
        return f"{self.url}/client/hubs/{hub}?access_token={token}"

    async def dial(
        self, hub: str = "stream", *, protocols: tuple[str, ...] = (), **claims: Any
    ) -> aiohttp.ClientWebSocketResponse:
        """Open a client socket; `groups` and `roles` are the token's."""
        if groups := claims.pop("groups", None):
            claims["webpubsub.group"] = groups
        if roles := claims.pop("roles", None):
            claims["role"] = roles
        return await self.open(self.client_url(hub, **claims), protocols=protocols)

    async def open(self, url: str, **options: Any) -> aiohttp.ClientWebSocketResponse:
        """Open a client socket at an address; it stays open until the test ends."""
        client: aiohttp.ClientWebSocketResponse = await self.session.ws_connect(
            url, max_msg_size=0, timeout=aiohttp.ClientWSTimeout(ws_close=DEADLINE), **options
        )
        self.clients.append(client)
        return client

    async def refused(self, url: str, **options: Any) -> int:
        """Return the status with which a handshake is refused."""
        try:
            await self.open(url, **options)
        except aiohttp.WSServerHandshakeError as refusal:
            return refusal.status
        raise AssertionError("the client was let in")

    async def fault(self, **order: Any) -> None:
        async with self.session.post(f"{self.url}/emulator/faults", json=order) as response:
            assert response.status == 201, await response.text()

    async def connections(self) -> list[Any]:
        async with self.session.get(f"{self.url}/emulator/connections") as response:
            answer: list[Any] = await response.json()
            return answer

    async def last(self, state: str) -> Any:
        """Return the newest connection once it has this state."""

        async def reached() -> Any:
            newest = (await self.connections())[-1]
            return newest if newest["state"] == state else None

        return await until(reached)


@asynccontextmanager
async def emulator_server(**settings: Any) -> AsyncIterator[Emulator]:
    app = build_app(Settings(**settings))
    async with serving(app) as url, aiohttp.ClientSession() as session:
        emulator = Emulator(session, url)
        yield emulator
        await asyncio.gather(*(client.close() for client in emulator.clients))


async def closed(socket: aiohttp.ClientWebSocketResponse) -> tuple[int | None, str]:
    """Return the code and reason with which the emulator ends the connection."""
    message = await socket.receive(DEADLINE)
    assert message.type is aiohttp.WSMsgType.CLOSE, message
    return message.data, message.extra or ""


def break_link(socket: aiohttp.ClientWebSocketResponse) -> None:
    """Cut the connection as a broken network does, without a close frame."""
    link = socket.get_extra_info("socket")
    link.setsockopt(SOL_SOCKET, SO_LINGER, struct.pack("ii", 1, 0))
    link.shutdown(SHUT_RDWR)
