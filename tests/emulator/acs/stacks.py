"""An emulator with its peer, and the two interfaces to it: the control API and the SDK."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from email.utils import formatdate
from typing import Any

import aiohttp
from azure.communication.callautomation import (
    StreamingTransportType,
    TranscriptionOptions,
    TranscriptionSubscription,
)
from azure.communication.callautomation.aio import CallAutomationClient
from azure.core.credentials import AzureKeyCredential

from emulator.acs.server import Settings, build_app
from emulator.acs.signing import Signer
from emulator.acs.state import EMULATOR, Emulator

from .peers import CALLEE, CALLER, COGNITIVE, DEADLINE, Json, Peer, serving, until

# One key for all tests: making one takes longer than most tests.
SIGNER = Signer(Settings().issuer, Settings().resource_id)


@dataclass
class Stack:
    """An emulator, its peer, and a client for each interface."""

    url: str
    settings: Settings
    emulator: Emulator
    peer: Peer
    http: aiohttp.ClientSession
    sdk: CallAutomationClient

    async def control(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Ask the control API, and return status and body."""
        async with self.http.request(method, f"{self.url}/emulator/{path}", json=body) as response:
            text = await response.text()
            return response.status, json.loads(text) if text else None

    async def ring(self, **options: Any) -> Json:
        """Ring, and return the call; a colleague at the number called speaks with the caller."""
        usual: Json = {"script": "short", "speed": 50, "waitForStream": 60, "answeredBy": "callee"}
        body = {"from": CALLER, "to": CALLEE} | usual | options
        status, call = await self.control("POST", "incoming-calls", body)
        assert status == 201, call
        return dict(call)

    async def context(self, call: Json) -> str:
        """Wait for the event of a call, and return its incoming-call context."""

        def events() -> list[Json]:
            data = (event["data"] for _, event in self.peer.events)
            return [one for one in data if one["correlationId"] == call["correlationId"]]

        return str((await until(events))[0]["incomingCallContext"])

    async def answer(self, call: Json, **options: Any) -> Any:
        """Answer a call as an app does; options are those of the SDK."""
        usual: Json = {
            "callback_url": self.peer.callback_url,
            "cognitive_services_endpoint": COGNITIVE,
            "transcription": self.transcription(),
            "headers": first_sent(),
        }
        return await self.sdk.answer_call(await self.context(call), **(usual | options))

    def transcription(self, **options: Any) -> TranscriptionOptions:
        """Return the usual options, or others."""
        usual: Json = {
            "transport_url": self.peer.stream_url,
            "transport_type": StreamingTransportType.WEBSOCKET,
            "locale": "en-US",
            "start_transcription": True,
            "enable_intermediate_results": False,
        }
        return TranscriptionOptions(**(usual | options))

    async def talk(self, answer: Json | None = None, **options: Any) -> Json:
        """Ring and answer, and return the call once it is connected."""
        call = await self.ring(**options)
        await self.answer(call, **(answer or {}))
        return await self.reach(call, "connected", "disconnected")

    async def subscription(self, call: Json) -> TranscriptionSubscription:
        """Return what Call Automation says of the call's transcription."""
        connection = self.sdk.get_call_connection(call["callConnectionId"])
        subscription = (await connection.get_call_properties()).transcription_subscription
        assert subscription
        return subscription

    async def show(self, call: Json) -> Json:
        """Return the call as it is now."""
        _, shown = await self.control("GET", f"calls/{call['id']}")
        return dict(shown)

    async def list_calls(self) -> list[Json]:
        """Return all calls, oldest first."""
        _, calls = await self.control("GET", "calls")
        return list(calls)

    async def reach(self, call: Json, *states: str) -> Json:
        """Wait until the call is in one of the states."""
        return await self.see(call, lambda shown: shown["state"] in states)

    async def see(self, call: Json, condition: Callable[[Json], Any]) -> Json:
        """Wait until the call is as wanted, and return it."""
        async with asyncio.timeout(DEADLINE):
            shown = await self.show(call)
            while not condition(shown):
                await asyncio.sleep(0.01)
                shown = await self.show(call)
            return shown

    async def fault(self, **fault: Any) -> None:
        """Order a fault."""
        status, answer = await self.control("POST", "faults", fault)
        assert status == 201, answer

    async def subscribe(self, name: str = "app", **target: Any) -> tuple[int, Any]:
        """Have Event Grid deliver to the peer."""
        target = {"endpoint": f"{self.peer.url}/events"} | target
        return await self.control("PUT", f"event-subscriptions/{name}", target)


@asynccontextmanager
async def stack(**settings: Any) -> AsyncIterator[Stack]:
    """Yield an emulator that is in no hurry for nothing, and its peer, not yet subscribed."""
    chosen = Settings(**({"connect_seconds": 0.01} | settings))
    peer, app = Peer(), build_app(chosen, SIGNER)
    async with (
        serving(peer.app()) as peer.url,
        serving(app) as url,
        aiohttp.ClientSession() as http,
        client(url, chosen) as sdk,
    ):
        yield Stack(url, chosen, app[EMULATOR], peer, http, sdk)


def first_sent(**headers: str) -> dict[str, str]:
    """Return the header that the SDK makes with a deprecated function unless it is given."""
    return {"Repeatability-First-Sent": formatdate(usegmt=True)} | headers


def client(url: str, settings: Settings, **options: Any) -> CallAutomationClient:
    """Return the SDK's client; it does not repeat what is refused."""
    credential = AzureKeyCredential(settings.access_key or "bm9uZQ==")
    return CallAutomationClient(url, credential, **({"retry_total": 0} | options))


async def started_later(acs: Stack, **ring: Any) -> Json:
    """Answer without starting the transcription."""
    options = acs.transcription(start_transcription=False)
    return await acs.talk({"transcription": options}, **({"stay": True, "script": "short"} | ring))
