"""The part of the control API about people: how phones behave, and conversations to join."""

from collections.abc import Callable

from aiohttp import web

from emulator.acs.call_options import ConversationRequest, Person, Press, Say
from emulator.acs.conversation import Conversation
from emulator.acs.errors import ServiceError, decode
from emulator.acs.identifiers import raw_id
from emulator.acs.phones import Phone
from emulator.acs.state import EMULATOR, Emulator
from emulator.serving import Handler

type Act = Callable[[Emulator, Conversation, bytes], None]


async def _tell_phone(request: web.Request) -> web.Response:
    phone = decode(await request.read(), Phone)
    request.app[EMULATOR].exchange.phones.tell(raw_id(request.match_info["who"]), phone)
    return web.Response(status=204)


async def _untell_phone(request: web.Request) -> web.Response:
    if not request.app[EMULATOR].exchange.phones.untell(raw_id(request.match_info["who"])):
        raise ServiceError(404, "NotFound", "this phone was told nothing")
    return web.Response(status=204)


async def _list_phones(request: web.Request) -> web.Response:
    return web.json_response(request.app[EMULATOR].exchange.phones.describe())


async def _open(request: web.Request) -> web.Response:
    wanted = decode(await request.read(), ConversationRequest)
    conversation = request.app[EMULATOR].exchange.conversations.open(wanted)
    return web.json_response(conversation.describe(), status=201)


async def _list(request: web.Request) -> web.Response:
    found = request.app[EMULATOR].exchange.conversations.all.values()
    return web.json_response([conversation.describe() for conversation in found])


async def _show(request: web.Request) -> web.Response:
    return web.json_response(_conversation(request).describe())


def _say(emulator: Emulator, conversation: Conversation, body: bytes) -> None:
    emulator.exchange.say(conversation, decode(body, Say))


def _press(emulator: Emulator, conversation: Conversation, body: bytes) -> None:
    emulator.exchange.press(conversation, decode(body, Press))


def _join(emulator: Emulator, conversation: Conversation, body: bytes) -> None:
    emulator.exchange.conversations.arrive(conversation, raw_id(decode(body, Person).who))


def _leave(emulator: Emulator, conversation: Conversation, body: bytes) -> None:
    emulator.exchange.conversations.leave(conversation, raw_id(decode(body, Person).who))


def _end(emulator: Emulator, conversation: Conversation, _body: bytes) -> None:
    emulator.exchange.conversations.end(conversation)


def _on_conversation(act: Act) -> Handler:
    """Return a handler that acts on the conversation in the path and answers 204."""

    async def handle(request: web.Request) -> web.StreamResponse:
        conversation = _conversation(request)
        if conversation.over:
            raise ServiceError(409, "Conflict", "the conversation is over")
        act(request.app[EMULATOR], conversation, await request.read())
        return web.Response(status=204)

    return handle


def _conversation(request: web.Request) -> Conversation:
    found = request.app[EMULATOR].exchange.conversations.all.get(request.match_info["id"])
    if found is None:
        raise ServiceError(404, "NotFound", "there is no such conversation")
    return found


def routes() -> list[web.RouteDef]:
    """Return the routes for phones and conversations."""
    one = "/emulator/conversations/{id}"
    return [
        web.get("/emulator/phones", _list_phones),
        web.put("/emulator/phones/{who}", _tell_phone),
        web.delete("/emulator/phones/{who}", _untell_phone),
        web.post("/emulator/conversations", _open),
        web.get("/emulator/conversations", _list),
        web.get(one, _show),
        web.post(f"{one}/say", _on_conversation(_say)),
        web.post(f"{one}/keys", _on_conversation(_press)),
        web.post(f"{one}/join", _on_conversation(_join)),
        web.post(f"{one}/leave", _on_conversation(_leave)),
        web.post(f"{one}/end", _on_conversation(_end)),
    ]
