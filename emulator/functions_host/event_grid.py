"""The Event Grid webhook: the handshake, and one call per event.

https://github.com/Azure/azure-sdk-for-net/blob/main/sdk/eventgrid/Microsoft.Azure.WebJobs.Extensions.EventGrid/src/TriggerBinding/HttpRequestProcessor.cs
"""

import asyncio
import json
from http import HTTPStatus

from aiohttp import hdrs, web

from emulator.functions_host import event_json, queries
from emulator.functions_host.errors import FunctionFailedError
from emulator.functions_host.function import Function
from emulator.functions_host.keys import SYSTEM, Keys
from emulator.functions_host.messages import TypedData
from emulator.functions_host.workers import Workers

PATH = "/runtime/webhooks/{extension:(?i:eventgrid)}"
# The methods that the host's controller accepts; for any other there is no route.
METHODS = ("GET", "POST", "PUT", "DELETE", "OPTIONS")


class EventGridWebhook:
    """Receives deliveries for the app's Event Grid functions."""

    def __init__(self, workers: Workers, keys: Keys) -> None:
        self._workers = workers
        self._keys = keys
        self._functions = workers.of_kind("eventGridTrigger")

    async def handle(self, request: web.Request) -> web.Response:
        """Answer a validation handshake or a delivery."""
        if request.method not in METHODS:
            return web.Response(status=HTTPStatus.NOT_FOUND)
        if status := self._keys.refusal(request, SYSTEM):
            return web.Response(status=status)
        name = queries.value(request, "functionName")
        function = self._functions.get(name)
        if function is None:
            return web.Response(status=HTTPStatus.NOT_FOUND, text=f"cannot find function: '{name}'")
        if request.method == hdrs.METH_OPTIONS:
            # The handshake of the CloudEvents schema; from whom it comes is not looked at.
            return web.Response(headers={"WebHook-Allowed-Origin": "eventgrid.azure.net"})
        return await self._answer(function, request)

    async def _answer(self, function: Function, request: web.Request) -> web.Response:
        kind = request.headers.get("aeg-event-type", "").lower()
        if kind == "unsubscribe":
            return web.Response(status=HTTPStatus.ACCEPTED)
        if kind not in {"subscriptionvalidation", "notification"}:
            return web.Response(status=HTTPStatus.BAD_REQUEST)
        try:
            content = json.loads(await request.read())
            if kind == "notification":
                return await self._deliver(function, content)
            return handshake(content)
        # The real host lets the exception of its JSON parser through, so Event Grid tries again.
        except (LookupError, TypeError, ValueError) as error:
            return web.Response(status=HTTPStatus.INTERNAL_SERVER_ERROR, text=str(error))

    async def _deliver(self, function: Function, content: object) -> web.Response:
        """Call the function for all events concurrently; one failure fails the delivery."""
        if not isinstance(content, dict | list):
            raise TypeError("a delivery is an event or an array of events")
        events = content if isinstance(content, list) else [content]
        calls = [self._workers.start(function, event_data(event)) for event in events]
        for outcome in await asyncio.gather(*calls, return_exceptions=True):
            if isinstance(outcome, FunctionFailedError):
                text = f"Exception while executing function: Functions.{function.name}"
                return web.Response(status=HTTPStatus.INTERNAL_SERVER_ERROR, text=text)
            if isinstance(outcome, BaseException):
                raise outcome
        return web.Response(status=HTTPStatus.ACCEPTED)


def handshake(content: object) -> web.Response:
    """Return the validation code, by which this endpoint agrees to receive events."""
    event = content[0] if isinstance(content, list) else content
    if not isinstance(event, dict):
        raise TypeError("a validation is an event or an array of events")
    data = event["data"]
    if not isinstance(content, list) and isinstance(data, str):
        # In the CloudEvents schema the data is a text that holds JSON.
        data = json.loads(data)
    return web.Response(text=json.dumps({"validationResponse": str(data["validationCode"])}))


def event_data(event: object) -> TypedData:
    """Return one event as compact JSON, which a parameter of type `str` receives as it is."""
    return TypedData(json=event_json.rewritten(event))
