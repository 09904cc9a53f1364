"""A whole stack seen from outside: ring calls, break things, and hold rows against what was said.

A final is acknowledged when the event that carried it got a 2xx. The promise that every test holds:
a call's rows, less those marked `DuplicateOf`, are exactly the acknowledged finals, in order, once;
whatever else was said shows in the report as suspected missing or lies in a timed gap.
"""

import asyncio
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import aiohttp
from azure.core.exceptions import AzureError
from azure.data.tables.aio import TableServiceClient

from callscribe.foundation.identifiers import NO_STREAM
from emulator.stack import Stack
from tests.e2e.accounts import DISCONNECTED, verify
from tests.e2e.evidence import Evidence, Json, Spoken, messages, taken

Nudge = Callable[[], Awaitable[None]]
# In seconds: only something that is broken is waited for so long, however busy the machine is.
PATIENCE = 240
# Of Web PubSub: every new connection is refused.
CLOSED_DOOR: Json = {"on": "connect", "do": "status", "value": 503, "times": None}


async def eventually[T](
    check: Callable[[], Awaitable[T]], within: float = PATIENCE, pause: float = 0.1
) -> T:
    """Return what `check` returns once it no longer fails; fail as it does after `within` s.

    It is tried each `pause` s: where many calls are waited for at once, seldom.
    """
    deadline = time.monotonic() + within
    while True:
        try:
            return await check()
        except (AssertionError, aiohttp.ClientError, AzureError):
            if time.monotonic() > deadline:
                raise
        await asyncio.sleep(pause)


class World:
    """One running stack and the clients to look at it."""

    def __init__(
        self, stack: Stack, http: aiohttp.ClientSession, tables: TableServiceClient
    ) -> None:
        self.stack = stack
        self._http = http
        self._tables = tables
        self._besides: dict[str, list[Json]] = defaultdict(list)
        self._kept: list[Json] = []
        # The calls of which the app is to know nothing.
        self.left_alone: set[str] = set()
        self._call_ids: dict[str, str] = {}

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
        """Ring; return the emulator's id of the call.

        However slow the machine is, nobody speaks before the first stream is open.
        """
        usual = {"from": "+14255550123", "to": "+18005550199", "speed": 8, "waitForStream": 60}
        # A colleague at the number called talks with the caller, beside the app.
        body = usual | {"answeredBy": "callee"} | options
        return str((await self.acs("POST", "incoming-calls", body))["id"])

    async def place(self, key: str | None = None, **told: Any) -> Json:
        """Have the app begin a call; return its answer."""
        headers = {} if key is None else {"Idempotency-Key": key}
        answer = await self._ask(
            self.stack.ports.functions, "POST", "/api/calls", told, headers=headers
        )
        return dict(answer)

    async def tried(self, method: str, path: str, body: object) -> tuple[int, Json]:
        """Ask the app for something that it may refuse; return its status and its answer."""
        url = f"http://127.0.0.1:{self.stack.ports.functions}{path}"
        async with self._http.request(method, url, json=body) as response:
            return response.status, dict(await response.json())

    async def control(self, call_id: str, action: str, **told: Any) -> Json:
        """Have the app do something with a call; return its answer."""
        return dict(await self.app("POST", f"/api/calls/{call_id}/{action}", told))

    async def ring_of(self, call_id: str) -> str:
        """Return the emulator's id of a call that the app began, once both know it."""

        async def check() -> str:
            shown = await self.app("GET", f"/api/calls/{call_id}")
            known = {each["correlationId"]: each["id"] for each in await self.acs("GET", "calls")}
            assert shown.get("correlationId") in known, shown
            return str(known[shown["correlationId"]])

        return await eventually(check)

    async def stands(self, call_id: str, *, pause: float = 0.1, **wanted: Any) -> Json:
        """Wait until the app shows a call so, looking each `pause` s; return it."""

        async def check() -> Json:
            shown: Json = await self.app("GET", f"/api/calls/{call_id}")
            assert {name: shown.get(name) for name in wanted} == wanted, shown
            return shown

        return await eventually(check, pause=pause)

    async def say(self, ring: str, text: str, speaker: int | str = 0) -> None:
        """Have somebody say something now, the caller unless told otherwise."""
        await self.acs("POST", f"calls/{ring}/say", {"text": text, "speaker": speaker})

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

    def said_besides(self, ring: str, text: str, stream: int, frame: int) -> None:
        """Note a final that a test sent itself: its stream (from 1), its frame there (from 0)."""
        at = datetime.now(UTC).isoformat()
        final = {"text": text, "at": at, "connection": stream, "frame": frame, "replays": []}
        self._besides[ring].append(final)

    async def was_said(self, ring: str, text: str) -> None:
        """Wait until this final was spoken, whether anybody heard it or not."""

        async def check() -> None:
            finals = (await self.acs("GET", f"calls/{ring}"))["finals"]
            assert text in [final["text"] for final in finals], finals

        await eventually(check)

    async def heard(self, ring: str, text: str) -> None:
        """Wait until this final was acknowledged."""

        async def check() -> None:
            finals = await self.spoken(ring)
            assert text in [final.text for final in finals if final.acknowledged], finals

        await eventually(check)

    async def streaming(self, ring: str, least: int = 1, nudge: Nudge | None = None) -> Json:
        """Wait until the call's last stream is open and its frames were acknowledged; return it.

        ACS knows by then that it is open: from now on all that is said is heard. The call has had
        `least` streams or more; before each look there is a `nudge`.
        """

        async def check() -> Json:
            if nudge:
                await nudge()
            streams = await self.connections(ring)
            assert len(streams) >= least, streams
            frames = messages(streams[-1])
            assert streams[-1]["state"] == "open", streams
            assert frames, streams
            assert taken(frames[-1]), streams
            return streams[-1]

        return await eventually(check)

    @asynccontextmanager
    async def no_stream_opens(self) -> AsyncIterator[None]:
        """Let Web PubSub refuse new streams: what is cut meanwhile stays cut until the end."""
        await self.web_pubsub("POST", "faults", CLOSED_DOOR)
        try:
            yield
        finally:
            await self.web_pubsub("DELETE", "faults")

    async def cut(self, ring: str, text: str) -> None:
        """Cut the stream, and have something said while nobody hears it.

        The next stream must not open meanwhile (`no_stream_opens`).
        """
        await self.acs("POST", f"calls/{ring}/drop-stream", {})
        await self.say(ring, text)
        await self.was_said(ring, text)
        await self.stream_closed(ring)

    async def stream_closed(self, ring: str) -> None:
        """Wait until the app was told that the call's last stream has closed, or cannot be told."""

        async def check() -> None:
            last = (await self.connections(ring))[-1]["events"][-1]
            assert last["type"] == DISCONNECTED, last
            assert last["status"] or last["error"], last

        await eventually(check)

    async def over(self, ring: str, within: float = PATIENCE) -> Json:
        """Wait until the call is over for ACS; return what the emulator knows of it."""

        async def check() -> Json:
            call: Json = await self.acs("GET", f"calls/{ring}")
            assert call["state"] in ("disconnected", "missed"), call["state"]
            return call

        return await eventually(check, within)

    async def call_id(self, ring: str) -> str:
        """Return the app's id of a call."""
        if ring not in self._call_ids:
            self._call_ids[ring] = str((await self.row(ring))["CallId"])
        return self._call_ids[ring]

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
        call_id = await self.call_id(ring)
        found = (await self._transcripts(call_id, call_id)).get(call_id, [])
        return [row for row in found if row["RowKey"].startswith(f"{kind}-")]

    async def gaps(self, ring: str) -> list[Json]:
        """Return the call's gaps, but for the one before its first stream.

        How long that stream takes to open depends on the machine.
        """
        gaps = await self.rows(ring, "g")
        return [gap for gap in gaps if not gap["RowKey"].endswith(f"-{NO_STREAM}")]

    async def stored(self, ring: str) -> list[str]:
        """Return the texts of the call's rows, less those said twice, in key order."""
        return [row["Text"] for row in await self.rows(ring, "s") if "DuplicateOf" not in row]

    async def connections(self, ring: str) -> list[Json]:
        """Return the call's stream connections that were let in, in order, with their events."""
        return (await self._streams())[await self.call_id(ring)]

    async def keep_streams(self) -> None:
        """Remember what Web PubSub knows: when it is killed next, it forgets that."""
        self._kept += await self.web_pubsub("GET", "connections")

    async def spoken(self, ring: str) -> list[Spoken]:
        """Return the call's finals in order, each with whether it was acknowledged."""
        call = await self.acs("GET", f"calls/{ring}")
        return Evidence(call, await self.connections(ring), {}, []).spoken

    async def all_spoken(self, rings: Collection[str]) -> dict[str, list[Spoken]]:
        """Return the finals of some calls, as `spoken` does, in one look."""
        calls = {call["id"]: call for call in await self.acs("GET", "calls") if call["id"] in rings}
        streams = await self._streams()
        return {
            ring: Evidence(call, streams[await self.call_id(ring)], {}, []).spoken
            for ring, call in calls.items()
        }

    async def all_connections(self, rings: Collection[str]) -> dict[str, list[Json]]:
        """Return the stream connections of some calls, as `connections` does, in one look."""
        streams = await self._streams()
        return {ring: streams[await self.call_id(ring)] for ring in rings}

    async def check(self, ring: str, within: float = PATIENCE) -> Json:
        """Hold the promise for a call that is over; return its row."""
        await self.over(ring)
        return (await self.check_all([ring], within))[ring]

    async def check_all(self, rings: Collection[str], within: float = PATIENCE) -> dict[str, Json]:
        """Hold the promise for calls that are over or about to be; return their rows."""
        failures = await self.settle(rings, within)
        assert not failures, failures
        return {ring: found.row for ring, found in (await self.evidences(rings)).items()}

    async def settle(
        self, rings: Collection[str], within: float, nudge: Nudge | None = None
    ) -> dict[str, str]:
        """Wait until the accounts of all calls add up; return what is wrong with which others.

        Each look is one for all calls together, with a `nudge` before it.
        """
        deadline, failures = time.monotonic() + within, dict.fromkeys(rings, "never looked at")
        while failures:
            try:
                if nudge:
                    await nudge()
                found = await self.evidences(failures)
                failures = {ring: why for ring in failures if (why := self._wrong(found.get(ring)))}
            except (AssertionError, aiohttp.ClientError, AzureError) as problem:
                failures = dict.fromkeys(failures, repr(problem))
            if time.monotonic() > deadline:
                break
            await asyncio.sleep(0.3)
        return failures

    async def evidences(self, rings: Collection[str]) -> dict[str, Evidence]:
        """Return all that is known of some calls; those that the app does not know are left out."""
        calls = {call["id"]: call for call in await self.acs("GET", "calls") if call["id"] in rings}
        for ring, call in calls.items():
            call["finals"] += self._besides[ring]
        streams = await self._streams()
        listed = self._tables.get_table_client("Calls").list_entities()
        # A call that another application keeps has no id of ACS until its stream comes.
        rows = [dict(row) async for row in listed if "CorrelationId" in row]
        of_call = {row["CorrelationId"]: row for row in rows}
        assert len(of_call) == len(rows), "two rows of one call"
        known = {ring: of_call.get(call["correlationId"]) for ring, call in calls.items()}
        ids = sorted(row["CallId"] for row in known.values() if row)
        transcripts = await self._transcripts(ids[0], ids[-1]) if ids else {}
        return {
            ring: Evidence(
                calls[ring], streams[row["CallId"]], row, transcripts.get(row["CallId"], [])
            )
            for ring, row in known.items()
            if row
        }

    def _wrong(self, evidence: Evidence | None) -> str:
        """Say what does not add up in a call's accounts; nothing if they do."""
        if evidence is None:
            return "the app does not know the call"
        try:
            assert evidence.call["state"] == "disconnected", evidence.call["state"]
            verify(evidence, self._shortest_gap)
        except AssertionError as problem:
            return str(problem) or repr(problem)
        return ""

    @property
    def _shortest_gap(self) -> float:
        return float(self.stack.settings.get("GAP_SECONDS", "2"))

    async def _streams(self) -> dict[str, list[Json]]:
        """Return the stream connections that were let in, in order, by the app's id of the call."""
        found: dict[str, list[Json]] = defaultdict(list)
        for connection in [*self._kept, *await self.web_pubsub("GET", "connections")]:
            if connection["hub"] == "stream" and connection["state"] != "refused":
                found[connection["userId"]].append(connection)
        return found

    async def _transcripts(self, first: str, last: str) -> dict[str, list[Json]]:
        """Return the rows of all calls from one id to another, in order, by the call's id."""
        transcripts = self._tables.get_table_client("Transcripts")
        where = f"PartitionKey ge '{first}' and PartitionKey le '{last}'"
        found: dict[str, list[Json]] = defaultdict(list)
        async for row in transcripts.query_entities(where):
            found[row["PartitionKey"]].append(dict(row))
        return found

    async def _ask(
        self, port: int, method: str, path: str, body: object, headers: Json | None = None
    ) -> Any:
        url = f"http://127.0.0.1:{port}{path}"
        async with self._http.request(method, url, json=body, headers=headers) as response:
            text = await response.text()
            assert response.status < 300, f"{method} {path}: {response.status} {text}"
            return await response.json(content_type=None) if text else None
