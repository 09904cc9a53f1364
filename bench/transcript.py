"""The time to read a long transcript; baseline: a scan of its partition with the SDK."""

import time

import azure.functions as func

from bench.figures import Figure, Goal, interleaved, ratio
from bench.loading import load
from bench.rig import Rig
from bench.stream import TEXT, Connection, final
from bench.upserts import stored_final

GOAL = Goal(1.5)
FORMAT = "vtt"


async def measure(rig: Rig) -> list[Figure]:
    """Read a transcript of 20,000 segments, in turns with a scan of its partition."""
    count = rig.scaled(20_000, 200)
    call_id = await _store_call(rig, count)
    url = f"http://localhost/api/calls/{call_id}/transcript"

    async def ours() -> float:
        request = func.HttpRequest(
            "GET", url, params={"format": FORMAT}, route_params={"call_id": call_id}, body=b""
        )
        began = time.perf_counter()
        response = await rig.functions["show_transcript"](request)
        elapsed = time.perf_counter() - began
        if response.get_body().count(TEXT.split()[-1].encode()) != count:
            raise RuntimeError(f"the transcript is incomplete: {response.status_code}")
        return elapsed

    async def baseline() -> float:
        table = rig.bare.get_table_client("Transcripts")
        began = time.perf_counter()
        rows = [row async for row in table.query_entities(f"PartitionKey eq '{call_id}'")]
        elapsed = time.perf_counter() - began
        # One row for each segment, and one for the connection.
        if len(rows) != count + 1:
            raise RuntimeError(f"{len(rows)} rows instead of {count + 1}")
        return elapsed

    rounds = await interleaved(rig.scaled(5, 1), ours, baseline)
    what = f"A transcript of 20,000 segments as {FORMAT} ÷ bare scan of the partition"
    return [ratio(what, rounds, GOAL)]


async def _store_call(rig: Rig, count: int) -> str:
    """Store a call with so many segments and return its id; the first one is copied."""
    rig.report(f"storing {count} segments")
    call_id = await rig.new_call()
    await rig.call_function(Connection(call_id, rig.stack.settings), final())
    first = await stored_final(rig, call_id)
    beginning = first["RowKey"][:-10]
    copies = (first | {"RowKey": f"{beginning}{n:010d}"} for n in range(10, 9 + count))
    await load(rig.bare.get_table_client("Transcripts"), copies)
    return call_id
