"""The running app from outside: its HTTP surface, its tables and its log."""

import asyncio
import hashlib
import hmac
import io
import json
import time
import uuid
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import aiohttp
from azure.core.exceptions import ResourceNotFoundError
from azure.data.tables.aio import TableClient, TableServiceClient
from multidict import CIMultiDict
from yarl import URL

from callscribe.foundation.identifiers import call_keys
from emulator.stack import Stack
from tests.handlers.acs_peer import AcsPeer
from tests.handlers.wire import CONTEXT, Answer, Call, Json, call_id_of, incoming

Headers = dict[str, str] | CIMultiDict[str]

KEY = "the-functions-key"
ACCESS_KEY = "the-access-key-that-is-current-now"
OLD_ACCESS_KEY = "the-access-key-that-is-being-replaced"
PEOPLE = ("4255550123", "8005550199")
TRACES = ("eyJ", "sha256=", "code=", "ticket=")
# What no log line may hold: keys, numbers, contexts, words, tokens, signatures, codes, tickets.
SECRETS = (KEY, ACCESS_KEY, OLD_ACCESS_KEY, CONTEXT, *PEOPLE, "heliotrope", *TRACES)


# In seconds: only something that is broken is waited for so long, however busy the machine is.
PATIENCE = 120


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    """Wait until `condition` holds."""
    deadline = time.monotonic() + PATIENCE
    while not await condition():
        assert time.monotonic() < deadline, "the condition never held"
        await asyncio.sleep(0.02)


class Surface:
    """One running app."""

    def __init__(
        self, stack: Stack, acs: AcsPeer, http: aiohttp.ClientSession, tables: TableServiceClient
    ) -> None:
        self.stack = stack
        self.acs = acs
        self.http = http
        self._tables = tables

    def beside(self, stack: Stack) -> "Surface":
        """Return another instance of the app over the same storage."""
        return Surface(stack, self.acs, self.http, self._tables)

    async def request(self, method: str, path: str, **options: Any) -> Answer:
        """Ask the app; `path` goes out exactly as it is written."""
        url = URL(f"http://127.0.0.1:{self.stack.ports.functions}{path}", encoded=True)
        async with self.http.request(method, url, **options) as response:
            return Answer(response.status, response.headers, await response.read())

    async def api(self, path: str, method: str = "GET", **options: Any) -> Answer:
        """Ask the app as somebody who has its key."""
        return await self.request(method, path, headers={"x-functions-key": KEY}, **options)

    async def deliver(self, *events: object) -> Answer:
        """Deliver events as Event Grid does."""
        return await self.request(
            "POST",
            f"/runtime/webhooks/EventGrid?functionName=incoming_call&code={KEY}",
            data=io.BytesIO(json.dumps(events).encode()),
            headers={"aeg-event-type": "Notification"},
        )

    async def ring(self, **changes: Any) -> Call:
        """Have the app answer a call."""
        event = incoming(**changes)
        answer = await self.deliver(event)
        assert answer.status == 202, answer.body
        return await self.answered(event)

    async def answered(self, event: Json) -> Call:
        """Return the call that the app answered for an event."""
        call_id = call_id_of(event)
        row = await self.call(call_id)
        assert row is not None
        assert row["State"] == "connecting", row
        (url,) = (
            answer["transcriptionOptions"]["transportUrl"]
            for answer in self.acs.answers
            if answer["callbackUri"].endswith(call_id)
        )
        return Call(call_id, event, row["CallConnectionId"], url)

    async def call_back(self, call_id: str, body: object, token: str | None = None) -> Answer:
        """Post callbacks with a good token, unless told another."""
        return await self.request(
            "POST",
            f"/api/callbacks/{call_id}",
            data=body if isinstance(body, bytes) else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {token or self.acs.token()}"},
        )

    async def upstream(
        self,
        call_id: str,
        body: bytes = b"",
        kind: str = "user.message",
        headers: Headers | None = None,
        code: str | None = None,
    ) -> Answer:
        """Post an event of a stream as Web PubSub does; `headers` replace its own."""
        sent = CIMultiDict(self.event_headers(call_id, kind))
        for name in headers or {}:
            sent.popall(name, None)
        sent.extend(headers or {})
        code = self.stack.settings["WEBPUBSUB_UPSTREAM_CODE"] if code is None else code
        return await self.request("POST", f"/api/stream?code={code}", data=body, headers=sent)

    def event_headers(self, call_id: str, kind: str) -> dict[str, str]:
        """Return the headers of an event on a connection of its own."""
        connection = uuid.uuid4().hex
        return {
            "Content-Type": "text/plain",
            "ce-type": f"azure.webpubsub.{kind}",
            "ce-id": "1",
            "ce-time": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "ce-connectionId": connection,
            "ce-userId": call_id,
            "ce-signature": self.signature(connection),
        }

    def next_headers(self, headers: dict[str, str], answer: Answer) -> dict[str, str]:
        """Return the headers of a frame that follows an event on its connection."""
        return headers | {
            "ce-type": "azure.webpubsub.user.message",
            "ce-id": str(int(headers["ce-id"]) + 1),
            "ce-connectionState": answer.headers["ce-connectionState"],
        }

    def signature(self, connection_id: str, key: str = ACCESS_KEY) -> str:
        """Sign a connection's id with the access key, unless told another."""
        digest = hmac.new(key.encode(), connection_id.encode(), hashlib.sha256).hexdigest()
        return f"sha256={digest}"

    def table(self, name: str) -> TableClient:
        """Return one of the app's tables."""
        return self._tables.get_table_client(name)

    async def call(self, call_id: str) -> Json | None:
        """Return the row of a call."""
        day, key = call_keys(call_id)
        try:
            return dict(await self.table("Calls").get_entity(day, key))
        except ResourceNotFoundError:
            return None

    async def rows(self, call_id: str, kind: str = "") -> list[Json]:
        """Return the rows of a transcript, of one kind (`s`, `q`, `c`, `e`, `g`) if told."""
        table = self.table("Transcripts")
        try:
            found = [
                dict(row) async for row in table.query_entities(f"PartitionKey eq '{call_id}'")
            ]
        except ResourceNotFoundError:
            return []
        return [row for row in found if row["RowKey"].startswith(kind)]

    async def row(self, call_id: str, kind: str) -> Json:
        """Return the only row of a kind."""
        (row,) = await self.rows(call_id, kind)
        return row

    async def stored(self, call_id: str) -> tuple[Json | None, list[Json]]:
        """Return all that is stored of a call, to hold against later."""
        return await self.call(call_id), await self.rows(call_id)

    def log_lines(self) -> list[str]:
        """Return what the app's process has printed so far."""
        text = self.stack.functions.log.read_text(encoding="utf-8", errors="replace")
        return text.splitlines()

    def logged(self, event: str, **fields: object) -> list[Json]:
        """Return the app's log lines of an event that hold these fields."""
        lines = [line for line in self.log_lines() if line.startswith('{"event": ')]
        found = [line for line in map(json.loads, lines) if line["event"] == event]
        return [line for line in found if fields.items() <= line.items()]

    def leaks(self) -> list[str]:
        """Return the log lines that hold what no log line may hold."""
        return [line for line in self.log_lines() if any(secret in line for secret in SECRETS)]
