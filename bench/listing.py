"""The time to list calls when there are many; baseline: one page of a query with the SDK."""

import time
from collections.abc import Iterator
from statistics import median

import azure.functions as func

from bench.figures import TIMES, Figure, Goal, Rounds, figure, interleaved, ratio
from bench.loading import Entity, load
from bench.rig import Rig, connected_call
from callscribe.foundation.identifiers import call_keys
from callscribe.foundation.moments import Ms, iso

GOAL = Goal(1.3)
FEW = 100
DAYS = 25
DAY_MS = 86_400_000
# The default page size of the app's API.
PAGE = 50


async def measure(rig: Rig) -> list[Figure]:
    """List calls while there are few and while there are many, in turns with the baseline."""
    turns, many = rig.scaled(15, 1), rig.scaled(50_000, FEW + 2 * DAYS)
    table = rig.bare.get_table_client("Calls")
    pages = Pages(rig)
    pattern = await pages.first_call()
    # Those of other measurements: the first page must hold copies of one row alone.
    for call in [entity async for entity in table.list_entities(select=["PartitionKey", "RowKey"])]:
        if call["RowKey"] != pattern["RowKey"]:
            await table.delete_entity(call)
    await load(table, _calls(rig, pattern, FEW - 1, days=1))
    few = await interleaved(turns, pages.ours, pages.baseline)
    rig.report(f"storing {many} calls")
    await load(table, _calls(rig, pattern, many - FEW, days=DAYS))
    crowded = await interleaved(turns, pages.ours, pages.baseline)
    return [
        ratio("List page at 50,000 calls ÷ bare one-page query", crowded, GOAL),
        _growth("… ÷ itself at 100 calls", few, crowded),
    ]


class Pages:
    """The first page of calls, as the app lists it and as a query returns it."""

    def __init__(self, rig: Rig) -> None:
        self._rig = rig
        self._day = ""

    async def first_call(self) -> Entity:
        """Store the newest call; return its row as the app has written it."""
        call_id = await self._rig.new_call()
        self._day, key = call_keys(call_id)
        return dict(await self._rig.bare.get_table_client("Calls").get_entity(self._day, key))

    async def ours(self) -> float:
        """List the newest calls."""
        request = func.HttpRequest("GET", "http://localhost/api/calls", params={}, body=b"")
        began = time.perf_counter()
        response = await self._rig.functions["list_calls"](request)
        elapsed = time.perf_counter() - began
        _expect(response.get_body().count(b'"callId"'))
        return elapsed

    async def baseline(self) -> float:
        """Query one page of the newest day."""
        table = self._rig.bare.get_table_client("Calls")
        began = time.perf_counter()
        # One more than a page, as the app asks for: that row tells whether there is a next page.
        query = table.query_entities(f"PartitionKey eq '{self._day}'", results_per_page=PAGE + 1)
        page = [row async for row in await anext(query.by_page())]
        elapsed = time.perf_counter() - began
        _expect(len(page) - 1)
        return elapsed


def _calls(rig: Rig, pattern: Entity, count: int, days: int) -> Iterator[Entity]:
    """Yield copies of a call that rang earlier, evenly distributed over the days before."""
    newest = rig.worker.clock.now()
    for number in range(count):
        back = number * days // count
        rang_at = Ms(newest - back * DAY_MS - 1 - number)
        call = connected_call(rang_at)
        day, key = call_keys(call.id)
        yield pattern | {
            "PartitionKey": day,
            "RowKey": key,
            "CallId": call.id,
            "BegunAt": iso(rang_at),
        }


def _growth(what: str, few: Rounds, crowded: Rounds) -> Figure:
    """Return the figure for the growth of the app's time, with that of the baseline beside it."""
    # The two were measured at different times, so the growth means little without the other one.
    ours, base = (
        median(after) / median(before)
        for before, after in zip(zip(*few, strict=True), zip(*crowded, strict=True), strict=True)
    )
    return figure(what, [ours], note=f"the bare query: {base:.2f} {TIMES}")


def _expect(calls: int) -> None:
    if calls != PAGE:
        raise RuntimeError(f"a page of {PAGE} calls has {calls}")
