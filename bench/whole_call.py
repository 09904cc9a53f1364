"""A call of five minutes through a whole stack: what it asks of storage, and what it logs."""

import asyncio
import json
import tempfile
import time
from pathlib import Path
from typing import Any

from bench.counting import Requests, counted
from bench.figures import Figure, Goal, figure
from bench.log_bytes import CallLog, call_log
from bench.rig import Rig
from emulator.control import acs_api
from emulator.ports import free_ports
from emulator.stack import Stack

ROOT = Path(__file__).parent.parent
DIALOGUE = ROOT / "emulator" / "dialogues" / "support-call.json"
# So often the dialogue fits into five minutes, with a pause between two of them.
ROUNDS, ROUND_SECONDS = 9, 33.3
SPEED = 20
RECORD_GOAL = Goal(12)
LOG_GOAL = Goal(5)
TIMEOUT_SECONDS = 30


async def measure(rig: Rig) -> list[Figure]:
    """Ring one call on a stack of its own, and count until its report is written."""
    rounds = rig.scaled(ROUNDS, 1)
    ports = free_ports()
    with tempfile.TemporaryDirectory(prefix="callscribe-bench-") as home:
        async with counted(ports) as (requests, settings):
            overrides = settings | {"FINISH_DELAY_SECONDS": "1"}
            async with Stack(Path(home), ports, overrides=overrides) as stack:
                call, log = await _told(stack, requests, rounds)
    minutes = rounds * ROUND_SECONDS / 60
    found = call_log(
        log, json.loads((ROOT / "host.json").read_text()), _executions(call), minutes * 60
    )
    rig.report(f"{call['framesSent']} frames; {dict(requests.counts)}")
    return [*_storage(requests, call), *_log(found, minutes)]


def _storage(requests: Requests, call: dict[str, Any]) -> list[Figure]:
    counts = requests.counts
    rows = counts["insert Transcripts"] + counts["save Transcripts"]
    what = "A call of 5 minutes with one party at a time"
    note = f"{call['framesSent']} frames, {len(call['finals'])} finals"
    return [
        _count(f"{what}: reads of its record", counts["read Calls"], note, RECORD_GOAL),
        _count(
            "… saves of its record", counts["save Calls"] + counts["insert Calls"], "", RECORD_GOAL
        ),
        _count("… rows of its transcript and timeline written", rows),
        _count("… all requests to tables that write", _writing(requests)),
        _count("… all requests to tables that read", requests.of("read") + requests.of("query")),
        _count("… messages put into the queue", requests.of("send")),
    ]


def _writing(requests: Requests) -> int:
    return sum(requests.of(verb) for verb in ("insert", "save", "delete"))


def _count(what: str, value: float, note: str = "", goal: Goal | None = None) -> Figure:
    return figure(what, [value], unit="", goal=goal, note=note)


def _log(found: CallLog, minutes: float) -> list[Figure]:
    ours, platform = found.own / minutes / 1000, found.platform / minutes / 1000
    note = f"ours {ours:.1f} KB in {found.own_lines} lines a call, the platform's {platform:.1f} KB"
    whole = found.whole / minutes / 1000
    what = "Bytes of log for each minute of that call"
    return [figure(what, [whole], unit="KB", goal=LOG_GOAL, note=note)]


def _executions(call: dict[str, Any]) -> int:
    return int(call["framesSent"]) + len(call["callbacks"]) + len(call["deliveries"])


async def _told(stack: Stack, requests: Requests, rounds: int) -> tuple[dict[str, Any], str]:
    """Ring, and wait until the call is reported; return it and what the app has printed."""
    before = len(_printed(stack))
    requests.counts.clear()
    async with acs_api(stack.ports) as acs:
        options = {"script": _dialogue(rounds), "speed": SPEED, "waitForStream": 60}
        # A colleague at the number called talks with the caller, beside the app.
        parties = {"from": "+14255550123", "to": "+18005550199", "answeredBy": "callee"}
        rung = await acs.post("/emulator/incoming-calls", parties | options)
        deadline = time.monotonic() + TIMEOUT_SECONDS
        while '"event": "callReported"' not in (log := _printed(stack)[before:]):
            if time.monotonic() > deadline:
                raise TimeoutError(f"the call was not reported on: {log[-2000:]}")
            await asyncio.sleep(0.2)
        call: dict[str, Any] = await acs.get(f"/emulator/calls/{rung['id']}")
    return call, log


def _dialogue(rounds: int) -> dict[str, Any]:
    """Return the dialogue several times over."""
    once = json.loads(DIALOGUE.read_text(encoding="utf-8"))
    lines = [
        line | {"at": line["at"] + number * ROUND_SECONDS}
        for number in range(rounds)
        for line in once["lines"]
    ]
    return {"participants": once["participants"], "lines": lines}


def _printed(stack: Stack) -> str:
    return stack.functions.log.read_text(encoding="utf-8")
