"""Call Automation's REST interface: checks of each request, and the faults that strike it.

https://learn.microsoft.com/rest/api/communication/callautomation/
"""

import asyncio
from http import HTTPStatus

import msgspec
from aiohttp import web

from emulator.acs import operations, operations_media, operations_people
from emulator.acs.bodies import CallLocator, Target
from emulator.acs.errors import ServiceError, decode, refusal
from emulator.acs.faults import Fault
from emulator.acs.hmac_auth import require_signature
from emulator.acs.operations import Perform, get_as, version
from emulator.acs.pending_faults import PendingFault
from emulator.acs.state import EMULATOR, Emulator
from emulator.serving import Handler

_OPERATIONS = (
    *operations.OPERATIONS,
    *operations_people.OPERATIONS,
    *operations_media.OPERATIONS,
)


class _Wanted(msgspec.Struct, rename="camel"):
    targets: tuple[Target, ...] = ()
    call_locator: CallLocator | None = None


class _Context(msgspec.Struct, rename="camel"):
    incoming_call_context: str | None = None


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
        names = _names(emulator, call_id, body)
        struck = emulator.resources.faults.of_operation(name, names) or emulator.weather.strike(
            name, _ends(emulator, call_id, body)
        )
        if struck is None:
            return (await perform(emulator, request, body)).response()
        return await _perform_faultily(perform, struck, emulator, request, body)

    return handle


async def _perform_faultily(
    perform: Perform, struck: PendingFault, emulator: Emulator, request: web.Request, body: bytes
) -> web.Response:
    fault = struck.fault
    await _wait(struck)
    if fault.refuses and not fault.done:
        raise _refusal_by(fault)
    if fault.do in ("swallow", "reset"):
        return _broken(request, web.Response(status=HTTPStatus.SERVICE_UNAVAILABLE))
    chosen = perform if fault.state is None else get_as(fault.state)
    response = (await chosen(emulator, request, body)).response()
    if fault.done:
        raise _refusal_by(fault)
    if fault.do == "lateReply":
        await asyncio.sleep(fault.delay)
    return _broken(request, response) if fault.do == "loseReply" else response


def _broken(request: web.Request, unsent: web.Response) -> web.Response:
    """Break the connection, so that the client sees nothing of the response."""
    if request.transport:
        request.transport.abort()
    return unsent


async def _wait(struck: PendingFault) -> None:
    """Wait as a fault does before the operation."""
    fault = struck.fault
    if fault.do != "lateReply":
        await asyncio.sleep(fault.delay)
    if fault.do in ("freeze", "swallow"):
        await struck.over.wait()


def _refusal_by(fault: Fault) -> ServiceError:
    if fault.result:
        return refusal(fault.result, fault.retry_after)
    status = fault.status or 500
    phrase = next((known.phrase for known in HTTPStatus if known == status), "Error")
    code = phrase.replace(" ", "")
    return ServiceError(status, code, f"{phrase}.", retry_after=fault.retry_after)


def _check_request(request: web.Request, body: bytes) -> None:
    """Raise ServiceError for a request with a wrong signature or an unknown api-version."""
    settings = request.app[EMULATOR].resources.settings
    if settings.access_key is not None:
        require_signature(request, body, settings.access_key)
    if version(request) not in settings.api_versions:
        # The service's words for a version that it has removed, which broke apps that used a
        # preview (azure-sdk-for-python#38974).
        message = f"No HTTP resource was found that matches the request URI '{request.url}'."
        raise ServiceError(404, "NotFound", message)


def _call_id(emulator: Emulator, request: web.Request, body: bytes) -> str | None:
    """Return the control API's id of the call that a request concerns."""
    if connection_id := request.match_info.get("call_connection_id"):
        return emulator.exchange.call_id_of(connection_id)
    context = decode(body, _Context).incoming_call_context
    call = emulator.exchange.call_with(context) if context else None
    return call.id if call else None


def _names(emulator: Emulator, call_id: str | None, body: bytes) -> frozenset[str]:
    """Return the names of a call; of one that is yet to be made or joined what its request has."""
    if call := emulator.exchange.calls.get(call_id or ""):
        return call.names
    wanted = decode(body, _Wanted)
    place = {wanted.call_locator.place[1]} if wanted.call_locator else set[str]()
    return frozenset(target.raw_id for target in wanted.targets) | place


def _ends(emulator: Emulator, call_id: str | None, body: bytes) -> str:
    """Return who is called by whom; for a call that is yet to be made or joined its request."""
    call = emulator.exchange.calls.get(call_id or "")
    if call is None:
        wanted = decode(body, _Wanted)
        return " ".join(target.raw_id for target in wanted.targets) or str(wanted.call_locator)
    return f"{call.caller} {' '.join(call.targets)}"


def routes() -> list[web.RouteDef]:
    """Return the routes under `/calling`."""
    return [
        web.get("/calling/keys", _keys),
        web.get("/calling/.well-known/acsopenidconfiguration", _openid_configuration),
        *(
            web.route(method, path, _operation_handler(name, perform))
            for method, path, name, perform in _OPERATIONS
        ),
    ]
