"""What it costs to read a long transcript whole, beside a bare scan of its rows."""

import time

import azure.functions as func

from bench.figures import Figure, Goal, interleaved, ratio
from bench.loading import load
from bench.stream import TEXT, Connection, final
from bench.upserts import stored_final
from bench.yard import Yard

GOAL = Goal(1.3)
FORMAT = "vtt"


async def measure(yard: Yard) -> list[Figure]:
    """Read a transcript of 20,000 segments, taking turns with a bare scan of its partition."""
    count = yard.scaled(20_000, 200)
    call_id = await _talk(yard, count)
    url = f"http://localhost/api/calls/{call_id}/transcript"

    async def ours() -> float:
        request = func.HttpRequest(
            "GET", url, params={"format": FORMAT}, route_params={"call_id": call_id}, body=b""
        )
        began = time.perf_counter()
        response = await yard.functions["show_transcript"](request)
        elapsed = time.perf_counter() - began
        if response.get_body().count(TEXT.encode()) != count:
            raise RuntimeError(f"the transcript is not whole: {response.status_code}")
        return elapsed

    async def floor() -> float:
        table = yard.bare.get_table_client("Transcripts")
        began = time.perf_counter()
        rows = [row async for row in table.query_entities(f"PartitionKey eq '{call_id}'")]
        elapsed = time.perf_counter() - began
        if len(rows) != count + 1:  # and the connection's
            raise RuntimeError(f"{len(rows)} rows are not all")
        return elapsed

    rounds = await interleaved(yard.scaled(5, 1), ours, floor)
    what = f"A transcript of 20,000 segments as {FORMAT} ÷ bare scan of the partition"
    return [ratio(what, rounds, GOAL)]


async def _talk(yard: Yard, count: int) -> str:
    """Store a call with so many segments, all but the first copies of it; return its id."""
    yard.say(f"storing {count} segments")
    call_id = await yard.new_call()
    await yard.take(Connection(call_id, yard.stack.settings), final())
    first = await stored_final(yard, call_id)
    beginning = first["RowKey"][:-10]
    copies = (first | {"RowKey": f"{beginning}{n:010d}"} for n in range(10, 9 + count))
    await load(yard.bare.get_table_client("Transcripts"), copies)
    return call_id
