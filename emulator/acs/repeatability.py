"""Requests that may be sent again: the same repeatability id gets the first answer once more.

https://docs.oasis-open.org/odata/repeatable-requests/v1.0/repeatable-requests-v1.0.html
"""

from collections.abc import Callable
from dataclasses import dataclass

from aiohttp import web

from emulator.acs.errors import ServiceError

# Not a coroutine: nothing comes between the question whether it was done and the doing.
type Act = Callable[[], Reply]


@dataclass(frozen=True, slots=True)
class Reply:
    """A successful answer that can be given any number of times."""

    status: int
    body: bytes = b""

    def response(self) -> web.Response:
        """Return the answer as a response of its own."""
        content_type = "application/json" if self.body else None
        return web.Response(status=self.status, body=self.body, content_type=content_type)


class Repeatability:
    """The requests that succeeded so far; a refused one may be sent again and succeed."""

    def __init__(self) -> None:
        self._replies: dict[str, tuple[str, bytes, Reply]] = {}

    def once(self, request: web.Request, body: bytes, act: Act) -> Reply:
        """Act on a request the first time, and later return the first answer."""
        repeatability_id = request.headers.get("Repeatability-Request-ID")
        if repeatability_id is None:
            return act()
        if seen := self._replies.get(repeatability_id):
            path, content, reply = seen
            if (path, content) != (request.path, body):
                message = "This Repeatability-Request-ID was sent before with another request."
                raise ServiceError(400, "RepeatabilityConflict", message)
            return reply
        reply = act()
        self._replies[repeatability_id] = (request.path, body, reply)
        return reply

    def forget(self) -> None:
        """Forget every request."""
        self._replies.clear()
