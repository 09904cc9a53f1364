"""What it costs to list calls when there are many, beside one page of a bare query."""

import time
from collections.abc import Iterator
from statistics import median

import azure.functions as func

from bench.figures import TIMES, Figure, Goal, Rounds, figure, interleaved, ratio
from bench.loading import Entity, load
from bench.yard import Yard, connected_call
from callscribe.foundation.identifiers import call_keys
from callscribe.foundation.moments import iso

GOAL = Goal(1.3)
FEW = 100
DAYS = 25
DAY_MS = 86_400_000
PAGE = 50
"""How many calls a page has unless told otherwise."""


async def measure(yard: Yard) -> list[Figure]:
    """List calls while there are few and while there are many, taking turns with bare queries."""
    turns, many = yard.scaled(15, 1), yard.scaled(50_000, FEW + 2 * DAYS)
    table = yard.bare.get_table_client("Calls")
    pages = Pages(yard)
    pattern = await pages.first_call()
    for call in [entity async for entity in table.list_entities(select=["PartitionKey", "RowKey"])]:
        if call["RowKey"] != pattern["RowKey"]:
            await table.delete_entity(call)  # those of other measurements
    await load(table, _calls(yard, pattern, FEW - 1, days=1))
    few = await interleaved(turns, pages.ours, pages.floor)
    yard.say(f"storing {many} calls")
    await load(table, _calls(yard, pattern, many - FEW, days=DAYS))
    crowded = await interleaved(turns, pages.ours, pages.floor)
    return [
        ratio("List page at 50,000 calls ÷ bare one-page query", crowded, GOAL),
        _growth("… ÷ itself at 100 calls", few, crowded),
    ]


class Pages:
    """The first page of calls: as the app lists it, and as a bare query returns it."""

    def __init__(self, yard: Yard) -> None:
        self._yard = yard
        self._day = ""

    async def first_call(self) -> Entity:
        """Store the newest call; return it as the app has written it."""
        call_id = await self._yard.new_call()
        self._day, key = call_keys(call_id)
        return dict(await self._yard.bare.get_table_client("Calls").get_entity(self._day, key))

    async def ours(self) -> float:
        """List the newest calls."""
        request = func.HttpRequest("GET", "http://localhost/api/calls", params={}, body=b"")
        began = time.perf_counter()
        response = await self._yard.functions["list_calls"](request)
        elapsed = time.perf_counter() - began
        _expect(response.get_body().count(b'"callId"'))
        return elapsed

    async def floor(self) -> float:
        """Query one page of the newest day."""
        table = self._yard.bare.get_table_client("Calls")
        began = time.perf_counter()
        query = table.query_entities(f"PartitionKey eq '{self._day}'", results_per_page=PAGE + 1)
        page = [row async for row in await anext(query.by_page())]
        elapsed = time.perf_counter() - began
        _expect(len(page) - 1)
        return elapsed


def _calls(yard: Yard, pattern: Entity, count: int, days: int) -> Iterator[Entity]:
    """Yield copies of a call that rang earlier: evenly over so many days, day after day."""
    newest = yard.worker.clock.now()
    for number in range(count):
        back = number * days // count
        call = connected_call(max(newest - back * DAY_MS - 1 - number, 0))
        day, key = call_keys(call.id)
        yield pattern | {
            "PartitionKey": day,
            "RowKey": key,
            "CallId": call.id,
            "RangAt": iso(call.rang_at),
        }


def _growth(what: str, few: Rounds, crowded: Rounds) -> Figure:
    """Divide what was measured at different times: only the bare query's growth tells its worth."""
    ours, bare = (
        median(after) / median(before)
        for before, after in zip(zip(*few, strict=True), zip(*crowded, strict=True), strict=True)
    )
    return figure(what, [ours], note=f"the bare query: {bare:.2f} {TIMES}")


def _expect(calls: int) -> None:
    if calls != PAGE:
        raise RuntimeError(f"a page of {PAGE} calls has {calls}")
