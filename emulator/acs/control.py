"""The control API, `/emulator/…`: act as the caller, break streams, and inject faults."""

from collections.abc import Callable

import msgspec
from aiohttp import web

from emulator.acs import dialogues
from emulator.acs.call_options import (
    Answers,
    CallRequest,
    DropStream,
    Leaver,
    OutgoingOptions,
    Press,
    Say,
    Tell,
)
from emulator.acs.calls import Call
from emulator.acs.errors import ServiceError, decode
from emulator.acs.event_grid import Target
from emulator.acs.faults import Fault
from emulator.acs.prompts import PromptOptions
from emulator.acs.state import EMULATOR, Emulator
from emulator.acs.weather import Forecast
from emulator.serving import Handler

type CallAction = Callable[[Emulator, Call, bytes], None]


async def _ring(request: web.Request) -> web.Response:
    options = decode(await request.read(), CallRequest)
    return _json(request.app[EMULATOR].exchange.ring(options).describe(), 201)


async def _set_outgoing(request: web.Request) -> web.Response:
    options = decode(await request.read(), OutgoingOptions)
    # An unknown script is refused now, not when the app makes its next call.
    dialogues.load(options.script)
    request.app[EMULATOR].exchange.outgoing = options
    return _json(msgspec.to_builtins(options))


async def _set_prompts(request: web.Request) -> web.Response:
    prompts = request.app[EMULATOR].resources.prompts
    prompts.options = decode(await request.read(), PromptOptions)
    return _json(prompts.describe())


async def _show_prompts(request: web.Request) -> web.Response:
    return _json(request.app[EMULATOR].resources.prompts.describe())


async def _list_calls(request: web.Request) -> web.Response:
    return _json([call.describe() for call in request.app[EMULATOR].exchange.calls.values()])


async def _show_call(request: web.Request) -> web.Response:
    return _json(_call(request).describe())


def _say(emulator: Emulator, call: Call, body: bytes) -> None:
    emulator.exchange.connection_of(call)
    emulator.exchange.say(call.conversation, decode(body, Say))


def _press(emulator: Emulator, call: Call, body: bytes) -> None:
    emulator.exchange.connection_of(call)
    emulator.exchange.press(call.conversation, decode(body, Press))


def _answer_phone(emulator: Emulator, call: Call, body: bytes) -> None:
    emulator.exchange.answer_phone(call, decode(body, Answers))


def _hang_up(emulator: Emulator, call: Call, body: bytes) -> None:
    emulator.exchange.hang_up_by_other_party(call, decode(body, Leaver).who)


def _drop_stream(emulator: Emulator, call: Call, body: bytes) -> None:
    drop = decode(body, DropStream)
    transcription = emulator.exchange.connection_of(call).transcription
    if not transcription.cut(drop.complete(call.options), drop.result):
        raise ServiceError(409, "Conflict", "the call has no open stream")


def _tell(emulator: Emulator, call: Call, body: bytes) -> None:
    emulator.exchange.connection_of(call).transcription.tell(decode(body, Tell).result)


async def _add_fault(request: web.Request) -> web.Response:
    fault = decode(await request.read(), Fault)
    request.app[EMULATOR].resources.faults.add(fault)
    return _json(msgspec.to_builtins(fault), 201)


async def _list_faults(request: web.Request) -> web.Response:
    return _json(request.app[EMULATOR].resources.faults.describe())


async def _clear_faults(request: web.Request) -> web.Response:
    request.app[EMULATOR].resources.faults.clear(request.query.get("call"))
    return web.Response(status=204)


async def _change_weather(request: web.Request) -> web.Response:
    forecast = decode(await request.read(), Forecast)
    forecast.check()
    request.app[EMULATOR].weather.change(forecast)
    return web.Response(status=204)


async def _clear_weather(request: web.Request) -> web.Response:
    request.app[EMULATOR].weather.change(None)
    return web.Response(status=204)


async def _show_weather(request: web.Request) -> web.Response:
    return _json(request.app[EMULATOR].weather.describe())


async def _rotate_keys(request: web.Request) -> web.Response:
    request.app[EMULATOR].resources.signer.rotate()
    return web.Response(status=204)


async def _reset(request: web.Request) -> web.Response:
    await request.app[EMULATOR].reset()
    return web.Response(status=204)


async def _list_subscriptions(request: web.Request) -> web.Response:
    subscriptions = request.app[EMULATOR].event_grid.subscriptions.values()
    return _json([subscription.describe() for subscription in subscriptions])


async def _put_subscription(request: web.Request) -> web.Response:
    target = decode(await request.read(), Target)
    event_grid = request.app[EMULATOR].event_grid
    name = request.match_info["name"]
    # The address by which the caller has reached us: the endpoint must be able to visit it as well.
    url = f"{request.url.origin()}{request.path}/validate"
    subscription = await event_grid.subscribe(name, target, url)
    # 202: the endpoint did not return the code, and may still visit the validation address.
    # https://learn.microsoft.com/azure/event-grid/webhook-event-delivery
    return _json(subscription.describe(), 200 if subscription.state == "Succeeded" else 202)


async def _show_subscription(request: web.Request) -> web.Response:
    subscription = request.app[EMULATOR].event_grid.subscriptions.get(request.match_info["name"])
    if subscription is None:
        raise _not_found("event subscription")
    return _json(subscription.describe())


async def _delete_subscription(request: web.Request) -> web.Response:
    if not request.app[EMULATOR].event_grid.subscriptions.pop(request.match_info["name"], None):
        raise _not_found("event subscription")
    return web.Response(status=204)


async def _validate_subscription(request: web.Request) -> web.Response:
    event_grid = request.app[EMULATOR].event_grid
    if not event_grid.validate(request.match_info["name"], request.query.get("code", "")):
        raise _not_found("event subscription with this code")
    return web.Response(text="Webhook successfully validated as a subscription endpoint")


async def _health(_request: web.Request) -> web.Response:
    return _json({"status": "ok"})


def _on_call(act: CallAction) -> Handler:
    """Return a handler that acts on the call in the path and answers 204."""

    async def handle(request: web.Request) -> web.StreamResponse:
        act(request.app[EMULATOR], _call(request), await request.read())
        return web.Response(status=204)

    return handle


def _call(request: web.Request) -> Call:
    call = request.app[EMULATOR].exchange.calls.get(request.match_info["id"])
    if call is None:
        raise _not_found("call")
    return call


def _not_found(what: str) -> ServiceError:
    return ServiceError(404, "NotFound", f"there is no such {what}")


def _json(body: object, status: int = 200) -> web.Response:
    return web.json_response(body, status=status)


def routes() -> list[web.RouteDef]:
    """Return the routes of the control API, and the health check."""
    subscription = "/emulator/event-subscriptions/{name}"
    return [
        web.get("/api/health", _health),
        web.post("/emulator/incoming-calls", _ring),
        web.put("/emulator/outgoing-calls", _set_outgoing),
        web.put("/emulator/prompts", _set_prompts),
        web.get("/emulator/prompts", _show_prompts),
        web.get("/emulator/calls", _list_calls),
        web.get("/emulator/calls/{id}", _show_call),
        web.post("/emulator/calls/{id}/say", _on_call(_say)),
        web.post("/emulator/calls/{id}/keys", _on_call(_press)),
        web.post("/emulator/calls/{id}/phone", _on_call(_answer_phone)),
        web.post("/emulator/calls/{id}/hangup", _on_call(_hang_up)),
        web.post("/emulator/calls/{id}/drop-stream", _on_call(_drop_stream)),
        web.post("/emulator/calls/{id}/tell", _on_call(_tell)),
        web.post("/emulator/faults", _add_fault),
        web.get("/emulator/faults", _list_faults),
        web.delete("/emulator/faults", _clear_faults),
        web.put("/emulator/weather", _change_weather),
        web.get("/emulator/weather", _show_weather),
        web.delete("/emulator/weather", _clear_weather),
        web.get("/emulator/event-subscriptions", _list_subscriptions),
        web.put(subscription, _put_subscription),
        web.get(subscription, _show_subscription),
        web.delete(subscription, _delete_subscription),
        web.get(f"{subscription}/validate", _validate_subscription),
        web.post("/emulator/keys/rotate", _rotate_keys),
        web.post("/emulator/reset", _reset),
    ]
