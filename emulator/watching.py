"""`watch`: prints a call's live messages until it is over, what is still being said included."""

import json
import re
from typing import Any

import aiohttp
from rich.live import Live
from rich.text import Text

from emulator.console import console, said, speaker_style
from emulator.control import Api, ControlError, acs_api, app_api, show_call
from emulator.ports import Ports

# The app's own ids are ULIDs; anything else names a call of the emulator.
APP_CALL = re.compile(r"[0-9A-HJKMNP-TV-Z]{26}")
UNTOLD = ("type", "callId")
# docs/api.md: the states of a call that is over, as far as is known.
OVER = ("ended", "missed", "failed")


async def watch(ports: Ports, call: str) -> None:
    """Print the messages of `call`, the app's id or the emulator's, until it is over."""
    async with app_api(ports) as app, aiohttp.ClientSession() as session:
        call_id = call if APP_CALL.fullmatch(call) else await _app_id(ports, app, call)
        access = await app.post(f"/api/calls/{call_id}/live")
        async with session.ws_connect(access["url"], heartbeat=20) as feed:
            console.print(f"Watching call {call_id}; Ctrl-C ends it")
            with Live(console=console, auto_refresh=False, transient=True) as live:
                over = await _follow(feed, Screen(live))
        what = "The call is over" if over else "The feed has ended before the call"
        console.print(f"[dim]{what}[/]")


async def _follow(feed: aiohttp.ClientWebSocketResponse, screen: "Screen") -> bool:
    """Show messages until one says that the call is over, and return whether one did."""
    async for message in feed:
        if message.type is aiohttp.WSMsgType.TEXT:
            told = json.loads(message.data)
            screen.show(told)
            if told.get("state") in OVER:
                return True
    return False


async def _app_id(ports: Ports, app: Api, call: str) -> str:
    """Find the app's id of a call of the emulator, by the connection that both know."""
    async with acs_api(ports) as acs:
        shown = await show_call(acs, call)
    connection = shown["callConnectionId"]
    for listed in (await app.get("/api/calls"))["calls"]:
        if connection and listed.get("callConnectionId") == connection:
            return str(listed["callId"])
    raise ControlError(f"call {shown['id']} is {shown['state']}, and the app has no call for it")


class Screen:
    """Finals and states stay; below them, on a terminal, is what each speaker is just saying."""

    def __init__(self, live: Live) -> None:
        self._live = live
        self._saying: dict[str, str] = {}
        self._speakers: list[str] = []

    def show(self, message: dict[str, Any]) -> None:
        """Show one message of the live feed."""
        speaker = str(message.get("speaker") or message.get("speakerId") or "").removeprefix("4:")
        match message.get("type"):
            case "intermediate":
                self._saying[speaker] = message["text"]
            case "segment":
                self._saying.pop(speaker, None)
                style = speaker_style(speaker, self._speakers)
                console.print(said(_time(message), speaker, message["text"], style))
            case _:
                told = [f"{name} {message[name]}" for name in message if name not in UNTOLD]
                console.print(f"  {', '.join(told)}", style="dim", markup=False)
        if console.is_terminal:
            lines = [said("        ", name, text, "dim") for name, text in self._saying.items()]
            for line in lines:
                line.stylize("dim")
            self._live.update(Text("\n").join(lines), refresh=True)


def _time(message: dict[str, Any]) -> str:
    return str(message.get("startTime", ""))[11:19] or "--:--:--"
