"""`python -m emulator faults`: have things go wrong on order, see what is still to, let it be."""

from collections.abc import Callable
from enum import StrEnum
from typing import Annotated, Any, Literal

import typer
from rich.table import Table

from emulator.acs.faults import EVENTS, OPERATIONS
from emulator.cli_run import ports, run
from emulator.console import COMMAND, console
from emulator.control import Api, acs_api, show_call, web_pubsub_api
from emulator.ports import Ports
from emulator.web_pubsub.faults import Mishap, Place

app = typer.Typer(help="Have things go wrong on order: list, add and delete faults.")
adding = typer.Typer(help="Add a fault.", no_args_is_help=True)
app.add_typer(adding, name="add")

AcsMishap = Literal["loseReply", "lateReply", "drop", "twice", "together"]
Times = Annotated[int, typer.Option(min=1, help="How often it happens.")]
Always = Annotated[bool, typer.Option("--always", help="Let it happen until it is deleted.")]

_ACS_ON = (
    f"A request ({', '.join(sorted(OPERATIONS))}), what should have come "
    f"({', '.join(sorted(EVENTS))}), or any callback."
)
_ACS_DO = (
    "loseReply: a request is done and never answered. lateReply: it is done and answered after "
    "--delay. drop: a callback is never posted. twice: it is posted again after the first. "
    "together: it is posted twice at the same moment."
)
_WEB_PUBSUB_ON = (
    "upstream: events on their way to the app. connect: a client dials. send: the app publishes."
)
_WEB_PUBSUB_DO = (
    "deliverTwice: one after the other, or with the value together at the same moment. "
    "delay: the value's seconds later. loseReply: it is taken, and nobody hears so. "
    "skipId: one event id is never used. status: the value is the answer, nothing is done."
)


class Service(StrEnum):
    """Who can have faults."""

    ACS = "acs"
    WEB_PUBSUB = "web-pubsub"


@app.callback(invoke_without_command=True)
def faults(context: typer.Context) -> None:
    """Have things go wrong on order: list, add and delete faults."""
    if context.invoked_subcommand is None:
        run(_list())


@app.command(name="list")
def list_() -> None:
    """List the faults that are still to happen."""
    run(_list())


@adding.command(name="acs")
def add_acs(  # noqa: PLR0913 (options of a command line)
    on: Annotated[str, typer.Argument(help=_ACS_ON)],
    *,
    status: Annotated[
        int | None, typer.Option(help="A request is answered so, 400 to 599; nothing is done.")
    ] = None,
    retry_after: Annotated[
        int | None, typer.Option(help="The Retry-After of --status, in seconds.")
    ] = None,
    result: Annotated[
        str | None,
        typer.Option(help="What is tried fails with CODE/SUBCODE, like 500/8578.", metavar="C/S"),
    ] = None,
    message: Annotated[str, typer.Option(help="The message of --result.")] = "Action failed.",
    do: Annotated[AcsMishap | None, typer.Option(help=_ACS_DO)] = None,
    delay: Annotated[
        float, typer.Option(help="Seconds later; a callback is overtaken by those behind it.")
    ] = 0,
    call: Annotated[str | None, typer.Option(help="Only on the call of this id, or: last")] = None,
    times: Times = 1,
    always: Always = False,
) -> None:
    """Have a request to ACS, or what ACS does or reports, go wrong."""
    fault = {
        "on": on,
        "status": status,
        "retryAfter": retry_after,
        "result": None if result is None else _result(result, message),
        "do": do,
        "delay": delay,
        "times": None if always else times,
    }
    run(_add_acs(fault, call))


@adding.command(name="web-pubsub")
def add_web_pubsub(
    on: Annotated[Place, typer.Argument(help=_WEB_PUBSUB_ON)],
    do: Annotated[Mishap, typer.Argument(help=_WEB_PUBSUB_DO)],
    value: Annotated[str | None, typer.Argument(help="Seconds, a status, or together.")] = None,
    *,
    event: Annotated[
        str | None,
        typer.Option(help="Only such upstream events: connect, connected, message, disconnected."),
    ] = None,
    times: Times = 1,
    always: Always = False,
) -> None:
    """Have what Web PubSub delivers, or is asked for, go wrong."""
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
    """Let nothing go wrong any more."""
    run(_delete(service))


async def _list() -> None:
    table = Table("Service", "On", "What happens", "Left", "Call", box=None, pad_edge=False)
    async with acs_api(ports()) as acs, web_pubsub_api(ports()) as web_pubsub:
        for fault in await acs.get("/emulator/faults"):
            left = _left(fault["left"])
            table.add_row("acs", fault["on"], _of_acs(fault), left, fault["call"] or "any")
        for fault in await web_pubsub.get("/emulator/faults"):
            on = " ".join(filter(None, (fault["on"], fault["event"])))
            table.add_row("web-pubsub", on, _of_web_pubsub(fault), _left(fault["times"]), "any")
    nothing = f"Nothing is to go wrong; see: {COMMAND} faults add --help"
    console.print(table if table.row_count else nothing)


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
    apis = {Service.ACS: acs_api, Service.WEB_PUBSUB: web_pubsub_api}
    for name, api_of in apis.items():
        if service in (None, name):
            async with api_of(ports()) as api:
                await api.delete("/emulator/faults")


def _of_acs(fault: dict[str, Any]) -> str:
    """Say what a fault of ACS does."""
    delay = fault["delay"]
    acts = {
        "loseReply": "done, never answered",
        "lateReply": f"done, answered {delay:g} s later",
        "drop": "never posted",
        "twice": "posted twice, one after the other",
        "together": "posted twice at the same moment",
    }
    if fault["do"]:
        return acts[fault["do"]]
    after = f" after {delay:g} s" if delay else ""
    if result := fault["result"]:
        return f"fails with {result['code']}/{result['subCode']} {result['message']}{after}"
    if fault["status"]:
        retry = fault["retryAfter"]
        come_again = "" if retry is None else f" (Retry-After: {retry})"
        return f"answered {fault['status']}{come_again}{after}, nothing done"
    return f"{delay:g} s later"


def _of_web_pubsub(fault: dict[str, Any]) -> str:
    """Say what a fault of Web PubSub does."""
    together = fault["value"] == "together"
    acts = {
        "deliverTwice": f"twice, {'at the same moment' if together else 'one after the other'}",
        "delay": f"{fault['value']} s later",
        "loseReply": "taken, the reply is lost",
        "skipId": "one event id is never used",
        "status": f"answered {fault['value']}, nothing done",
    }
    return acts[fault["do"]]


def _left(times: int | None) -> str:
    return "until deleted" if times is None else str(times)


def _result(text: str, message: str) -> dict[str, object]:
    code, _, sub_code = text.partition("/")
    if not (code.isdecimal() and sub_code.isdecimal()):
        raise typer.BadParameter(f"--result is CODE/SUBCODE, like 500/8578, and not {text!r}")
    return {"code": int(code), "subCode": int(sub_code), "message": message}


def _number(text: str | None) -> str | float | None:
    """Return a number as one; what is none is for the service to judge."""
    try:
        number = float(text or "")
    except ValueError:
        return text
    return int(number) if number.is_integer() else number
