"""The host's own routes: its state, its functions, and calls of a function by hand.

https://github.com/Azure/azure-functions-host/blob/dev/src/WebJobs.Script.WebHost/Controllers/FunctionsController.cs
"""

import json
import os
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from aiohttp import web

from emulator.functions_host.bindings import is_disabled
from emulator.functions_host.errors import FunctionFailedError
from emulator.functions_host.event_grid import event_data
from emulator.functions_host.function import Function
from emulator.functions_host.keys import ADMIN, Keys
from emulator.functions_host.messages import TypedData
from emulator.functions_host.timer_trigger import timer_info
from emulator.functions_host.workers import Workers
from emulator.serving import Handler, error, not_emulated

# How the text in {"input": …} becomes the data that each kind of trigger would deliver.
INPUTS: dict[str, Callable[[str], TypedData]] = {
    "timerTrigger": lambda _: timer_info(),
    "queueTrigger": lambda text: TypedData(string=text),
    "eventGridTrigger": lambda text: event_data(json.loads(text)),
}


class Admin:
    """Answers under `/admin`."""

    def __init__(self, workers: Workers, keys: Keys) -> None:
        self._functions = {function.name.lower(): function for function in workers.functions}
        self._workers = workers
        self._keys = keys

    def register(self, router: web.UrlDispatcher) -> None:
        """Add the routes; every other route of the real host answers that it is not emulated."""
        router.add_route("*", "/admin/host/ping", _ping)
        router.add_get("/admin/host/status", self._guarded(self._status))
        router.add_get("/admin/functions", self._guarded(self._list))
        router.add_get("/admin/functions/{name}", self._guarded(self._show))
        router.add_post("/admin/functions/{name}", self._guarded(self._fire))
        router.add_route("*", "/admin/{rest:.*}", _other)

    def _guarded(self, handler: Handler) -> Handler:
        async def guarded(request: web.Request) -> web.StreamResponse:
            if status := self._keys.refusal(request, ADMIN):
                return web.Response(status=status)
            return await handler(request)

        return guarded

    async def _status(self, _: web.Request) -> web.Response:
        # The processes are this emulator's own: who wants to see one die has to know them.
        processes = {"process": os.getpid(), "workers": self._workers.pids}
        return web.json_response({"state": "Running"} | processes)

    async def _list(self, _: web.Request) -> web.Response:
        return web.json_response([_described(function) for function in self._workers.functions])

    async def _show(self, request: web.Request) -> web.Response:
        function = self._functions.get(request.match_info["name"].lower())
        if function is None:
            return web.Response(status=HTTPStatus.NOT_FOUND)
        return web.json_response(_described(function))

    async def _fire(self, request: web.Request) -> web.Response:
        """Call a function, and answer 202 at once or, if the request asks for it, at its end."""
        # Waiting (`Prefer: wait` or `?wait=true`; 200, or 500 with the exception) is this
        # emulator's own: a test can so call a timer function and know when it has ended.
        function = self._functions.get(request.match_info["name"].lower())
        if function is None:
            return web.Response(status=HTTPStatus.NOT_FOUND)
        if function.kind not in INPUTS:
            return not_emulated(f"firing a function with {function.kind} by hand")
        try:
            data = INPUTS[function.kind](_input(await request.read()))
        except ValueError as wrong:
            return error(400, "BadRequest", str(wrong))
        call = self._workers.start(function, data)
        if not _should_wait(request):
            return web.Response(status=HTTPStatus.ACCEPTED)
        try:
            await call
        except FunctionFailedError as failure:
            return error(500, "FunctionFailed", str(failure))
        return web.Response()


async def _ping(_: web.Request) -> web.Response:
    return web.Response()


async def _other(request: web.Request) -> web.Response:
    return not_emulated(f"{request.method} {request.path}")


def _input(body: bytes) -> str:
    content = json.loads(body)
    if isinstance(content, dict):
        return str(content.get("input") or "")
    raise ValueError('the body must be an object like {"input": ""}')


def _should_wait(request: web.Request) -> bool:
    prefers = request.headers.get("Prefer", "").lower() == "wait"
    return prefers or request.rel_url.query.get("wait", "").lower() == "true"


def _described(function: Function) -> dict[str, Any]:
    return {
        "name": function.name,
        "language": "python",
        "isDisabled": is_disabled(function.name),
        "config": {"name": function.name, "bindings": list(function.bindings)},
    }
