"""A whole stack seen from outside: ring calls, break things, and hold rows against what was said.

A final is acknowledged when the event that carried it got a 2xx. The promise that every test holds:
a call's rows, less those marked `DuplicateOf`, are exactly the acknowledged finals, in order, once;
whatever else was said shows in the report as suspected missing or lies in a timed gap.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import aiohttp
from azure.core.exceptions import AzureError
from azure.data.tables.aio import TableServiceClient

from emulator.stack import Stack

Json = dict[str, Any]
MESSAGE = "azure.webpubsub.user.message"
SLACK = timedelta(seconds=1.5)
"""How far the clocks of the parts and whole seconds in `ce-time` may blur the edge of a gap."""


async def eventually[T](check: Callable[[], Awaitable[T]], within: float = 60) -> T:
    """Return what `check` returns once it no longer fails; fail as it does after `within` s."""
    deadline = time.monotonic() + within
    while True:
        try:
            return await check()
        except (AssertionError, aiohttp.ClientError, AzureError):
            if time.monotonic() > deadline:
                raise
        await asyncio.sleep(0.1)


@dataclass(frozen=True)
class Spoken:
    """One final as the emulators know it: what was said when, and whether it was acknowledged."""

    text: str
    at: datetime
    acknowledged: bool


class World:
    """One running stack and the clients to look at it."""

    def __init__(
        self, stack: Stack, http: aiohttp.ClientSession, tables: TableServiceClient
    ) -> None:
        self.stack = stack
        self._http = http
        self._tables = tables

    async def acs(self, method: str, path: str, body: object = None) -> Any:
        """Ask the ACS emulator's control API."""
        return await self._ask(self.stack.ports.acs, method, f"/emulator/{path}", body)

    async def web_pubsub(self, method: str, path: str, body: object = None) -> Any:
        """Ask the Web PubSub emulator's control API."""
        return await self._ask(self.stack.ports.web_pubsub, method, f"/emulator/{path}", body)

    async def app(self, method: str, path: str, body: object = None) -> Any:
        """Ask the app."""
        return await self._ask(self.stack.ports.functions, method, path, body)

    async def fire(self, function: str) -> None:
        """Run a timer function now and wait for its end."""
        await self.app("POST", f"/admin/functions/{function}?wait=true", {})

    async def retry_upstream(self, *, on: bool) -> None:
        """Have Web PubSub deliver failed events again, or not."""
        hub = await self.web_pubsub("GET", "hubs/stream")
        await self.web_pubsub("PUT", "hubs/stream", hub | {"UpstreamRetries": on})

    async def ring(self, **options: Any) -> str:
        """Ring; return the emulator's id of the call."""
        body = {"from": "+14255550123", "to": "+18005550199", "speed": 8} | options
        return str((await self.acs("POST", "incoming-calls", body))["id"])

    async def say(self, ring: str, text: str) -> None:
        """Have the caller say something now."""
        await self.acs("POST", f"calls/{ring}/say", {"text": text})

    async def hang_up(self, ring: str) -> None:
        """Have the caller hang up."""
        await self.acs("POST", f"calls/{ring}/hangup", {})

    async def said(self, ring: str, count: int) -> None:
        """Wait until `count` finals of the call were spoken."""

        async def check() -> None:
            assert len((await self.acs("GET", f"calls/{ring}"))["finals"]) >= count

        await eventually(check)

    async def acknowledged(self, ring: str, count: int) -> None:
        """Wait until `count` finals of the call were acknowledged."""

        async def check() -> None:
            assert sum(final.acknowledged for final in await self.spoken(ring)) >= count

        await eventually(check)

    async def heard(self, ring: str, text: str) -> None:
        """Wait until this final was acknowledged."""

        async def check() -> None:
            finals = await self.spoken(ring)
            assert text in [final.text for final in finals if final.acknowledged], finals

        await eventually(check)

    async def over(self, ring: str, within: float = 60) -> Json:
        """Wait until the call is over for ACS; return what the emulator knows of it."""

        async def check() -> Json:
            call: Json = await self.acs("GET", f"calls/{ring}")
            assert call["state"] in ("disconnected", "missed"), call["state"]
            return call

        return await eventually(check, within)

    async def call_id(self, ring: str) -> str:
        """Return the app's id of a call."""
        return str((await self.row(ring))["CallId"])

    async def row(self, ring: str) -> Json:
        """Return the call's row."""
        call = await self.acs("GET", f"calls/{ring}")
        calls = self._tables.get_table_client("Calls")
        where = f"CorrelationId eq '{call['correlationId']}'"
        found = [dict(row) async for row in calls.query_entities(where)]
        assert len(found) == 1, found
        return found[0]

    async def rows(self, ring: str, kind: str) -> list[Json]:
        """Return the transcript's rows of a kind (`s`, `q`, `c`, `e`, `g`), in order."""
        transcripts = self._tables.get_table_client("Transcripts")
        where = f"PartitionKey eq '{await self.call_id(ring)}'"
        found = [dict(row) async for row in transcripts.query_entities(where)]
        return [row for row in found if row["RowKey"].startswith(f"{kind}-")]

    async def stored(self, ring: str) -> list[str]:
        """Return the texts of the call's rows, less those said twice, in key order."""
        return [row["Text"] for row in await self.rows(ring, "s") if "DuplicateOf" not in row]

    async def connections(self, ring: str) -> list[Json]:
        """Return the call's stream connections that were let in, in order, with their events."""
        call_id = await self.call_id(ring)
        listed = await self.web_pubsub("GET", "connections")
        return [
            connection
            for connection in listed
            if connection["userId"] == call_id
            and connection["hub"] == "stream"
            and connection["state"] != "refused"
        ]

    async def spoken(self, ring: str) -> list[Spoken]:
        """Return the call's finals in order, each with whether it was acknowledged."""
        frames = [
            [event["status"] for event in connection["events"] if event["type"] == MESSAGE]
            for connection in await self.connections(ring)
        ]

        def taken(sending: Json) -> bool:
            if sending["connection"] is None:
                return False
            statuses = frames[sending["connection"] - 1]
            status = statuses[sending["frame"]] if sending["frame"] < len(statuses) else None
            return status is not None and status < 300

        return [
            Spoken(
                text=final["text"],
                at=datetime.fromisoformat(final["at"]),
                acknowledged=any(taken(sending) for sending in [final, *final["replays"]]),
            )
            for final in (await self.acs("GET", f"calls/{ring}"))["finals"]
        ]

    async def check(self, ring: str, within: float = 60) -> Json:
        """Hold the promise for a call that is over; return its row."""
        await self.over(ring)
        return await eventually(lambda: self._check(ring), within)

    async def _check(self, ring: str) -> Json:
        row, spoken = await self.row(ring), await self.spoken(ring)
        assert row["State"] == "ended", row
        assert "FinishedAt" in row, row
        assert await self.stored(ring) == [final.text for final in spoken if final.acknowledged]
        gaps = [_span(gap) for gap in await self.rows(ring, "g")]
        unexplained = [
            final
            for final in spoken
            if not final.acknowledged and not any(a <= final.at <= b for a, b in gaps)
        ]
        assert len(unexplained) <= row["SuspectedMissing"], (unexplained, gaps)
        counted = row["Metadata"] + row["Intermediates"] + row["Finals"] + row["Quarantined"]
        assert row["Frames"] == counted
        assert row["Finals"] - row["Duplicates"] == len(await self.stored(ring))
        return row

    async def _ask(self, port: int, method: str, path: str, body: object) -> Any:
        url = f"http://127.0.0.1:{port}{path}"
        async with self._http.request(method, url, json=body) as response:
            text = await response.text()
            assert response.status < 300, f"{method} {path}: {response.status} {text}"
            return await response.json(content_type=None) if text else None


def _span(gap: Json) -> tuple[datetime, datetime]:
    start = datetime.fromisoformat(gap["From"])
    return start - SLACK, start + timedelta(seconds=gap["Seconds"]) + SLACK
