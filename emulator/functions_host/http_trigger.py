"""HTTP triggers: requests and responses, translated as the host does for a worker.

https://github.com/Azure/azure-functions-host/blob/dev/src/WebJobs.Script.Grpc/MessageExtensions/GrpcMessageConversionExtensions.cs
"""

import asyncio
from http import HTTPStatus

from aiohttp import web
from multidict import CIMultiDict

from emulator.functions_host import body_size, cookies
from emulator.functions_host.errors import FunctionFailedError
from emulator.functions_host.function import Function
from emulator.functions_host.host_json import UNLIMITED, HostJson
from emulator.functions_host.keys import Keys
from emulator.functions_host.messages import RpcHttp, TypedData
from emulator.functions_host.routing import RouteTable
from emulator.functions_host.workers import Workers
from emulator.serving import not_emulated

# Azure's front end gives up after 230 s, whatever the functionTimeout; the function keeps running:
# https://learn.microsoft.com/azure/azure-functions/functions-scale#timeout
FRONT_END_SECONDS = 230


class HttpTrigger:
    """Answers requests by calling the app's HTTP functions."""

    def __init__(
        self, workers: Workers, host_json: HostJson, keys: Keys, longest_body: int
    ) -> None:
        self._workers = workers
        self._longest_body = longest_body
        self._keys = keys
        self._routes = RouteTable(workers.of_kind("httpTrigger").values(), host_json.route_prefix)
        self._throttle = Throttle(
            host_json.max_concurrent_requests, host_json.max_outstanding_requests
        )

    async def handle(self, request: web.Request) -> web.Response:
        """Answer a request with the function of its route."""
        found = self._routes.find(request.method, request.rel_url.raw_path)
        if found is None and request.path == "/":
            return not_emulated("the host's home page")
        if found is None:
            return web.Response(status=HTTPStatus.NOT_FOUND)
        function, parameters = found
        if not self._keys.allow(request, function.trigger.get("authLevel", "FUNCTION")):
            return web.Response(status=HTTPStatus.UNAUTHORIZED)
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
            return to_response(call.result())
        except FunctionFailedError:
            return web.Response(status=HTTPStatus.INTERNAL_SERVER_ERROR)


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
    # Like the real host: repeated headers and query values are joined by commas, and empty query
    # values are dropped.
    headers: dict[str, str] = {}
    for name, value in request.headers.items():
        lower = name.lower()
        headers[lower] = f"{headers[lower]},{value}" if lower in headers else value
    query: dict[str, str] = {}
    for name, value in request.rel_url.query.items():
        if value:
            query[name] = f"{query[name]},{value}" if name in query else value
    return RpcHttp(
        method=request.method,
        url=f"{request.scheme}://{request.host}{request.path_qs}",
        headers=headers,
        query=query,
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
    content = rpc.body.value
    body = content if isinstance(content, bytes) else None
    return web.Response(status=int(rpc.status_code), headers=headers, body=body)
