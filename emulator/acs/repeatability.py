"""Repeatable requests: a request with a known repeatability id gets the first answer again.

https://docs.oasis-open.org/odata/repeatable-requests/v1.0/repeatable-requests-v1.0.html
What ACS answers to wrong ones is documented for its e-mail API alone:
https://learn.microsoft.com/rest/api/communication/repeatable-requests
"""

import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

from aiohttp import web

from emulator.acs.errors import ServiceError

_TRACKED_SECONDS = 300

# A plain function, not a coroutine: no other request can run between the check and the action.
type Action = Callable[[], Reply]


@dataclass(frozen=True, slots=True)
class Reply:
    """A successful answer, which can be sent any number of times."""

    status: int
    body: bytes = b""

    def response(self) -> web.Response:
        """Return the answer as a response of its own."""
        content_type = "application/json" if self.body else None
        return web.Response(status=self.status, body=self.body, content_type=content_type)


class Repeatability:
    """The requests that have succeeded so far, with their answers."""

    def __init__(self) -> None:
        self._replies: dict[str, tuple[str, bytes, Reply]] = {}

    def once(self, request: web.Request, body: bytes, action: Action) -> Reply:
        """Perform a request the first time, and return the first answer every other time."""
        repeatability_id = request.headers.get("Repeatability-Request-ID")
        if repeatability_id is None:
            return action()
        _check(repeatability_id, request.headers.get("Repeatability-First-Sent", ""))
        if seen := self._replies.get(repeatability_id):
            path, content, reply = seen
            if (path, content) != (request.path, body):
                message = "This Repeatability-Request-ID was sent before with another request."
                raise ServiceError(400, "RepeatabilityConflict", message)
            return reply
        # Refusals are not kept: the action raises, and the same request may succeed later.
        reply = action()
        self._replies[repeatability_id] = (request.path, body, reply)
        return reply

    def forget(self) -> None:
        """Forget every request."""
        self._replies.clear()


def _check(repeatability_id: str, first_sent: str) -> None:
    """Raise ServiceError for headers that are malformed, or of a request from long ago."""
    try:
        uuid.UUID(repeatability_id)
        age = time.time() - parsedate_to_datetime(first_sent).timestamp()
    except ValueError as problem:
        message = "Repeatability-Request-ID is a GUID, Repeatability-First-Sent an IMF-fixdate."
        raise ServiceError(400, "InvalidRepeatability", message) from problem
    # Also ahead: the client's clock is wrong, and the answer would be forgotten too soon.
    if abs(age) > _TRACKED_SECONDS:
        message = "Repeatability first sent header was not in 5 minutes window."
        raise ServiceError(412, "PreconditionFailed", message)
