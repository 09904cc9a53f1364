"""The app inside Microsoft's runtime library: loads it and calls its functions.

`azure_functions_runtime` indexes and calls functions in Azure on Python 3.13 and later:
https://github.com/Azure/azure-functions-python-worker/tree/dev/runtimes/v2
"""

import asyncio
import importlib
import json
import logging
import os
import sys
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

from emulator.functions_host import messages
from emulator.functions_host.errors import AppError, FunctionFailedError
from emulator.functions_host.messages import TypedData
from emulator.serving import LOOPBACK

TRIGGERS = ("httpTrigger", "eventGridTrigger", "queueTrigger", "timerTrigger")

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Function:
    """A function of the app, with its bindings as the app declares them."""

    name: str
    function_id: str
    bindings: tuple[dict[str, Any], ...]
    trigger: Mapping[str, Any] = field(repr=False)

    @property
    def kind(self) -> str:
        """The trigger's type, such as `httpTrigger`."""
        return str(self.trigger["type"])


class Worker:
    """Calls the app's functions, each in a task of its own."""

    def __init__(
        self, runtime: ModuleType, functions: tuple[Function, ...], timeout: timedelta | None
    ) -> None:
        self.functions = functions
        self._runtime = runtime
        self._timeout = timeout.total_seconds() if timeout is not None else None
        self._running: set[asyncio.Task[TypedData | None]] = set()

    def of_kind(self, kind: str) -> dict[str, Function]:
        """Return the functions with that kind of trigger, by name."""
        return {function.name: function for function in self.functions if function.kind == kind}

    def start(
        self,
        function: Function,
        data: TypedData,
        metadata: dict[str, TypedData] | None = None,
        trace_parent: str = "",
    ) -> asyncio.Task[TypedData | None]:
        """Call `function`; the task returns its result or raises FunctionFailedError."""
        request = messages.InvocationRequest(
            invocation_id=str(uuid.uuid4()),
            function_id=function.function_id,
            input_data=[messages.ParameterBinding(function.trigger["name"], data)],
            trigger_metadata=metadata or {},
            trace_context=messages.RpcTraceContext(trace_parent),
        )
        task = asyncio.create_task(self._call(function, request))
        self._running.add(task)
        task.add_done_callback(self._ended)
        return task

    async def drain(self, within: float) -> bool:
        """Wait for the calls in flight; tell whether all of them have ended in time."""
        if not self._running:
            return True
        _, pending = await asyncio.wait(self._running, timeout=within)
        return not pending

    def _ended(self, task: asyncio.Task[TypedData | None]) -> None:
        self._running.discard(task)
        # The failure is logged already; asyncio would report it again where nobody awaits the call.
        if not task.cancelled():
            task.exception()

    async def _call(
        self, function: Function, request: messages.InvocationRequest
    ) -> TypedData | None:
        try:
            response = await self._invoke(request)
        except TimeoutError:
            # In Azure the whole worker process is ended and started again:
            # https://learn.microsoft.com/azure/azure-functions/functions-host-json#functiontimeout
            message = f"Timeout value of {self._timeout:g} s was exceeded by '{function.name}'"
            failure = FunctionFailedError(message)
        else:
            if response.result.status == messages.StatusResult.Success:
                return response.return_value
            raised = response.result.exception or messages.RpcException()
            failure = FunctionFailedError(raised.message, raised.stack_trace)
        log.error("Function '%s' failed: %s\n%s", function.name, failure, failure.stack_trace)
        raise failure

    async def _invoke(self, request: messages.InvocationRequest) -> messages.InvocationResponse:
        message = messages.streaming_message(invocation_request=request)
        async with asyncio.timeout(self._timeout):
            response: messages.InvocationResponse = await self._runtime.invocation_request(message)
        return response


async def load(directory: Path, function_timeout: timedelta | None) -> Worker:
    """Index the app in `directory`. Raises AppError, which begins with the app's own message."""
    _change_directory(directory)
    runtime = importlib.import_module("azure_functions_runtime")
    runtime.start_threadpool_executor()
    await _initialise(runtime, directory)
    described = await runtime.functions_metadata_request(None)
    found: list[messages.RpcFunctionMetadata] | None = described.function_metadata_results
    if not found:
        raise AppError(f"no functions were found in {directory / 'function_app.py'}")
    return Worker(runtime, tuple(_function(metadata) for metadata in found), function_timeout)


def _change_directory(directory: Path) -> None:
    """Make the app's folder the current one and the first on the path, as it is in Azure."""
    try:
        os.chdir(directory)
    except OSError as error:
        raise AppError(f"FUNCTIONS_APP: {directory}: {error.strerror}") from error
    sys.path.insert(0, str(directory))


async def _initialise(runtime: ModuleType, directory: Path) -> None:
    request = messages.WorkerInitRequest(capabilities={}, function_app_directory=str(directory))
    message = messages.streaming_message(
        {"host": LOOPBACK, "protos": messages}, worker_init_request=request
    )
    started: messages.WorkerInitResponse = await runtime.worker_init_request(message)
    raised = started.result.exception
    if raised is not None:
        trace = _app_frames(raised.stack_trace, directory)
        file = (
            os.environ.get("FUNCTIONS_SETTINGS") or "no file, which FUNCTIONS_SETTINGS would name"
        )
        source = f"The app's settings are those of the environment and of {file}."
        raise AppError(f"{raised.message}\n\n{trace.rstrip()}\n\n{source}")
    # The runtime then expects requests at a server of its own, past this host.
    if "HttpUri" in started.capabilities:
        raise AppError("HTTP streams (azurefunctions-extensions-http) are not emulated")


def _app_frames(trace: str, directory: Path) -> str:
    """Return a stack trace from the first frame of the app on, without those of the runtime."""
    _, mark, rest = trace.partition(f'  File "{directory / "function_app.py"}"')
    return mark + rest if mark else trace


def _function(metadata: messages.RpcFunctionMetadata) -> Function:
    bindings = tuple(json.loads(binding) for binding in metadata.raw_bindings)
    for binding in bindings:
        if binding["type"] not in TRIGGERS and binding["name"] != "$return":
            raise AppError(f"{metadata.name}: a binding of type {binding['type']} is not emulated")
    if metadata.retry_options is not None:
        raise AppError(f"{metadata.name}: retry policies are not emulated")
    trigger = next(binding for binding in bindings if binding["type"] in TRIGGERS)
    return Function(metadata.name, metadata.function_id, bindings, trigger)
