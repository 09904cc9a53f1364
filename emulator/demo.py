"""The demo call: rings, prints the rows as they are stored, and compares them with what was said.

This is the only file here that knows the app's tables. It reads them by the names that
docs/querying.md guarantees, and imports nothing from the app.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from azure.core.exceptions import ResourceNotFoundError
from azure.data.tables import TableEntity
from azure.data.tables.aio import TableServiceClient

from emulator.azurite import connection_string
from emulator.console import console, speaker_style, transcript_line
from emulator.control import Api, acs_api
from emulator.errors import StackError
from emulator.ports import Ports

CALLER, CALLEE = "+14255550123", "+18005550199"
SCRIPT = "support-call"
POLL_SECONDS = 0.15
ANSWER_SECONDS = 30.0
STORE_SECONDS = 15.0
REPORT_SECONDS = 90.0
REPORT = {
    "Frames": "frames",
    "Intermediates": "intermediates",
    "Finals": "finals",
    "Duplicates": "duplicates",
    "Quarantined": "quarantined",
    "SuspectedMissing": "suspected missing",
    "SecondsWithoutStream": "seconds without a stream",
}


class DemoError(StackError):
    """The demo call has failed; the message says at which step."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """The finals that were spoken, compared with the segments that are stored."""

    spoken: int
    stored: int
    missing: list[str]
    unexpected: list[str]
    in_order: bool
    call_id: str = ""

    @property
    def complete(self) -> bool:
        """Whether every final is stored once, and all are in order."""
        return not self.missing and not self.unexpected and self.in_order


def compare(spoken: list[str], stored: list[str]) -> Comparison:
    """Compare the texts of finals that were spoken with those that are stored."""
    # As multisets: people say "yes" more than once.
    missing = list((Counter(spoken) - Counter(stored)).elements())
    unexpected = list((Counter(stored) - Counter(spoken)).elements())
    # The order is checked for the texts that are on both sides.
    both = [text for text in spoken if text not in missing]
    in_order = both == [text for text in stored if text in both and text not in unexpected]
    return Comparison(len(spoken), len(stored), missing, unexpected, in_order)


class Demo:
    """One call and its rows in storage."""

    def __init__(self, acs: Api, tables: TableServiceClient) -> None:
        self._acs = acs
        self._calls = tables.get_table_client("Calls")
        self._transcripts = tables.get_table_client("Transcripts")
        self._id = ""
        self._call_id = ""
        self._printed: set[str] = set()
        self._speakers: list[str] = []

    async def run(self, speed: float) -> Comparison:
        """Ring, print the call until its report is there, and return the comparison."""
        # The first words wait longer than usual for the stream: the machine may be busy.
        # A colleague at the number called speaks with the caller, beside the app.
        options = {"script": SCRIPT, "speed": speed, "waitForStream": 60, "answeredBy": "callee"}
        call = {"from": CALLER, "to": CALLEE} | options
        self._id = (await self._acs.post("/emulator/incoming-calls", call))["id"]
        console.print(f"\n[bold]Ringing[/] {CALLEE} from {CALLER}")
        row = await self._wait_for_answer()
        self._call_id = row["CallId"]
        console.print(f"[dim]Answered; the call's id is {self._call_id}[/]\n")
        comparison = replace(await self._print_segments(), call_id=self._call_id)
        await self._print_report()
        return comparison

    async def _state(self) -> dict[str, Any]:
        call: dict[str, Any] = await self._acs.get(f"/emulator/calls/{self._id}")
        return call

    async def _wait_for_answer(self) -> TableEntity:
        async def row() -> TableEntity | None:
            call = await self._state()
            if call["state"] in ("missed", "disconnected"):
                tried = ", ".join(_outcome(delivery) for delivery in call["deliveries"])
                raise DemoError(f"nobody answered the call; Event Grid's deliveries: {tried}")
            return await self._call_row(call["callConnectionId"])

        return await _until(row, ANSWER_SECONDS, "the app has not answered the call")

    async def _call_row(self, connection: str | None) -> TableEntity | None:
        if not connection:
            return None
        query = self._calls.query_entities(
            "CallConnectionId eq @connection", parameters={"connection": connection}
        )
        rows = await _all(query)
        return rows[0] if rows else None

    async def _print_segments(self) -> Comparison:
        """Print the segments when their rows appear, until the call is over and all are stored."""
        while (call := await self._state())["state"] != "disconnected":
            await self._print_new()
            await asyncio.sleep(POLL_SECONDS)
        spoken = [final["text"] for final in call["finals"]]
        deadline = time.monotonic() + STORE_SECONDS
        while True:
            comparison = compare(spoken, await self._print_new())
            if comparison.complete or time.monotonic() > deadline:
                return comparison
            await asyncio.sleep(POLL_SECONDS)

    async def _print_new(self) -> list[str]:
        """Print the segments that are new since the last time; return the texts of all."""
        # Keys of segments begin with `s-`; a dot is the character that follows the hyphen.
        query = self._transcripts.query_entities(
            "PartitionKey eq @call and RowKey ge 's-' and RowKey lt 's.'",
            parameters={"call": self._call_id},
        )
        rows = [row for row in await _all(query) if not row.get("DuplicateOf")]
        for row in rows:
            if row["RowKey"] not in self._printed:
                self._printed.add(row["RowKey"])
                console.print(self._line(row))
        return [row["Text"] for row in rows]

    def _line(self, row: TableEntity) -> Any:  # noqa: ANN401
        speaker = str(row.get("SpeakerId", "unknown")).removeprefix("4:")
        at = _clock(row.get("StartTime"))
        return transcript_line(at, speaker, row["Text"], speaker_style(speaker, self._speakers))

    async def _print_report(self) -> None:
        async def finished() -> TableEntity | None:
            row = await self._call_row((await self._state())["callConnectionId"])
            return row if row and row.get("FinishedAt") else None

        with console.status("The call is over; the app is finishing its record"):
            row = await _until(finished, REPORT_SECONDS, "the app has not finished the call")
        numbers = [f"{row[name]:g} {text}" for name, text in REPORT.items() if name in row]
        console.print(f"\nThe call is [bold]{row['State']}[/]; its report: {', '.join(numbers)}.")


async def run(ports: Ports, speed: float = 1) -> Comparison:
    """Ring the demo call, print it, and return the comparison of spoken and stored texts."""
    async with (
        acs_api(ports) as acs,
        TableServiceClient.from_connection_string(connection_string(ports.azurite)) as tables,
    ):
        comparison = await Demo(acs, tables).run(speed)
    _print_result(comparison)
    return comparison


def _print_result(comparison: Comparison) -> None:
    count = f"spoken {comparison.spoken} finals, stored {comparison.stored}"
    if comparison.complete:
        console.print(f"[bold green]OK[/]  {count}, in order, once")
        return
    console.print(
        f"[bold red]INCOMPLETE[/]  {count}{'' if comparison.in_order else ', out of order'}"
    )
    for text in comparison.missing:
        console.print("  missing: ", text, markup=False, style="red", sep="")
    for text in comparison.unexpected:
        console.print("  stored but not spoken, or twice: ", text, markup=False, sep="")


def suggest_requests(ports: Ports, call_id: str) -> None:
    """Print requests to try next."""
    calls = f"http://localhost:{ports.functions}/api/calls"
    console.print("\nTry")
    for url in (calls, f"{calls}/{call_id}", f"{calls}/{call_id}/transcript?format=text"):
        console.print(f"  curl '{url}'", markup=False, style="cyan")


async def _all(query: Any) -> list[TableEntity]:  # noqa: ANN401 (the SDK's own paging type)
    try:
        return [row async for row in query]
    # The app creates the table with the first call.
    except ResourceNotFoundError:
        return []


async def _until[T](probe: Callable[[], Awaitable[T | None]], within: float, failure: str) -> T:
    deadline = time.monotonic() + within
    while (found := await probe()) is None:
        if time.monotonic() > deadline:
            raise DemoError(f"{failure} within {within:g} s")
        await asyncio.sleep(POLL_SECONDS)
    return found


def _outcome(delivery: dict[str, Any]) -> str:
    return str(delivery["error"] or delivery["status"])


def _clock(moment: Any) -> str:  # noqa: ANN401 (a column as it comes)
    if isinstance(moment, str):
        moment = datetime.fromisoformat(moment)
    return moment.astimezone().strftime("%H:%M:%S") if moment else "--:--:--"
