"""`watch`: prints the live messages of a call, hypotheses included, until the call is over."""

import json
import re
from typing import Any

import aiohttp
from rich.live import Live
from rich.text import Text

from emulator.console import console, speaker_style, transcript_line
from emulator.control import Api, ControlError, acs_api, app_api, show_call
from emulator.ports import Ports

# The app's ids are ULIDs; any other id is one of the emulator.
APP_CALL = re.compile(r"[0-9A-HJKMNP-TV-Z]{26}")
HIDDEN_FIELDS = ("type", "callId")
# The states in which a call is over (docs/api.md).
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
    """Show messages until one reports the end of the call; return whether one did."""
    async for message in feed:
        if message.type is aiohttp.WSMsgType.TEXT:
            shown = json.loads(message.data)
            screen.show(shown)
            if shown.get("state") in OVER:
                return True
    return False


async def _app_id(ports: Ports, app: Api, call: str) -> str:
    """Return the app's id of a call of the emulator."""
    async with acs_api(ports) as acs:
        shown = await show_call(acs, call)
    # Neither knows the other's id; the connection id is known to both.
    connection = shown["callConnectionId"]
    for listed in (await app.get("/api/calls"))["calls"]:
        if connection and listed.get("callConnectionId") == connection:
            return str(listed["callId"])
    raise ControlError(f"call {shown['id']} is {shown['state']}, and the app has no call for it")


class Screen:
    """Prints finals and states; below them, on a terminal, the hypothesis of each speaker."""

    def __init__(self, live: Live) -> None:
        self._live = live
        self._hypotheses: dict[str, str] = {}
        self._speakers: list[str] = []

    def show(self, message: dict[str, Any]) -> None:
        """Show one message of the live feed."""
        speaker = str(message.get("speaker") or message.get("speakerId") or "").removeprefix("4:")
        match message.get("type"):
            case "intermediate":
                self._hypotheses[speaker] = message["text"]
            case "segment":
                self._hypotheses.pop(speaker, None)
                style = speaker_style(speaker, self._speakers)
                console.print(transcript_line(_time(message), speaker, message["text"], style))
            case _:
                fields = [
                    f"{name} {message[name]}" for name in message if name not in HIDDEN_FIELDS
                ]
                console.print(f"  {', '.join(fields)}", style="dim", markup=False)
        if console.is_terminal:
            lines = [
                transcript_line("        ", name, text, "dim")
                for name, text in self._hypotheses.items()
            ]
            for line in lines:
                line.stylize("dim")
            self._live.update(Text("\n").join(lines), refresh=True)


def _time(message: dict[str, Any]) -> str:
    return str(message.get("startTime", ""))[11:19] or "--:--:--"
