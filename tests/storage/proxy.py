"""A proxy before storage that performs requests and loses replies, as networks do."""

import asyncio
import re
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Self

import aiohttp
from aiohttp import web
from multidict import CIMultiDict
from yarl import URL

from tests.emulator.acs.peers import serving

_OWN = {"transfer-encoding", "content-length", "connection", "keep-alive", "date", "server"}


async def _nothing() -> None:
    return None


@dataclass(frozen=True)
class Order:
    """What becomes of one request: performed or not, then answered with a status, or cut."""

    method: str
    perform: bool
    status: int | None = None
    body: str = ""
    then: Callable[[], Awaitable[object]] = _nothing


class Proxy:
    """Forwards what is not ordered otherwise, and remembers methods and paths."""

    def __init__(self, connection: str, service: str) -> None:
        found = re.search(rf"{service}Endpoint=(http://[^/]+)", connection)
        assert found
        self._target = found[1]
        self._direct = connection
        self._orders: deque[Order] = deque()
        self._hangs = False
        self.requests: list[tuple[str, str]] = []
        self.url = ""

    @property
    def connection(self) -> str:
        """The connection string that leads through the proxy."""
        return self._direct.replace(self._target, self.url)

    def order(self, *orders: Order) -> None:
        """Have the next requests of these methods treated so, in turn."""
        self._orders.extend(orders)

    def hang(self) -> None:
        """Have no request answered from now on, ever."""
        self._hangs = True

    def count(self, method: str) -> int:
        """Tell how many requests of a method came."""
        return sum(request[0] == method for request in self.requests)

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[Self]:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._handle)
        async with (
            aiohttp.ClientSession(auto_decompress=False) as self._session,
            serving(app) as self.url,
        ):
            yield self

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        self.requests.append((request.method, request.path))
        if self._hangs:
            await asyncio.Event().wait()
        order = self._orders[0] if self._orders else None
        if order is None or order.method not in (request.method, "*"):
            return await self._forward(request)
        self._orders.popleft()
        if order.perform:
            await self._forward(request)
        await order.then()
        if order.status:
            content_type = "application/json" if order.body.startswith("{") else "text/html"
            return web.Response(status=order.status, text=order.body, content_type=content_type)
        assert request.transport
        request.transport.abort()
        return web.Response()

    async def _forward(self, request: web.Request) -> web.Response:
        headers = CIMultiDict(request.headers)
        del headers["Host"]
        url = URL(self._target + request.raw_path, encoded=True)
        body = await request.read()
        async with self._session.request(
            request.method, url, headers=headers, data=body, skip_auto_headers=["Content-Type"]
        ) as response:
            kept = {k: v for k, v in response.headers.items() if k.lower() not in _OWN}
            return web.Response(status=response.status, headers=kept, body=await response.read())


def lost(method: str, then: Callable[[], Awaitable[object]] = _nothing) -> Order:
    """Perform a request and cut the connection instead of replying."""
    return Order(method, perform=True, then=then)


def denied(method: str) -> Order:
    """Perform a request and answer that it could not be done now."""
    return Order(method, perform=True, status=503)
