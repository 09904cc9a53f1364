"""The app inside Microsoft's runtime library: loads it and calls its functions.

`azure_functions_runtime` indexes and calls functions in Azure on Python 3.13 and later:
https://github.com/Azure/azure-functions-python-worker/tree/dev/runtimes/v2
"""

import importlib
import json
import os
import sys
import uuid
from contextvars import ContextVar
from pathlib import Path
from types import ModuleType

from emulator.functions_host import messages, wire
from emulator.functions_host.errors import AppError, LoadError
from emulator.functions_host.function import TRIGGERS, Function

# Not from `emulator.serving`: with it comes a web server, which a worker has no use for.
_LOOPBACK = "127.0.0.1"
_of_task: ContextVar[str | None] = ContextVar("invocation", default=None)


class App:
    """The indexed app."""

    def __init__(self, runtime: ModuleType, functions: tuple[Function, ...]) -> None:
        self.functions = functions
        self._runtime = runtime
        executor = importlib.import_module("azure_functions_runtime.utils.executor")
        self._of_thread: ContextVar[str | None] = executor.invocation_id_cv
        self._names = {function.function_id: function.name for function in functions}
        self._running: dict[str, str] = {}

    async def call(self, call: wire.Call) -> wire.Outcome:
        """Call a function, and return what it has come to."""
        invocation_id = str(uuid.uuid4())
        _of_task.set(invocation_id)
        self._running[invocation_id] = self._names[call.function_id]
        try:
            return await self._called(call, invocation_id)
        finally:
            del self._running[invocation_id]

    def function_of_line(self) -> str | None:
        """Return which function logs at this moment, in a task or thread of its own."""
        # Threads do not know the variables of the task that they work for, but the runtime's one.
        invocation_id = self._of_thread.get() or _of_task.get()
        return self._running.get(invocation_id or "")

    async def _called(self, call: wire.Call, invocation_id: str) -> wire.Outcome:
        request = messages.InvocationRequest(
            invocation_id=invocation_id,
            function_id=call.function_id,
            input_data=[messages.ParameterBinding(call.parameter, call.data)],
            trigger_metadata=call.metadata,
            trace_context=messages.RpcTraceContext(call.trace_parent),
        )
        message = messages.streaming_message(invocation_request=request)
        response: messages.InvocationResponse = await self._runtime.invocation_request(message)
        if response.result.status == messages.StatusResult.Success:
            return wire.Outcome(call.number, response.return_value)
        raised = response.result.exception or messages.RpcException()
        return wire.Outcome(call.number, None, raised.message, raised.stack_trace)


async def load(directory: Path) -> App:
    """Index the app in `directory`.

    Raises LoadError, which begins with the app's own message, where the app raises or has no
    functions; AppError where it has what this host does not emulate.
    """
    # The app's folder is the current one and the first on the path, as it is in Azure.
    os.chdir(directory)
    sys.path.insert(0, str(directory))
    runtime = importlib.import_module("azure_functions_runtime")
    runtime.start_threadpool_executor()
    await _initialise(runtime, directory)
    described = await runtime.functions_metadata_request(None)
    found: list[messages.RpcFunctionMetadata] | None = described.function_metadata_results
    if not found:
        raise LoadError(f"no functions were found in {directory / 'function_app.py'}")
    return App(runtime, tuple(_function(metadata) for metadata in found))


async def _initialise(runtime: ModuleType, directory: Path) -> None:
    request = messages.WorkerInitRequest(capabilities={}, function_app_directory=str(directory))
    message = messages.streaming_message(
        {"host": _LOOPBACK, "protos": messages}, worker_init_request=request
    )
    started: messages.WorkerInitResponse = await runtime.worker_init_request(message)
    raised = started.result.exception
    if raised is not None:
        trace = _app_frames(raised.stack_trace, directory)
        file = (
            os.environ.get("FUNCTIONS_SETTINGS") or "no file, which FUNCTIONS_SETTINGS would name"
        )
        source = f"The app's settings are those of the environment and of {file}."
        raise LoadError(f"{raised.message}\n\n{trace.rstrip()}\n\n{source}")
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
    return Function(metadata.name, metadata.function_id, bindings)
