"""`python -m emulator phone` and `converse`: be the one whom the app calls, or whom it joins."""

import asyncio
import sys
import threading
from collections.abc import Mapping
from contextlib import suppress
from typing import Annotated, Any

import typer

from emulator.acs import dialogues
from emulator.cli_run import dialogue, number, ports, run
from emulator.console import console
from emulator.control import Api, ControlError, acs_api

_POLL_SECONDS = 0.2
_HANG_UP = "/hangup"
_KEYS = "/keys "
# What is typed while it rings; anything else is asked for again.
_ANSWERS = {"": "answers", "a": "answers", "d": "declines", "b": "busy", _HANG_UP: "declines"}


def phone(
    *,
    who: Annotated[
        str | None,
        typer.Option("--number", help="Ring only for this number or raw id, not for any."),
    ] = None,
) -> None:
    """Be a phone that the app calls or adds: answer, decline, speak and press keys, hang up."""
    run(_phone(who))


def converse(
    *,
    person: Annotated[
        list[str] | None,
        typer.Option(help="Somebody who is there, a number or a raw id; twice or more."),
    ] = None,
    script: Annotated[
        str, typer.Option(help=f"What is said: {', '.join(dialogues.names())}, or a JSON file.")
    ] = "support-call",
    speed: Annotated[
        float, typer.Option(min=0.01, max=1000, callback=number, help="How fast: 1 is real time.")
    ] = 1,
    at_once: Annotated[
        bool, typer.Option("--at-once", help="Talk now, and not once an app has joined.")
    ] = False,
    stay: Annotated[
        bool, typer.Option("--stay", help="Stay on the line after the last word.")
    ] = False,
) -> None:
    """Let people talk in a call that the app can join, and print the ids to join it by."""
    body: dict[str, object] = {
        "script": dialogue(script),
        "speed": speed,
        "waitForApp": not at_once,
        "stay": stay,
    }
    if person:
        body["people"] = person
    run(_converse(body))


async def _converse(body: dict[str, object]) -> None:
    async with acs_api(ports()) as acs:
        found = await acs.post("/emulator/conversations", body)
    console.print(f"Conversation [bold]{found['id']}[/] of {', '.join(found['people'])}")
    for name in ("serverCallId", "groupCallId", "roomId"):
        console.print(f"  {name:<12} {found[name]}", markup=False)


async def _phone(who: str | None) -> None:
    wanted = None if who is None else f"4:{who}" if who.startswith("+") else who
    lines = _typed_lines()
    async with acs_api(ports()) as acs:
        # Nobody but the person at the keyboard speaks, and nobody answers for them.
        options = {"script": {"lines": []}, "stay": True, "phone": {"does": "waits"}}
        await acs.put("/emulator/outgoing-calls", options)
        if wanted:
            # Also where it is added to a call that the app has answered.
            await acs.put(f"/emulator/phones/{wanted}", {"does": "waits"})
        try:
            console.print(f"The phone of {who or 'anybody'} waits for a call; Ctrl-C ends it")
            call, target = await _rung(acs, wanted)
            console.print(f"{target.removeprefix('4:')} rings: {call['from'].removeprefix('4:')}")
            if await _answered(acs, call["id"], target, lines):
                await _talked(acs, call["id"], target, lines)
        finally:
            await acs.put("/emulator/outgoing-calls", {})
            if wanted:
                await acs.delete(f"/emulator/phones/{wanted}")


async def _rung(acs: Api, wanted: str | None) -> tuple[dict[str, Any], str]:
    """Wait until a phone rings, and return its call and whose it is."""
    while True:
        for call in await acs.get("/emulator/calls"):
            for target, state in call["targets"].items():
                if state == "ringing" and wanted in (None, target):
                    return call, target
        await asyncio.sleep(_POLL_SECONDS)


async def _answered(acs: Api, call: str, target: str, lines: "asyncio.Queue[str | None]") -> bool:
    """Do what is typed while it rings; return whether the call was taken."""
    console.print("  Enter answers, d declines, b is busy", style="cyan")
    while (typed := await _line(acs, call, target, lines)) is not None:
        if does := _ANSWERS.get(typed.strip().lower()):
            await acs.post(f"/emulator/calls/{call}/phone", {"who": target, "does": does})
            return does == "answers"
        console.print("  Enter, d or b", style="cyan")
    console.print("It rings no more")
    return False


async def _talked(acs: Api, call: str, target: str, lines: "asyncio.Queue[str | None]") -> None:
    """Say what is typed until somebody hangs up."""
    about = f"  You are on the call: type what you say; {_KEYS}1 presses 1, {_HANG_UP} hangs up"
    console.print(about, style="cyan", markup=False)
    while (typed := await _line(acs, call, target, lines)) is not None:
        said = typed.strip()
        if said == _HANG_UP:
            # Whoever else is there goes on.
            await acs.post(f"/emulator/calls/{call}/hangup", {"who": target})
            break
        if said.startswith(_KEYS):
            body = {"speaker": target, "keys": said.removeprefix(_KEYS).strip()}
            await _tried(acs, call, "keys", body)
        elif said:
            await _tried(acs, call, "say", {"speaker": target, "text": said})
    console.print("The call is over")


async def _tried(acs: Api, call: str, action: str, body: Mapping[str, object]) -> None:
    """Do it, or say what is wrong with what was typed."""
    try:
        await acs.post(f"/emulator/calls/{call}/{action}", body)
    except ControlError as problem:
        console.print(f"  {problem}", style="cyan", markup=False)


async def _line(acs: Api, call: str, target: str, lines: "asyncio.Queue[str | None]") -> str | None:
    """Return the next line that is typed; None when the call is over. The end hangs up."""
    while True:
        try:
            async with asyncio.timeout(_POLL_SECONDS):
                typed = await lines.get()
        except TimeoutError:
            if _is_over(await acs.get(f"/emulator/calls/{call}"), target):
                return None
            continue
        return _HANG_UP if typed is None else typed


def _is_over(call: dict[str, Any], target: str) -> bool:
    """Tell whether a call is over, or this one is no longer asked or there."""
    state = call["targets"][target]
    gone = call["state"] == "connected" and state == "answered" and target not in call["people"]
    up = call["state"] in ("connecting", "connected") and state in ("ringing", "answered")
    return gone or not up


def _typed_lines() -> "asyncio.Queue[str | None]":
    """Return the lines of standard input as they come; None is their end."""
    lines: asyncio.Queue[str | None] = asyncio.Queue()
    loop = asyncio.get_running_loop()

    def read() -> None:
        # The loop is closed where the call was over before the input was.
        with suppress(RuntimeError):
            for line in sys.stdin:
                loop.call_soon_threadsafe(lines.put_nowait, line)
            loop.call_soon_threadsafe(lines.put_nowait, None)

    # A daemon: a read of a terminal cannot be cancelled, and must not keep the program.
    threading.Thread(target=read, daemon=True).start()
    return lines
