"""Functions over HTTP, Event Grid and a timer; they show what they were called with."""

import asyncio
import gzip
import json
import logging
import os
import threading
import time
from http import HTTPStatus
from pathlib import Path

import azure.functions as func
from azure.functions.timer import TimerRequest

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)


def note(what: str, **details: object) -> None:
    """Append one line to the file that the tests read."""
    with Path(os.environ["JOURNAL"]).open("a", encoding="utf-8") as journal:
        journal.write(json.dumps({"what": what, **details}) + "\n")


async def released(name: str) -> None:
    """Wait until the test lets go on what it holds back under this name."""
    file = Path(os.environ["JOURNAL"]).with_name(f"release-{name}")
    while True:
        if file.exists():
            return
        await asyncio.sleep(0.01)


@app.route(route="echo/{word}/{number:int?}")
async def echo(req: func.HttpRequest) -> func.HttpResponse:
    """Answer with everything that the request has."""
    seen = {
        "method": req.method,
        "url": req.url,
        "headers": dict(req.headers),
        "query": dict(req.params),
        "route": dict(req.route_params),
        "body": req.get_body().hex(),
    }
    return func.HttpResponse(json.dumps(seen), mimetype="application/json")


@app.route(route="items/{id}")
async def item(req: func.HttpRequest) -> func.HttpResponse:
    """Come before `recent` by name, and so win although less specific."""
    return func.HttpResponse(f"item {req.route_params['id']}")


@app.route(route="items/recent", trigger_arg_name="_")
async def recent(_: func.HttpRequest) -> func.HttpResponse:
    """Never be reached."""
    return func.HttpResponse("recent")


@app.route(route="parcels", methods=[func.HttpMethod.POST], trigger_arg_name="_")
async def send_parcel(_: func.HttpRequest) -> func.HttpResponse:
    """Share a path with `list_parcels`."""
    return func.HttpResponse("sent", status_code=HTTPStatus.CREATED)


@app.route(route="parcels", methods=[func.HttpMethod.GET], trigger_arg_name="_")
async def list_parcels(_: func.HttpRequest) -> func.HttpResponse:
    """Share a path with `send_parcel`."""
    return func.HttpResponse("none")


@app.route(route="shaped", trigger_arg_name="_")
async def shaped(_: func.HttpRequest) -> func.HttpResponse:
    """Answer with a status, headers, cookies and bytes of its own."""
    response = func.HttpResponse(b"\xff\x00", status_code=418, mimetype="application/x-tea")
    response.headers["X-Pot"] = "brown"
    response.headers.add("Set-Cookie", "a=1; Path=/tea; HttpOnly; Max-Age=60")
    response.headers.add("Set-Cookie", "b=2; Secure; SameSite=Lax")
    return response


ODD: dict[str, tuple[int, bytes, dict[str, str]]] = {
    "header": (200, b"", {"X-Odd": "Gr\u00fc\u00dfe"}),
    "no-content": (204, b"lost", {}),
    "packed": (
        200,
        gzip.compress(b"tea", mtime=0),
        {"Content-Encoding": "gzip", "Content-Security-Policy": "default-src 'none'"},
    ),
    "unchanged": (304, b"", {"ETag": '"7"'}),
}


@app.route(route="odd/{what}")
async def odd(req: func.HttpRequest) -> func.HttpResponse:
    """Answer in ways that hosts treat specially."""
    status, body, headers = ODD[req.route_params["what"]]
    return func.HttpResponse(body, status_code=status, headers=headers)


@app.route(route="{ignored:maxlength(0)?}", methods=[func.HttpMethod.POST], trigger_arg_name="_")
async def root(_: func.HttpRequest) -> func.HttpResponse:
    """Be the root, the one way in which a function can be."""
    return func.HttpResponse("root")


@app.route(route="latin", trigger_arg_name="_")
async def latin(_: func.HttpRequest) -> func.HttpResponse:
    """Answer in another charset."""
    return func.HttpResponse("Grüße", charset="iso-8859-1")


@app.route(route="text", trigger_arg_name="_")
async def text(_: func.HttpRequest) -> str:
    """Answer with a bare text."""
    return "bare"


@app.route(route="broken", trigger_arg_name="_")
async def broken(_: func.HttpRequest) -> func.HttpResponse:
    """Raise."""
    raise RuntimeError("the pot is empty")


@app.route(route="threads", trigger_arg_name="_")
def threads(_: func.HttpRequest) -> func.HttpResponse:
    """Run in the runtime's thread pool."""
    main = threading.current_thread() is threading.main_thread()
    logging.getLogger("kettle").info('{"thread": "logs"}')
    return func.HttpResponse("main" if main else "pool")


@app.route(route="slow/{seconds}")
async def slow(req: func.HttpRequest) -> func.HttpResponse:
    """Take its time without blocking."""
    await asyncio.sleep(float(req.route_params["seconds"]))
    return func.HttpResponse("at last")


@app.route(route="held/{name}")
async def held(req: func.HttpRequest) -> func.HttpResponse:
    """Take as long as the test wants."""
    note("held started")
    await released(req.route_params["name"])
    note("held ended")
    return func.HttpResponse("at last")


@app.route(route="stuck/{seconds}")
def stuck(req: func.HttpRequest) -> func.HttpResponse:
    """Block a thread."""
    note("stuck started")
    time.sleep(float(req.route_params["seconds"]))
    note("stuck ended")
    return func.HttpResponse("at last")


@app.route(route="die", trigger_arg_name="_")
async def die(_: func.HttpRequest) -> func.HttpResponse:
    """End the process, as a crash does."""
    os._exit(1)


@app.route(route="process", trigger_arg_name="_")
async def process(_: func.HttpRequest) -> func.HttpResponse:
    """Say which process this is."""
    return func.HttpResponse(str(os.getpid()))


@app.route(route="logs", trigger_arg_name="_")
async def logs(_: func.HttpRequest) -> func.HttpResponse:
    """Log a line."""
    logging.getLogger("kettle").info('{"kettle": "on"}')
    return func.HttpResponse()


@app.route(route="guarded", auth_level=func.AuthLevel.FUNCTION, trigger_arg_name="_")
async def guarded(_: func.HttpRequest) -> func.HttpResponse:
    """Want the key, when there is one."""
    return func.HttpResponse("inside")


@app.event_grid_trigger(arg_name="event")
async def raw_event(event: str) -> None:
    """Receive an event as JSON; fail when it says so."""
    note("raw event", event=event)
    if json.loads(event).get("fail"):
        raise RuntimeError("asked to fail")


@app.event_grid_trigger(arg_name="event")
async def typed_event(event: func.EventGridEvent) -> None:
    """Receive an event as the SDK's own type."""
    note("typed event", id=event.id, data=event.get_json())


@app.timer_trigger(arg_name="timer", schedule="0 0 0 1 1 *", run_on_startup=True)
async def yearly(timer: TimerRequest) -> None:
    """Fire at the start, and then by hand."""
    note("yearly", past_due=timer.past_due, status=timer.schedule_status)
    if os.environ.get("YEARLY_FAILS"):
        raise RuntimeError("no new year")
