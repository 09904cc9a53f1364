"""The configuration of a stack: the app's settings, its hubs, its event subscription.

The parts know nothing about the app; what the stack tells them about it is here.
"""

import json
import re
from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path
from urllib.parse import quote

import aiohttp

from emulator.errors import StackError
from emulator.ports import Ports
from emulator.serving import LOOPBACK

ROOT = Path(__file__).parent.parent
EXAMPLE = ROOT / "local.settings.json.example"
SUBSCRIPTION = "callscribe"
EVENT_GRID_FUNCTION = "incoming_call"
SYSTEM_EVENTS = ["connect", "connected", "disconnected"]

_ADDRESS = re.compile(r"\b(localhost|127\.0\.0\.1):(\d+)")


class WiringError(StackError):
    """A part has refused its configuration."""


def stack_settings(ports: Ports, overrides: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the app's settings for a stack on `ports`: the example's values, then `overrides`."""
    # Addresses are found by their default port, so the example needs no placeholders: it is also a
    # file that people copy and use as it is.
    values: dict[str, str] = json.loads(EXAMPLE.read_text(encoding="utf-8"))["Values"]
    moved = _moved_ports(ports)

    def move(match: re.Match[str]) -> str:
        host, port = match.groups()
        return f"{host}:{moved.get(int(port), port)}"

    return {name: _ADDRESS.sub(move, value) for name, value in values.items()} | dict(
        overrides or {}
    )


def _moved_ports(ports: Ports) -> dict[int, int]:
    default = Ports()
    moved = {default.azurite + place: ports.azurite + place for place in range(3)}
    moved[default.web_pubsub] = ports.web_pubsub
    moved[default.acs] = ports.acs
    moved[default.functions] = ports.functions
    return moved


async def set_hubs(ports: Ports, settings: Mapping[str, str]) -> None:
    """Set the hubs: events of the stream hub go to the app, those of the live hub to nobody."""
    code = quote(settings.get("WEBPUBSUB_UPSTREAM_CODE", ""), safe="")
    handler = {
        "UrlTemplate": f"http://localhost:{ports.functions}/api/stream?code={code}",
        "EventPattern": "*",
        "SystemEvents": SYSTEM_EVENTS,
    }
    base = f"http://{LOOPBACK}:{ports.web_pubsub}/emulator/hubs"
    stream = settings.get("WEBPUBSUB_STREAM_HUB", "stream")
    live = settings.get("WEBPUBSUB_LIVE_HUB", "live")
    # As the deployment does: streams that are let in by ticket have no token.
    by_ticket = settings.get("WEBPUBSUB_STREAM_ADMISSION") == "ticket"
    anonymous = "allow" if by_ticket else "deny"
    hub = {"EventHandlers": [handler], "AnonymousConnect": anonymous}
    await _put(f"{base}/{quote(stream)}", hub)
    await _put(f"{base}/{quote(live)}", {"EventHandlers": []})


async def subscribe(ports: Ports, key: str | None = None) -> None:
    """Subscribe the app to incoming calls; it must be running, to answer the handshake.

    Where the functions have a key, its webhooks have it too.
    """
    webhook = f"runtime/webhooks/EventGrid?functionName={EVENT_GRID_FUNCTION}"
    if key:
        webhook += f"&code={quote(key, safe='')}"
    await _put(
        f"http://{LOOPBACK}:{ports.acs}/emulator/event-subscriptions/{SUBSCRIPTION}",
        {"endpoint": f"http://localhost:{ports.functions}/{webhook}"},
    )


async def has_functions(ports: Ports, key: str | None) -> bool:
    """Tell whether the functions host has found any function in the app."""
    headers = {} if key is None else {"x-functions-key": key}
    url = f"http://{LOOPBACK}:{ports.functions}/admin/functions"
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.get(url) as response,
    ):
        return bool(await response.json())


async def check_configured(ports: Ports) -> None:
    """Raise WiringError where the app says what keeps it from working; not every app does."""
    url = f"http://{LOOPBACK}:{ports.functions}/api/health"
    timeout = aiohttp.ClientTimeout(total=30)
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.get(url) as response,
        ):
            answer = await response.read()
    except (aiohttp.ClientError, TimeoutError) as error:
        raise WiringError(f"GET {url}: {error}") from error
    if response.status == HTTPStatus.SERVICE_UNAVAILABLE:
        raise WiringError("\n  ".join(["the app is not configured:", *_problems(answer)]))


def _problems(answer: bytes) -> list[str]:
    """Return the problems that an answer lists; the answer itself where it lists none."""
    try:
        return [str(problem) for problem in json.loads(answer)["problems"]]
    except (LookupError, TypeError, ValueError):
        return [answer[:500].decode(errors="replace")]


async def _put(url: str, body: Mapping[str, object]) -> None:
    timeout = aiohttp.ClientTimeout(total=30)
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.put(url, json=body) as response,
        ):
            answer = await response.text()
    except (aiohttp.ClientError, TimeoutError) as error:
        raise WiringError(f"PUT {url}: {error}") from error
    if not response.ok:
        raise WiringError(f"PUT {url}: {response.status} {answer[:500]}")
