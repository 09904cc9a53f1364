"""`python -m emulator faults`: adds, lists and deletes faults."""

import math
from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import Annotated, Any

import typer

from emulator.acs.faults import EVENTS, OPERATIONS, Do
from emulator.cli_fault_rows import acs_row, web_pubsub_row
from emulator.cli_run import number, ports, run
from emulator.console import COMMAND, console, table
from emulator.control import Api, UnreachableError, acs_api, show_call, web_pubsub_api
from emulator.ports import Ports
from emulator.web_pubsub.faults import FaultEffect, FaultPoint

app = typer.Typer(help="Inject faults: list, add and delete them.")
adding = typer.Typer(help="Add a fault.", no_args_is_help=True)
app.add_typer(adding, name="add")

Times = Annotated[int, typer.Option(min=1, help="How often the fault applies.")]
Always = Annotated[bool, typer.Option("--always", help="The fault applies until it is deleted.")]
Status = Annotated[
    int | None,
    typer.Option(help="A request is refused with this status, 400 to 599; nothing is done."),
]
RetryAfter = Annotated[int | None, typer.Option(help="The Retry-After of --status, in seconds.")]
ResultCodes = Annotated[
    str | None,
    typer.Option(
        help="The request, or the action behind the event, fails with CODE/SUBCODE: 500/8578.",
        metavar="C/S",
    ),
]
State = Annotated[
    str | None,
    typer.Option(help="getCall tells of this state of the call: disconnected, for example."),
]
Delay = Annotated[
    float,
    typer.Option(
        callback=number, help="Seconds later; a callback is overtaken by those behind it."
    ),
]
Lasting = Annotated[
    float | None,
    typer.Option(
        "--for", callback=number, help="It applies to all for so many seconds, then it is over."
    ),
]
TimesOrAll = Annotated[
    int | None, typer.Option(min=1, help="How often the fault applies: once, or all of --for.")
]

_ACS_ON = (
    f"A request ({', '.join(sorted(OPERATIONS))}), an event ({', '.join(sorted(EVENTS))}), "
    "request, which is any request, callback, which is any event, dial, which opens a stream, "
    "or frame, which carries speech."
)
_ACS_DO = (
    "loseReply: a request is done and never answered. lateReply: it is done and answered after "
    "--delay. drop: a callback is never posted. twice: it is posted again after the first. "
    "together: it is posted twice at the same moment. freeze: a request or callback is held back "
    "until the fault is over. swallow: a request is held back and never done. "
    "reset: the connection of a request breaks at once, and it is never done. "
    "drop, cut, silent, unnoticed: a frame is lost; with it the stream; with it the transcription, "
    "without an event; with it the stream, and ACS does not notice."
)
_DONE = "With --status or --result: it is done, and answered so all the same."
_CALL = "Only on the call of this id, or: last"
_WEB_PUBSUB_ON = (
    "upstream: events on their way to the app. connect: a client dials. send: the app publishes."
)
_WEB_PUBSUB_DO = (
    "deliverTwice: one after the other, or with the value together at the same moment. "
    "delay: so many seconds later. loseReply: it is done, but the reply is lost. "
    "skipId: one event id is never used. status: answered with this status, nothing is done."
)


class Service(StrEnum):
    """The emulators that can inject faults."""

    ACS = "acs"
    WEB_PUBSUB = "web-pubsub"


APIS: dict[Service, Callable[[Ports], Api]] = {
    Service.ACS: acs_api,
    Service.WEB_PUBSUB: web_pubsub_api,
}
ROWS = {Service.ACS: acs_row, Service.WEB_PUBSUB: web_pubsub_row}


@app.callback(invoke_without_command=True)
def faults(context: typer.Context) -> None:
    """Inject faults: list, add and delete them."""
    if context.invoked_subcommand is None:
        run(_list())


@app.command(name="list")
def list_() -> None:
    """List the pending faults."""
    run(_list())


@adding.command(name="acs")
def add_acs(  # noqa: PLR0913 (options of a command line)
    on: Annotated[str, typer.Argument(help=_ACS_ON)],
    *,
    status: Status = None,
    retry_after: RetryAfter = None,
    result: ResultCodes = None,
    message: Annotated[str, typer.Option(help="The message of --result.")] = "Action failed.",
    state: State = None,
    do: Annotated[Do | None, typer.Option(help=_ACS_DO)] = None,
    done: Annotated[bool, typer.Option("--done", help=_DONE)] = False,
    delay: Delay = 0,
    call: Annotated[str | None, typer.Option(help=_CALL)] = None,
    skip: Annotated[int, typer.Option(min=0, help="Spare the first so many.")] = 0,
    seconds: Lasting = None,
    times: TimesOrAll = None,
    always: Always = False,
) -> None:
    """Let a request to ACS, an action of ACS or its report fail."""
    fault = {
        "on": on,
        "status": status,
        "retryAfter": retry_after,
        "result": None if result is None else _result(result, message),
        "state": state,
        "do": do,
        "done": done,
        "delay": delay,
        "skip": skip,
        "seconds": seconds,
    }
    if always or times is not None:
        fault["times"] = None if always else times
    run(_add_acs(fault, call))


@adding.command(name="web-pubsub")
def add_web_pubsub(
    on: Annotated[FaultPoint, typer.Argument(help=_WEB_PUBSUB_ON)],
    do: Annotated[FaultEffect, typer.Argument(help=_WEB_PUBSUB_DO)],
    value: Annotated[str | None, typer.Argument(help="Seconds, a status, or together.")] = None,
    *,
    event: Annotated[
        str | None,
        typer.Option(help="Only such upstream events: connect, connected, message, disconnected."),
    ] = None,
    times: Times = 1,
    always: Always = False,
) -> None:
    """Let a delivery or a request of Web PubSub fail."""
    fault = {
        "on": on,
        "do": do,
        "value": _number(value),
        "event": event,
        "times": None if always else times,
    }
    run(_add(web_pubsub_api, fault))


@app.command()
def delete(
    service: Annotated[Service | None, typer.Argument(help="Only those of this service.")] = None,
) -> None:
    """Delete faults."""
    run(_delete(service))


async def _list() -> None:
    rows = table("Service", "On", "What happens", "Left", "Call")

    async def add(service: Service, api: Api) -> None:
        for fault in await api.get("/emulator/faults"):
            rows.add_row(service, *ROWS[service](fault))

    await _on_each_running(add)
    none = f"There are no faults; see: {COMMAND} faults add --help"
    console.print(rows if rows.row_count else none)


async def _add_acs(fault: dict[str, Any], call: str | None) -> None:
    async with acs_api(ports()) as acs:
        if call is not None:
            fault["call"] = (await show_call(acs, call))["id"]
    await _add(acs_api, fault)


async def _add(api_of: Callable[[Ports], Api], fault: dict[str, Any]) -> None:
    async with api_of(ports()) as api:
        await api.post("/emulator/faults", fault)
    await _list()


async def _delete(service: Service | None) -> None:
    if service is None:
        await _on_each_running(lambda _service, api: api.delete("/emulator/faults"))
        return
    async with APIS[service](ports()) as api:
        await api.delete("/emulator/faults")


async def _on_each_running(action: Callable[[Service, Api], Awaitable[None]]) -> None:
    """Act on each emulator that answers. Raises UnreachableError if none does."""
    # One may run alone; asking for its faults must not need the other one.
    silent: list[UnreachableError] = []
    for service, api_of in APIS.items():
        async with api_of(ports()) as api:
            try:
                await action(service, api)
            except UnreachableError as problem:
                silent.append(problem)
    if len(silent) == len(APIS):
        raise silent[0]


def _result(text: str, message: str) -> dict[str, object]:
    code, _, sub_code = text.partition("/")
    if not (code.isdecimal() and sub_code.isdecimal()):
        raise typer.BadParameter(f"--result is CODE/SUBCODE, like 500/8578, and not {text!r}")
    return {"code": int(code), "subCode": int(sub_code), "message": message}


def _number(text: str | None) -> str | float | None:
    """Return a number as such, and any other text unchanged: the service says what is wrong."""
    try:
        value = float(text or "")
    except ValueError:
        return text
    if not math.isfinite(value):
        return text
    return int(value) if value.is_integer() else value
