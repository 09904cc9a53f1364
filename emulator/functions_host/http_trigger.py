"""HTTP triggers: requests and responses, translated as the host does for a worker.

https://github.com/Azure/azure-functions-host/blob/dev/src/WebJobs.Script.Grpc/MessageExtensions/GrpcMessageConversionExtensions.cs
"""

import asyncio
import logging
import os
from collections.abc import Iterable
from http import HTTPStatus

from aiohttp import HttpVersion11, web
from multidict import CIMultiDict

from emulator.functions_host import body_size, cookies, queries
from emulator.functions_host.errors import FunctionFailedError
from emulator.functions_host.function import Function
from emulator.functions_host.host_json import UNLIMITED, HostJson
from emulator.functions_host.keys import FUNCTION, Keys
from emulator.functions_host.messages import RpcHttp, TypedData
from emulator.functions_host.routing import RouteTable
from emulator.functions_host.workers import Workers

# Azure's front end gives up after 230 s, whatever the functionTimeout; the function keeps running:
# https://learn.microsoft.com/azure/azure-functions/functions-scale#timeout
FRONT_END_SECONDS = 230
NO_HOME_PAGE = "AzureWebJobsDisableHomepage"
HOME_PAGE = "<!DOCTYPE html><title>Functions</title><p>The functions host is running.</p>"

log = logging.getLogger(__name__)


class HttpTrigger:
    """Answers requests by calling the app's HTTP functions."""

    def __init__(
        self, workers: Workers, host_json: HostJson, keys: Keys, longest_body: int
    ) -> None:
        self._workers = workers
        self._longest_body = longest_body
        self._keys = keys
        self._routes = routes_of(workers.of_kind("httpTrigger").values(), host_json.route_prefix)
        self._throttle = Throttle(
            host_json.max_concurrent_requests, host_json.max_outstanding_requests
        )

    async def handle(self, request: web.Request) -> web.Response:
        """Answer a request with the function of its route."""
        if self._routes is None:
            return web.Response(status=HTTPStatus.INTERNAL_SERVER_ERROR)
        found = self._routes.find(request.method, request.rel_url.raw_path)
        if found is None:
            return home_page() if request.path == "/" else web.Response(status=HTTPStatus.NOT_FOUND)
        function, parameters = found
        level = str(function.trigger.get("authLevel", FUNCTION))
        if status := self._keys.refusal(request, level):
            return web.Response(status=status)
        if self._throttle.full:
            return web.Response(status=HTTPStatus.TOO_MANY_REQUESTS)
        async with self._throttle:
            body = await body_size.read(request, self._longest_body)
            return await self._call(function, to_rpc(request, parameters, body), request)

    async def _call(self, function: Function, rpc: RpcHttp, request: web.Request) -> web.Response:
        trace_parent = request.headers.get("traceparent", "")
        call = self._workers.start(function, TypedData(http=rpc), trace_parent=trace_parent)
        done, _ = await asyncio.wait({call}, timeout=FRONT_END_SECONDS)
        if not done:
            return web.Response(status=HTTPStatus.GATEWAY_TIMEOUT)
        try:
            answer = to_response(call.result())
        except FunctionFailedError:
            return web.Response(status=HTTPStatus.INTERNAL_SERVER_ERROR)
        if answer.body and request.version >= HttpVersion11:
            # As the real host sends whatever a function returns, however short.
            answer.enable_chunked_encoding()
        return answer


def routes_of(functions: Iterable[Function], prefix: str) -> RouteTable | None:
    """Return the routes; None where the prefix is one with which every request fails."""
    if prefix.startswith("/"):
        log.error("extensions.http.routePrefix %r begins with a slash: requests fail", prefix)
        return None
    return RouteTable(functions, prefix)


def home_page() -> web.Response:
    """Answer for the root where no function does."""
    if os.environ.get(NO_HOME_PAGE, "").lower() == "true":
        return web.Response(status=HTTPStatus.NO_CONTENT)
    return web.Response(text=HOME_PAGE, content_type="text/html")


class Throttle:
    """Limits the calls that run, and those that run or wait; -1 means no limit.

    https://github.com/Azure/azure-webjobs-sdk-extensions/blob/dev/src/WebJobs.Extensions.Http/Middleware/HttpThrottleMiddleware.cs
    """

    def __init__(self, concurrent: int, outstanding: int) -> None:
        self._places = asyncio.Semaphore(concurrent) if concurrent != UNLIMITED else None
        self._outstanding = outstanding
        self._count = 0

    @property
    def full(self) -> bool:
        """Whether the number of requests that run or wait has reached its limit."""
        return self._outstanding != UNLIMITED and self._count >= self._outstanding

    async def __aenter__(self) -> None:
        self._count += 1
        if self._places is not None:
            # A client that leaves while it waits must not be counted any longer.
            try:
                await self._places.acquire()
            except asyncio.CancelledError:
                self._count -= 1
                raise

    async def __aexit__(self, *_: object) -> None:
        self._count -= 1
        if self._places is not None:
            self._places.release()


def to_rpc(request: web.Request, parameters: dict[str, str], body: bytes | None) -> RpcHttp:
    """Translate a request for the worker."""
    # Like the real host: repeated headers are joined by commas, as the query's values are.
    headers: dict[str, str] = {}
    for name, value in request.headers.items():
        lower = name.lower()
        headers[lower] = f"{headers[lower]},{value}" if lower in headers else value
    return RpcHttp(
        method=request.method,
        url=f"{request.scheme}://{request.host}{request.path_qs}",
        headers=headers,
        query=queries.values(request),
        params=parameters,
        # The host reads no body without a Content-Length, so a chunked one arrives empty:
        # https://github.com/Azure/azure-functions-host/issues/4926
        body=TypedData() if body is None else TypedData(bytes=body),
    )


def to_response(returned: TypedData | None) -> web.Response:
    """Translate the return value of a function: a response, or a text."""
    if returned is None:
        return web.Response(status=HTTPStatus.OK)
    if not isinstance(returned.value, RpcHttp):
        return web.Response(text=str(returned.value))
    rpc = returned.value
    headers = CIMultiDict(rpc.headers)
    for cookie in rpc.cookies or ():
        headers.add("Set-Cookie", cookies.header(cookie))
    if not all(value.isascii() for value in headers.values()):
        # Kestrel refuses to send such a header.
        return web.Response(status=HTTPStatus.INTERNAL_SERVER_ERROR)
    content = rpc.body.value
    body = content if isinstance(content, bytes) else None
    return web.Response(status=int(rpc.status_code), headers=headers, body=body)
