"""How long the body of a request may be: longer ones are refused before a function gets them.

Azure's host reads the limit from an app setting. It answers 500 where this one says 413.
"""

from collections.abc import Mapping
from http import HTTPStatus

from aiohttp import web
from aiohttp.typedefs import Middleware

from emulator.functions_host.errors import AppError
from emulator.serving import Handler

VARIABLE = "FUNCTIONS_REQUEST_BODY_SIZE_LIMIT"
# Where the setting is not set: https://learn.microsoft.com/azure/azure-functions/functions-bindings-http-webhook-trigger#limits
USUAL = 100 * 1024 * 1024


def limit(environ: Mapping[str, str]) -> int:
    """Return how many bytes a body may have. Raises AppError where the setting is no number."""
    text = environ.get(VARIABLE) or str(USUAL)
    if not (text.isascii() and text.isdecimal() and int(text) > 0):
        raise AppError(f"{VARIABLE} must be a number of bytes, and is {text!r}")
    return int(text)


def at_most(longest: int) -> Middleware:
    """Return what answers 413 to a body that is longer, or says that it is."""

    @web.middleware
    async def refuse(request: web.Request, handler: Handler) -> web.StreamResponse:
        if (request.content_length or 0) > longest:
            return _refusal()
        try:
            return await handler(request)
        except web.HTTPRequestEntityTooLarge:
            return _refusal()

    return refuse


async def read(request: web.Request, longest: int) -> bytes | None:
    """Return the body, None where its length was not told: the real host does not read that.

    Such a body is still looked at, a part at a time, and none is kept. Raises
    HTTPRequestEntityTooLarge where either is too long.
    """
    if request.content_length is not None:
        return await request.read() if request.content_length else None
    seen = 0
    async for part in request.content.iter_any():
        seen += len(part)
        if seen > longest:
            raise web.HTTPRequestEntityTooLarge(longest, seen)
    return None


def _refusal() -> web.Response:
    response = web.Response(status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    response.force_close()
    return response
