"""Call Automation's operations: what each request does, and how it is answered.

https://learn.microsoft.com/rest/api/communication/callautomation/
"""

from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import msgspec
from aiohttp import web

from emulator.acs.bodies import Answer, ConnectCall, CreateCall, Reject, TranscriptionRequest
from emulator.acs.bodies_people import MidCall
from emulator.acs.calls import Operation
from emulator.acs.connection import Connection
from emulator.acs.errors import decode, invalid, refusal
from emulator.acs.identifiers import raw_id
from emulator.acs.repeatability import Reply
from emulator.acs.results import ALREADY_ACTIVE, PARTICIPANT_NOT_FOUND
from emulator.acs.setups import check_create, check_join, check_setup
from emulator.acs.state import Emulator
from emulator.acs.transcription import Transcription

type Perform = Callable[[Emulator, web.Request, bytes], Awaitable[Reply]]
type Change = Callable[[Transcription, Operation, dict[str, Any]], Coroutine[Any, Any, None]]


async def _answer(emulator: Emulator, request: web.Request, body: bytes) -> Reply:
    def perform() -> Reply:
        wanted = decode(body, Answer)
        check_setup(wanted, emulator.resources.settings)
        return json_reply(emulator.exchange.answer(wanted, version(request)).properties())

    return emulator.repeatability.once(request, body, perform)


async def _reject(emulator: Emulator, request: web.Request, body: bytes) -> Reply:
    def perform() -> Reply:
        emulator.exchange.reject(decode(body, Reject))
        return Reply(204)

    return emulator.repeatability.once(request, body, perform)


async def _create(emulator: Emulator, request: web.Request, body: bytes) -> Reply:
    def perform() -> Reply:
        wanted = decode(body, CreateCall)
        check_create(wanted, emulator.resources.settings)
        return json_reply(emulator.exchange.create(wanted, version(request)).properties(), 201)

    return emulator.repeatability.once(request, body, perform)


async def _join(emulator: Emulator, request: web.Request, body: bytes) -> Reply:
    def perform() -> Reply:
        wanted = decode(body, ConnectCall)
        check_join(wanted, emulator.resources.settings)
        return json_reply(emulator.exchange.join(wanted, version(request)).properties())

    return emulator.repeatability.once(request, body, perform)


async def _get(emulator: Emulator, request: web.Request, _body: bytes) -> Reply:
    return json_reply(connection_of(emulator, request).properties())


async def _list_participants(emulator: Emulator, request: web.Request, _body: bytes) -> Reply:
    found = connection_of(emulator, request).participants()
    size = emulator.resources.settings.participants_page
    token = request.query.get("skipToken", "0")
    if not (token.isascii() and token.isdecimal()):
        raise invalid("The field skipToken is invalid.")
    begin = int(token)
    page: dict[str, Any] = {"value": found[begin : begin + size]}
    if len(found) > begin + size:
        page["nextLink"] = str(request.url.update_query(skipToken=str(begin + size)))
    return json_reply(page)


async def _get_participant(emulator: Emulator, request: web.Request, _body: bytes) -> Reply:
    wanted = raw_id(request.match_info["who"])
    for found in connection_of(emulator, request).participants():
        if found["identifier"]["rawId"] == wanted:
            return json_reply(found)
    raise refusal(PARTICIPANT_NOT_FOUND)


def _hang_up(*, everyone: bool) -> Perform:
    """Return the operation that ends a call, or lets the app leave it."""

    async def perform(emulator: Emulator, request: web.Request, body: bytes) -> Reply:
        def hang_up() -> Reply:
            connection = connection_of(emulator, request)
            emulator.exchange.hang_up_by_app(connection, everyone=everyone)
            return Reply(204)

        return emulator.repeatability.once(request, body, hang_up)

    return perform


def get_as(state: str) -> Perform:
    """Return the operation that shows a call in another state than it has, also after its end."""

    async def perform(emulator: Emulator, request: web.Request, _body: bytes) -> Reply:
        connection = emulator.exchange.find_ended_too(request.match_info["call_connection_id"])
        return json_reply(connection.properties() | {"callConnectionState": state})

    return perform


def _on_transcription(change: Change) -> Perform:
    """Return the operation that changes a transcription; its outcome is reported by an event."""

    # Not repeatable, unlike the operations above: the SDKs send no Repeatability-Request-ID here,
    # so a retried request is a second request, as it is for the service.
    async def perform(emulator: Emulator, request: web.Request, body: bytes) -> Reply:
        connection, wanted = connection_of(emulator, request), decode(body, TranscriptionRequest)
        operation = operation_of(connection, request, wanted)
        if change is Transcription.start and connection.transcription.refuses_start:
            connection.call.starts_while_running += 1
            raise refusal(ALREADY_ACTIVE)
        # Answered before anything is done: the result is known only from the event that follows.
        emulator.resources.tasks.spawn(
            change(connection.transcription, operation, wanted.changes())
        )
        return Reply(202)

    return perform


def version(request: web.Request) -> str:
    """Return the api-version of a request."""
    return request.query.get("api-version", "")


def operation_of(
    connection: Connection, request: web.Request, wanted: MidCall | TranscriptionRequest
) -> Operation:
    """Return what the events repeat that a request about a call brings about."""
    # The address is for the events of this request alone; the next one has that of the setup.
    address = wanted.operation_callback_uri or connection.setup.callback_uri
    return Operation(version(request), address, wanted.operation_context)


def connection_of(emulator: Emulator, request: web.Request) -> Connection:
    """Return the call that a request is about. Raises ServiceError where none is up."""
    return emulator.exchange.find(request.match_info["call_connection_id"])


def json_reply(body: object, status: int = 200) -> Reply:
    """Return an answer with a body."""
    return Reply(status, msgspec.json.encode(body))


_CALLS = "/calling/callConnections"
# No colon in an id: what follows it is the name of an operation, as in `{id}:terminate`.
CALL = f"{_CALLS}/{{call_connection_id:[^/:]+}}"
_TRANSCRIPTION_OPERATIONS: dict[str, Change] = {
    "startTranscription": Transcription.start,
    "updateTranscription": Transcription.update,
    "stopTranscription": lambda transcription, operation, _: transcription.stop(operation),
}
# Method, path, the name under which requests are counted and faults are ordered, and what it does.
OPERATIONS: tuple[tuple[str, str, str, Perform], ...] = (
    ("POST", f"{_CALLS}:answer", "answer", _answer),
    ("POST", f"{_CALLS}:reject", "reject", _reject),
    ("POST", _CALLS, "createCall", _create),
    ("POST", f"{_CALLS}:connect", "connectCall", _join),
    ("GET", CALL, "getCall", _get),
    ("GET", f"{CALL}/participants", "listParticipants", _list_participants),
    ("GET", f"{CALL}/participants/{{who}}", "getParticipant", _get_participant),
    # `hang_up(is_for_everyone=False)` of the SDKs sends DELETE, with True it sends `:terminate`.
    ("DELETE", CALL, "hangUp", _hang_up(everyone=False)),
    ("POST", f"{CALL}:terminate", "hangUp", _hang_up(everyone=True)),
    *(
        ("POST", f"{CALL}:{name}", name, _on_transcription(change))
        for name, change in _TRANSCRIPTION_OPERATIONS.items()
    ),
)
