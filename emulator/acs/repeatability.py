"""Requests that may be sent again: the same repeatability id gets the first answer once more.

https://docs.oasis-open.org/odata/repeatable-requests/v1.0/repeatable-requests-v1.0.html
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from aiohttp import web

from emulator.acs.errors import ServiceError

type Act = Callable[[], Awaitable[Reply]]


@dataclass(frozen=True, slots=True)
class Reply:
    """A successful answer that can be given any number of times."""

    status: int
    body: bytes = b""

    def response(self) -> web.Response:
        """Return the answer as a response of its own."""
        content_type = "application/json" if self.body else None
        return web.Response(status=self.status, body=self.body, content_type=content_type)


@dataclass(slots=True)
class _Request:
    content: tuple[str, bytes]
    reply: Reply | None = None
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class Repeatability:
    """The requests seen so far; only successes are remembered."""

    def __init__(self) -> None:
        self._requests: dict[str, _Request] = {}

    async def once(self, request: web.Request, body: bytes, act: Act) -> Reply:
        """Act on a request the first time; later, and meanwhile, return the first answer."""
        repeatability_id = request.headers.get("Repeatability-Request-ID")
        if repeatability_id is None:
            return await act()
        content = (request.path, body)
        seen = self._requests.setdefault(repeatability_id, _Request(content))
        if seen.content != content:
            message = "This Repeatability-Request-ID was sent before with another request."
            raise ServiceError(400, "RepeatabilityConflict", message)
        async with seen.lock:
            if seen.reply is None:
                seen.reply = await act()
            return seen.reply

    def forget(self) -> None:
        """Forget every request."""
        self._requests.clear()
