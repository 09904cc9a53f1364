"""Call Automation's REST interface: checks, operations and answers.

https://learn.microsoft.com/rest/api/communication/callautomation/
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import msgspec
from aiohttp import web

from emulator.acs.bodies import (
    Answer,
    ConnectCall,
    CreateCall,
    Reject,
    Setup,
    TranscriptionRequest,
)
from emulator.acs.calls import Operation
from emulator.acs.errors import ServiceError, decode, invalid
from emulator.acs.exchange import Connection
from emulator.acs.hmac_auth import require_signature
from emulator.acs.pending_faults import PendingFault
from emulator.acs.repeatability import Reply
from emulator.acs.results import ALREADY_ACTIVE, Result
from emulator.acs.state import EMULATOR, Emulator
from emulator.acs.transcription import Transcription
from emulator.serving import Handler

type Perform = Callable[[Emulator, web.Request, bytes], Awaitable[Reply]]
type Change = Callable[[Transcription, Operation, dict[str, Any]], Coroutine[Any, Any, None]]

_CALLS = "/calling/callConnections"
# No colon in an id: what follows it is the name of an operation, as in `{id}:terminate`.
_CALL = f"{_CALLS}/{{call_connection_id:[^/:]+}}"


class _Context(msgspec.Struct, rename="camel"):
    incoming_call_context: str | None = None


async def _answer(emulator: Emulator, request: web.Request, body: bytes) -> Reply:
    def perform() -> Reply:
        answer = decode(body, Answer)
        _check_setup(answer, require_https=emulator.resources.settings.require_https)
        connection = emulator.exchange.answer(answer, _version(request))
        return _json(connection.properties())

    return emulator.repeatability.once(request, body, perform)


async def _create(emulator: Emulator, request: web.Request, body: bytes) -> Reply:
    def perform() -> Reply:
        wanted = decode(body, CreateCall)
        _check_setup(wanted, require_https=emulator.resources.settings.require_https)
        connection = emulator.exchange.create(wanted, _version(request))
        return _json(connection.properties(), 201)

    return emulator.repeatability.once(request, body, perform)


async def _join(emulator: Emulator, request: web.Request, body: bytes) -> Reply:
    def perform() -> Reply:
        wanted = decode(body, ConnectCall)
        _check_setup(wanted, require_https=emulator.resources.settings.require_https)
        return _json(emulator.exchange.join(wanted, _version(request)).properties())

    return emulator.repeatability.once(request, body, perform)


async def _get(emulator: Emulator, request: web.Request, _body: bytes) -> Reply:
    return _json(_connection(emulator, request).properties())


async def _reject(emulator: Emulator, request: web.Request, body: bytes) -> Reply:
    def perform() -> Reply:
        emulator.exchange.reject(decode(body, Reject).incoming_call_context)
        return Reply(204)

    return emulator.repeatability.once(request, body, perform)


async def _participants(emulator: Emulator, request: web.Request, _body: bytes) -> Reply:
    return _json({"value": _connection(emulator, request).participants()})


async def _participant(emulator: Emulator, request: web.Request, _body: bytes) -> Reply:
    raw = request.match_info["participant"]
    for found in _connection(emulator, request).participants():
        if found["identifier"]["rawId"] == raw:
            return _json(found)
    raise ServiceError(404, "8522", "Participant not found.")


def _hang_up(*, everyone: bool) -> Perform:
    """Return the operation that leaves a call, or ends it for everyone."""

    async def perform(emulator: Emulator, request: web.Request, body: bytes) -> Reply:
        def hang_up() -> Reply:
            connection = _connection(emulator, request)
            emulator.exchange.hang_up_by_app(connection, everyone=everyone)
            return Reply(204)

        return emulator.repeatability.once(request, body, hang_up)

    return perform


def _get_as(state: str) -> Perform:
    """Return the operation that shows a call in another state than it has, also after its end."""

    async def perform(emulator: Emulator, request: web.Request, _body: bytes) -> Reply:
        connection = emulator.exchange.find_ended_too(request.match_info["call_connection_id"])
        return _json(connection.properties() | {"callConnectionState": state})

    return perform


def _on_transcription(change: Change) -> Perform:
    """Return the operation that changes a transcription; its outcome is reported by an event."""

    # Not repeatable, unlike the operations above: the SDKs send no Repeatability-Request-ID here,
    # so a retried request is a second request, as it is for the service.
    async def perform(emulator: Emulator, request: web.Request, body: bytes) -> Reply:
        connection, wanted = _connection(emulator, request), decode(body, TranscriptionRequest)
        # The address is for the events of this request alone; the next one has that of the setup.
        address = wanted.operation_callback_uri or connection.setup.callback_uri
        operation = Operation(_version(request), address, wanted.operation_context)
        if change is Transcription.start and connection.transcription.refuses_start:
            raise _refusal(ALREADY_ACTIVE)
        # Answered before anything is done: the result is known only from the event that follows.
        emulator.resources.tasks.spawn(
            change(connection.transcription, operation, wanted.changes())
        )
        return Reply(202)

    return perform


async def _keys(request: web.Request) -> web.Response:
    return web.json_response(request.app[EMULATOR].resources.signer.keys())


async def _openid_configuration(request: web.Request) -> web.Response:
    signer = request.app[EMULATOR].resources.signer
    return web.json_response(signer.openid_configuration(str(request.url.origin())))


def _operation_handler(name: str, perform: Perform) -> Handler:
    """Return the handler of an operation: checks, then faults, then the operation itself."""

    async def handle(request: web.Request) -> web.StreamResponse:
        body = await request.read()
        _check_request(request, body)
        emulator = request.app[EMULATOR]
        call_id = _call_id(emulator, request, body)
        if call := emulator.exchange.calls.get(call_id or ""):
            call.requests[name] += 1
        struck = emulator.resources.faults.of_operation(name, call_id)
        if struck is None:
            return (await perform(emulator, request, body)).response()
        return await _perform_faultily(perform, struck, emulator, request, body)

    return handle


async def _perform_faultily(
    perform: Perform, struck: PendingFault, emulator: Emulator, request: web.Request, body: bytes
) -> web.Response:
    fault = struck.fault
    await _apply_before(struck)
    if fault.do == "swallow":
        return _broken(request, web.Response(status=HTTPStatus.SERVICE_UNAVAILABLE))
    chosen = perform if fault.state is None else _get_as(fault.state)
    response = (await chosen(emulator, request, body)).response()
    if fault.do == "lateReply":
        await asyncio.sleep(fault.delay)
    return _broken(request, response) if fault.do == "loseReply" else response


def _broken(request: web.Request, unsent: web.Response) -> web.Response:
    """Break the connection, so that the client sees nothing of the response."""
    if request.transport:
        request.transport.abort()
    return unsent


async def _apply_before(struck: PendingFault) -> None:
    """Apply what a fault does before the operation: wait, and raise ServiceError if it refuses."""
    fault = struck.fault
    if fault.do != "lateReply":
        await asyncio.sleep(fault.delay)
    if fault.do in ("freeze", "swallow"):
        await struck.over.wait()
    if fault.result:
        raise _refusal(fault.result, fault.retry_after)
    if fault.status:
        phrase = next((known.phrase for known in HTTPStatus if known == fault.status), "Error")
        code = phrase.replace(" ", "")
        raise ServiceError(fault.status, code, f"{phrase}.", retry_after=fault.retry_after)


def _refusal(result: Result, retry_after: int | None = None) -> ServiceError:
    # The SDKs show the sub code as the code of the error, as in `(8501) Action is invalid`.
    code = str(result.sub_code)
    return ServiceError(result.code, code, result.message, retry_after=retry_after)


def _check_request(request: web.Request, body: bytes) -> None:
    """Raise ServiceError for a request with a wrong signature or an unknown api-version."""
    settings = request.app[EMULATOR].resources.settings
    if settings.access_key is not None:
        require_signature(request, body, settings.access_key)
    if _version(request) not in settings.api_versions:
        # The service's words for a version that it has removed, which broke apps that used a
        # preview (azure-sdk-for-python#38974).
        message = f"No HTTP resource was found that matches the request URI '{request.url}'."
        raise ServiceError(404, "NotFound", message)


def _version(request: web.Request) -> str:
    return request.query.get("api-version", "")


def _call_id(emulator: Emulator, request: web.Request, body: bytes) -> str | None:
    """Return the control API's id of the call that a request concerns."""
    if connection_id := request.match_info.get("call_connection_id"):
        return emulator.exchange.call_id_of(connection_id)
    context = decode(body, _Context).incoming_call_context
    call = emulator.exchange.call_with(context) if context else None
    return call.id if call else None


def _connection(emulator: Emulator, request: web.Request) -> Connection:
    return emulator.exchange.find(request.match_info["call_connection_id"])


def _check_setup(setup: Setup, *, require_https: bool) -> None:
    parts = urlsplit(setup.callback_uri)
    # The service refuses http addresses with these words. Here they are allowed unless a setting
    # says otherwise, because apps on the same machine have no certificate.
    schemes = ("https",) if require_https else ("https", "http")
    if parts.scheme not in schemes or not parts.hostname:
        raise invalid("The field CallbackUri is invalid.")
    if setup.media_streaming_options is not None:
        raise ServiceError(501, "NotEmulated", "media streaming is not emulated")
    options = setup.transcription_options
    # The SDKs know no other transport (StreamingTransportType).
    if options and options.transport_type != "websocket":
        raise invalid("The field TransportType is invalid: only websocket exists.")


def _json(body: object, status: int = 200) -> Reply:
    return Reply(status, msgspec.json.encode(body))


_TRANSCRIPTION_OPERATIONS: dict[str, Change] = {
    "startTranscription": Transcription.start,
    "updateTranscription": Transcription.update,
    "stopTranscription": lambda transcription, operation, _: transcription.stop(operation),
}


def routes() -> list[web.RouteDef]:
    """Return the routes under `/calling`."""
    # Two routes for hanging up: `hang_up(is_for_everyone=False)` of the SDKs sends DELETE, with
    # True it sends `:terminate`.
    operations = (
        ("POST", f"{_CALLS}:answer", "answer", _answer),
        ("POST", _CALLS, "createCall", _create),
        ("POST", f"{_CALLS}:connect", "connectCall", _join),
        ("GET", _CALL, "getCall", _get),
        ("POST", f"{_CALLS}:reject", "reject", _reject),
        ("DELETE", _CALL, "hangUp", _hang_up(everyone=False)),
        ("POST", f"{_CALL}:terminate", "hangUp", _hang_up(everyone=True)),
        ("GET", f"{_CALL}/participants", "listParticipants", _participants),
        ("GET", f"{_CALL}/participants/{{participant}}", "getParticipant", _participant),
        *(
            ("POST", f"{_CALL}:{name}", name, _on_transcription(change))
            for name, change in _TRANSCRIPTION_OPERATIONS.items()
        ),
    )
    return [
        web.get("/calling/keys", _keys),
        web.get("/calling/.well-known/acsopenidconfiguration", _openid_configuration),
        *(
            web.route(method, path, _operation_handler(name, perform))
            for method, path, name, perform in operations
        ),
    ]
