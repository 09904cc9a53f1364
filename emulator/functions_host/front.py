"""What the real host's web server refuses before any route is looked at."""

from http import HTTPStatus

from aiohttp import hdrs, web

from emulator.serving import Handler


@web.middleware
async def readable(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer 400, empty, to what the real host was seen not to take for a request."""
    if is_readable(request):
        return await handler(request)
    return web.Response(status=HTTPStatus.BAD_REQUEST)


def is_readable(request: web.Request) -> bool:
    """Tell whether there is one Host, no zero byte in the path, and UTF-8 in the headers."""
    return (
        len(request.headers.getall(hdrs.HOST, [])) == 1
        and "%00" not in request.rel_url.raw_path
        # Bytes that are no UTF-8 are lone surrogates here, which cannot be written as UTF-8.
        and not any("\udc80" <= letter <= "\udcff" for letter in "".join(request.headers.values()))
    )
