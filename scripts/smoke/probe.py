"""Use a running app: its tables and hubs with one's own identity, its API with its key."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any

import aiohttp

from callscribe.calls.call import Call
from callscribe.calls.ports import WANTED, StreamHub
from callscribe.calls.tickets import TICKET_BYTES
from callscribe.cloud.clients import Clients
from callscribe.cloud.web_pubsub import TicketedStream, WebPubSubStream
from callscribe.foundation.deadline import Deadline
from callscribe.foundation.identifiers import call_keys, participant_id
from callscribe.foundation.json_input import parse, parse_object
from callscribe.foundation.moments import Seconds
from callscribe.options import resources
from callscribe.settings.settings import Settings
from callscribe.storage.active import ActiveTable, active_keys
from callscribe.storage.calls import TableCallStore
from callscribe.storage.tables import Table
from scripts.acs_headers import NO_ISSUER, acs_headers
from scripts.smoke.call import CALLEE, CALLER, frames, made_up_call

Json = dict[str, Any]
# An app that sleeps takes some seconds to start.
TIMEOUT = aiohttp.ClientTimeout(total=30)
# How long something may take that needs no timer and no queue.
AT_ONCE = Seconds(30)
# How long the stream's token holds.
MINUTES = 5


class ProbeError(Exception):
    """The app did not do, or did not answer, what it should."""


class Probe:
    """One run: one made-up call, and what is opened for it."""

    def __init__(self, url: str, key: str | None, settings: Settings) -> None:
        self.settings = settings
        self._ticket = secrets.token_urlsafe(TICKET_BYTES) if settings.by_ticket else None
        self.call: Call = made_up_call(WANTED, settings.locale, self._ticket)
        self.stream: aiohttp.ClientWebSocketResponse | None = None
        self.viewer: aiohttp.ClientWebSocketResponse | None = None
        self.stream_url: str | None = None
        self._url = url.rstrip("/")
        self._headers = {"x-functions-key": key} if key else {}
        self._clients = Clients(resources(settings))
        names = ("Calls", "ActiveCalls", "Participants", "Transcripts")
        self._tables = {name: Table(self._clients.table(name)) for name in names}

    async def close(self) -> None:
        """Close whatever is open."""
        for socket in (self.stream, self.viewer):
            if socket is not None:
                await socket.close()
        await self._clients.session.close()

    async def api(self, method: str, path: str) -> Json:
        """Return what the app answers.

        Raises ProbeError when that is not 200 or no object, and BadInputError when it is no JSON.
        """
        session = self._clients.session
        async with session.request(
            method, self._url + path, headers=self._headers, timeout=TIMEOUT
        ) as response:
            body = await response.read()
        if response.status != HTTPStatus.OK:
            text = body.decode(errors="replace")[:200]
            raise ProbeError(f"{method} {path}: {response.status} {text}")
        answer = parse(body)
        if not isinstance(answer, dict):
            raise ProbeError(f"{method} {path}: no object")
        return answer

    async def api_of_call(self, rest: str = "", method: str = "GET") -> Json:
        """Return what the app answers about the call. Raises the errors of `api`."""
        return await self.api(method, f"/api/calls/{self.call.id}{rest}")

    async def write_call(self) -> None:
        """Write the call as the app does."""
        calls, people = self._tables["Calls"], self._tables["Participants"]
        active = ActiveTable(self._clients.table("ActiveCalls"))
        await TableCallStore(calls, active, people).create(self.call, self.call.begun_at)

    async def mint(self) -> None:
        """Get an address for the stream, as the app makes it: with a token, or with the ticket."""
        settings = self.settings
        hub, host = self._clients.hub(settings.stream_hub), settings.stream_host
        stream: StreamHub = (
            TicketedStream(hub, settings.webpubsub_endpoint, settings.stream_hub, host)
            if settings.by_ticket
            else WebPubSubStream(hub, MINUTES, host)
        )
        self.stream_url = await stream.stream_url(self.call.id, self._ticket)

    async def watch(self, url: str) -> None:
        """Watch the call by its viewer's address."""
        self.viewer = await self._dial(url, {})

    async def speak(self) -> None:
        """Open the stream as ACS does, and send all that is said.

        Raises ProbeError where it is refused, and without `mint` before.
        """
        if self.stream_url is None:
            raise ProbeError("there is no address for the stream")
        # Of no issuer that the app knows: it would check the signature of ACS's.
        headers = acs_headers(str(self.call.connection_id), NO_ISSUER)
        self.stream = await self._dial(self.stream_url, headers)
        for frame in frames(self.call):
            await self.stream.send_str(frame)

    async def stop_speaking(self) -> None:
        """Close the stream, if it is open."""
        if self.stream is not None:
            await self.stream.close()

    async def seen(self) -> list[str]:
        """Return the words that the viewer is shown, as far as they have come."""
        found: list[str] = []
        while self.viewer is not None:
            try:
                message = await self.viewer.receive(timeout=1)
            except TimeoutError:
                break
            if message.type is not aiohttp.WSMsgType.TEXT:
                break
            content = parse_object(message.data.encode())
            found += [str(content["text"])] if content.get("type") == "segment" else []
        return found

    async def row_keys(self) -> list[str]:
        """Return the keys of the rows of the call's transcript."""
        rows = self._tables["Transcripts"].scan(self.call.id)
        return [key async for key, _ in rows]

    async def texts(self) -> list[str]:
        """Return what is stored of what was said."""
        rows = self._tables["Transcripts"].scan(self.call.id, "s-", "t")
        return [str(columns["Text"]) async for _, columns in rows]

    async def remove(self) -> list[str]:
        """Remove all rows of the call; return what is left of the transcript."""
        day, key = call_keys(self.call.id)
        # First: the app's timer would go on checking a call that is listed here.
        await self._tables["ActiveCalls"].delete(*active_keys(self.call.id))
        await self._tables["Calls"].delete(day, key)
        for row_key in await self.row_keys():
            await self._tables["Transcripts"].delete(self.call.id, row_key)
        for person in (CALLER, CALLEE):
            await self._tables["Participants"].delete(participant_id(person), key)
        return await self.row_keys()

    async def _dial(self, url: str, headers: dict[str, str]) -> aiohttp.ClientWebSocketResponse:
        try:
            return await self._clients.session.ws_connect(url, headers=headers)
        # Its own words hold the address, and that a token.
        except aiohttp.WSServerHandshakeError as refusal:
            raise ProbeError(f"the handshake was answered {refusal.status}") from None


async def until[T](
    ask: Callable[[], Awaitable[T]], good: Callable[[T], bool], within: Seconds = AT_ONCE
) -> T:
    """Ask until the answer is good, and return it. Raises ProbeError if that takes too long."""
    deadline = Deadline.after(within)
    while not good(answer := await ask()):
        if deadline.left < 0:
            raise ProbeError(f"not within {within:.0f} s; the last answer: {str(answer)[:300]}")
        await asyncio.sleep(0.2)
    return answer
