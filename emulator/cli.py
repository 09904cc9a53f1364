"""The command line, `python -m emulator`: the stack and its parts, calls, and faults."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from emulator import cli_faults, cli_people, run_part, up, watching
from emulator.acs import dialogues
from emulator.cli_run import dialogue, number, ports, run
from emulator.console import COMMAND, console, table
from emulator.control import acs_api, show_call

app = typer.Typer(
    help="The local stack of Callscribe: storage, Web PubSub, ACS, and the functions.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

Offsets = Literal["stream", "clock"]
AnsweredBy = Annotated[
    Literal["app", "callee"],
    typer.Option(help="Who speaks for the number called: a colleague there, or with app nobody."),
]
Speed = Annotated[
    float, typer.Option(min=0.01, max=1000, callback=number, help="How fast: 1 is real time.")
]
Speaker = Annotated[str, typer.Option(help="A participant's number in the dialogue, or a raw id.")]
CallId = Annotated[str, typer.Argument(help="The id that `ring` printed, or: last")]


class Field(StrEnum):
    """The fields that frames of speech can be sent without."""

    DURATION = "duration"
    WORDS = "words"
    CONFIDENCE = "confidence"
    SPEAKER = "participantRawID"


class PartName(StrEnum):
    """The parts of the stack."""

    AZURITE = "azurite"
    WEB_PUBSUB = "web-pubsub"
    ACS = "acs"
    FUNCTIONS = "functions"


@app.command(name="up", rich_help_panel="The stack")
def up_(
    *,
    without: Annotated[
        list[PartName] | None, typer.Option(help="Leave a part out; may be repeated.")
    ] = None,
    demo: Annotated[bool, typer.Option("--demo", help="Ring a demo call.")] = False,
    once: Annotated[
        bool, typer.Option("--once", help="Stop after the demo call; 0 if nothing was lost.")
    ] = False,
    speed: Speed = 1,
    data: Annotated[
        Path | None, typer.Option(help="The folder for data and logs, instead of .stack.")
    ] = None,
) -> None:
    """Start the whole stack and serve until Ctrl-C."""
    left_out = tuple(without or ())
    if (demo or once) and {PartName.ACS, PartName.FUNCTIONS} & set(left_out):
        raise typer.BadParameter("the demo call needs acs and functions")
    options = up.UpOptions(without=left_out, demo=demo or once, once=once, speed=speed, data=data)
    raise typer.Exit(up.run(options))


@app.command(rich_help_panel="Calls")
def ring(  # noqa: PLR0913 (options of a command line)
    *,
    from_: Annotated[
        str, typer.Option("--from", help="The caller: a number or a raw id.")
    ] = "+14255550123",
    to: Annotated[str, typer.Option(help="The number that is called.")] = "+18005550199",
    script: Annotated[
        str, typer.Option(help=f"What is said: {', '.join(dialogues.names())}, or a JSON file.")
    ] = "support-call",
    speed: Speed = 1,
    offsets: Annotated[
        Offsets, typer.Option(help="The frames' clock: of the stream, or absolute.")
    ] = "stream",
    leave_out: Annotated[
        list[Field] | None,
        typer.Option(help="Send frames without this field; may be repeated."),
    ] = None,
    deliveries: Annotated[
        int, typer.Option(min=1, max=100, help="Deliver the event so many times.")
    ] = 1,
    reconnect: Annotated[
        float | None,
        typer.Option(callback=number, help="Dial again so many seconds after a cut stream."),
    ] = None,
    stay: Annotated[
        bool, typer.Option("--stay", help="Stay on the line after the last word.")
    ] = False,
    answered_by: AnsweredBy = "callee",
) -> None:
    """Ring a call."""
    body = {
        "from": from_,
        "to": to,
        "script": dialogue(script),
        "speed": speed,
        "offsets": offsets,
        "leaveOut": leave_out or [],
        "deliveries": deliveries,
        "reconnect": reconnect,
        "stay": stay,
        "answeredBy": answered_by,
    }
    run(_ring(body))


@app.command(rich_help_panel="Calls")
def say(
    call: CallId,
    text: Annotated[str, typer.Argument(help="What is said.")],
    speaker: Speaker = "0",
) -> None:
    """Say something on a call."""
    run(_post_to_call(call, "say", {"speaker": _named(speaker), "text": text}))


@app.command(rich_help_panel="Calls")
def keys(
    call: CallId,
    pressed: Annotated[str, typer.Argument(metavar="KEYS", help="0 to 9, A to D, * and #.")],
    speaker: Speaker = "0",
) -> None:
    """Press keys on a call."""
    run(_post_to_call(call, "keys", {"speaker": _named(speaker), "keys": pressed}))


@app.command(rich_help_panel="Calls")
def hangup(
    call: CallId,
    *,
    who: Annotated[
        str | None, typer.Option(help="Who hangs up, a number or a raw id; the others go on.")
    ] = None,
) -> None:
    """Hang up as the caller."""
    run(_post_to_call(call, "hangup", None if who is None else {"who": who}))


@app.command(rich_help_panel="Calls")
def calls() -> None:
    """List the calls that have rung."""
    run(_list_calls())


@app.command(rich_help_panel="Calls")
def watch(call: CallId = "last") -> None:
    """Follow a call live: what is said, while it is being said."""
    run(watching.watch(ports(), call))


@app.command(rich_help_panel="The stack")
def install() -> None:
    """Install Azurite now, instead of at the first start."""
    raise typer.Exit(run_part.install())


app.command(rich_help_panel="Calls")(cli_people.phone)
app.command(rich_help_panel="Calls")(cli_people.converse)
app.add_typer(cli_faults.app, name="faults", rich_help_panel="Calls")


def _add_part(name: str, about: str) -> None:
    def start(
        *,
        until_input_ends: Annotated[bool, typer.Option("--until-input-ends", hidden=True)] = False,
    ) -> None:
        raise typer.Exit(run_part.run(name, until_input_ends=until_input_ends))

    app.command(name, help=about, rich_help_panel="One part alone")(start)


_add_part("azurite", "Run Azurite, the storage emulator (AZURITE_PORT and the two after it).")
_add_part("web-pubsub", "Run the Web PubSub emulator (WEBPUBSUB_PORT).")
_add_part("acs", "Run the emulator of Azure Communication Services (ACS_PORT).")
_add_part("functions", "Run the app as Azure Functions would (FUNCTIONS_PORT).")


def _named(speaker: str) -> int | str:
    return int(speaker) if speaker.isdecimal() else speaker


async def _ring(body: dict[str, object]) -> None:
    async with acs_api(ports()) as acs:
        call = await acs.post("/emulator/incoming-calls", body)
    console.print(f"Ringing {body['to']} from {body['from']}: call [bold]{call['id']}[/]")
    for action in ("watch", "say", "hangup"):
        example = f"{COMMAND} {action} {call['id']}" + (' "Hello?"' if action == "say" else "")
        console.print(f"  {example}", style="cyan", markup=False)


async def _post_to_call(call: str, action: str, body: dict[str, object] | None) -> None:
    async with acs_api(ports()) as acs:
        found = await show_call(acs, call)
        await acs.post(f"/emulator/calls/{found['id']}/{action}", body)


async def _list_calls() -> None:
    async with acs_api(ports()) as acs:
        found: list[dict[str, Any]] = await acs.get("/emulator/calls")
    rows = table("Call", "State", "Rang at", "From", "To", "Finals")
    for call in found:
        ends = (call["from"].removeprefix("4:"), call["to"].removeprefix("4:"))
        finals = str(len(call["finals"]))
        rows.add_row(call["id"], call["state"], call["rangAt"][:19], *ends, finals)
    console.print(rows if found else f"No call has rung yet; try: {COMMAND} ring")


def main() -> None:
    """Run the command line."""
    app(prog_name=COMMAND)
