"""Two hundred random calls, a batch of them at once under each kind of trouble: none loses a word.

What is asked for is decided by the seeds alone (`plans.py`): who rings, what is said, in which form
of frames, when the stream is cut and what the service does about it. Whatever happens, each call
ends complete: its rows are the acknowledged finals, all else is in its report (`accounts.py`).

A failure names the seeds of its calls. One of them is played again, alone but under the trouble of
its batch, or any others instead of the two hundred, by

    SEEDS=137 .venv/bin/pytest tests/e2e/test_random_calls.py
    SEEDS=1000-1199 .venv/bin/pytest tests/e2e/test_random_calls.py
"""

import asyncio
import itertools
import os
import random
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import Any

import pytest

from tests.e2e.plans import Act, Plan, chance_of, plan
from tests.e2e.world import PATIENCE, World, eventually

pytestmark = pytest.mark.asyncio(loop_scope="module")

CALLS = 25
OVER = ("disconnected", "missed")
type Trouble = Callable[[World, random.Random, list[str]], Awaitable[None]]


@pytest.fixture(scope="module")
def overrides() -> Mapping[str, str]:
    """Let a gap be as short as the calls are fast."""
    return {"GAP_SECONDS": "0.2", "FINISH_DELAY_SECONDS": "2"}


@pytest.fixture(scope="module")
def times() -> Mapping[str, float]:
    """Have another delivery take over soon from a worker that died."""
    return {"answer_lease": 4}


async def _none(_world: World, _chance: random.Random, _rings: list[str]) -> None:
    """Leave it to the calls."""


async def _twice(world: World, _chance: random.Random, _rings: list[str]) -> None:
    """Deliver every event twice, most of them at the same moment."""
    await world.acs("POST", "faults", {"on": "callback", "do": "together", "times": None})
    twice = {"on": "upstream", "do": "deliverTwice", "times": None}
    await world.web_pubsub("POST", "faults", twice | {"event": "message", "value": "together"})
    await world.web_pubsub("POST", "faults", twice)


async def _bad_upstream(world: World, chance: random.Random, rings: list[str]) -> None:
    """Lose, delay and refuse single events between Web PubSub and the app."""
    await world.retry_upstream(on=chance.random() < 0.5)
    for _ in range(len(rings)):
        do = chance.choice(("status", "loseReply", "skipId", "delay"))
        values = {"status": chance.choice((500, 429)), "delay": chance.uniform(0.1, 0.5)}
        event = chance.choice(("message", "message", "message", "disconnected", "connect"))
        fault = {"on": "upstream", "event": event, "do": do, "value": values.get(do)}
        await world.web_pubsub("POST", "faults", fault)


async def _bad_service(world: World, chance: random.Random, rings: list[str]) -> None:
    """Have ACS refuse, answer late or not at all, and lose or delay what it has to tell."""
    failed = {"code": 500, "subCode": 8578, "message": "Action failed, not able to connect."}
    faults: list[dict[str, Any]] = [
        {"on": "answer", "status": 503},
        {"on": "answer", "status": 429, "retryAfter": 1},
        {"on": "answer", "do": "loseReply"},
        {"on": "answer", "do": "lateReply", "delay": 0.5},
        {"on": "getCall", "status": 500},
        {"on": "startTranscription", "status": 503},
        {"on": "startTranscription", "do": "loseReply"},
        {"on": "TranscriptionStarted", "result": failed},
        *({"on": on, "do": "drop"} for on in ("CallConnected", "CallDisconnected", "callback")),
        *({"on": on, "delay": 0.5} for on in ("CallConnected", "CallDisconnected", "callback")),
    ]
    for fault in chance.choices(faults, k=len(rings)):
        await world.acs("POST", "faults", fault)


async def _storage_hangs(world: World, chance: random.Random, rings: list[str]) -> None:
    """Freeze storage for some seconds while people talk."""
    await _talking(world, rings)
    world.stack.azurite.freeze()
    await asyncio.sleep(chance.uniform(1, 3))
    world.stack.azurite.thaw()


async def _storage_stops(world: World, chance: random.Random, rings: list[str]) -> None:
    """Stop storage for some seconds while people talk."""
    await _talking(world, rings)
    await world.stack.azurite.stop()
    await asyncio.sleep(chance.uniform(0, 2))
    await world.stack.azurite.start()


async def _app_is_killed(world: World, _chance: random.Random, rings: list[str]) -> None:
    """Kill the app while it answers, and once more while people talk."""
    for ready in (_answering, _talking):
        await ready(world, rings)
        world.stack.functions.kill()
        await world.stack.functions.start()


async def _keys_change(world: World, _chance: random.Random, rings: list[str]) -> None:
    """Rotate ACS's signing keys: for a while the app cannot tell who calls back."""
    await _talking(world, rings)
    await world.acs("POST", "keys/rotate")


TROUBLES: dict[str, Trouble] = {
    "none": _none,
    "everything twice": _twice,
    "bad upstream": _bad_upstream,
    "bad service": _bad_service,
    "storage hangs": _storage_hangs,
    "storage stops": _storage_stops,
    "keys change": _keys_change,
    "app is killed": _app_is_killed,
}

RINGS: dict[str, dict[str, Any]] = {
    # A call that the app answers in the moment of its death is known to it by callbacks alone.
    "app is killed": {"callbackRetries": True},
}


def _batches() -> list[tuple[str, list[int]]]:
    """Return which seeds are played under which trouble: by the batch that they belong to."""
    names = list(TROUBLES)
    first, _, last = os.environ.get("SEEDS", f"0-{len(names) * CALLS - 1}").partition("-")
    seeds = range(int(first), int(last or first) + 1)
    batches = itertools.groupby(seeds, lambda seed: seed // CALLS)
    return [(names[number % len(names)], list(batch)) for number, batch in batches]


@pytest.mark.parametrize(("trouble", "seeds"), _batches(), ids=lambda value: str(value)[:20])
async def test_random_calls_end_complete(world: World, trouble: str, seeds: list[int]) -> None:
    """Rows are the acknowledged finals, the report tells the rest: of every call of the batch."""
    plans = [plan(seed) for seed in seeds]
    try:
        rings = (world.ring(**each.ring | RINGS.get(trouble, {})) for each in plans)
        rung = await asyncio.gather(*rings)
        played = dict(zip(rung, plans, strict=True))
        await asyncio.gather(
            TROUBLES[trouble](world, chance_of(f"{trouble} {seeds[0] // CALLS}"), rung),
            _play(world, played),
        )
        await _heal(world)
        failures = await world.settle(rung, PATIENCE, nudge=lambda: world.fire("reconcile"))
    finally:
        await _heal(world)
    wrong = [f"seed {played[ring].seed}: {why}" for ring, why in failures.items()]
    assert not wrong, "\n\n".join(wrong)
    await world.acs("POST", "reset")
    await world.web_pubsub("POST", "reset")


async def _heal(world: World) -> None:
    await world.acs("DELETE", "faults")
    await world.web_pubsub("DELETE", "faults")
    await world.retry_upstream(on=False)


async def _play(world: World, played: dict[str, Plan]) -> None:
    """Do what each plan says at its moment, until all calls are over."""
    left = {ring: list(each.acts) for ring, each in played.items()}
    second_over = _each_second()

    async def step() -> None:
        for call in await world.acs("GET", "calls"):
            acts = left.get(call["id"], [])
            if call["state"] in OVER:
                acts.clear()
            if acts and len(call["finals"]) >= acts[0].after and await _do(world, call, acts[0]):
                acts.pop(0)
        if next(second_over):
            await world.fire("reconcile")
        states = {call["id"]: call["state"] for call in await world.acs("GET", "calls")}
        assert all(states[ring] in OVER for ring in played), states

    await eventually(step)


def _each_second() -> Iterator[bool]:
    """Tell each time whether a second went by: how often the app's timer goes here."""
    last = time.monotonic()
    while True:
        over = time.monotonic() - last > 1
        last = time.monotonic() if over else last
        yield over


async def _do(world: World, call: dict[str, Any], act: Act) -> bool:
    """Do it; False where it cannot be done yet, for there is no open stream."""
    try:
        if act.what == "close":
            open_ones = [each for each in await world.connections(call["id"]) if _is_open(each)]
            assert open_ones
            path = f"connections/{open_ones[-1]['id']}/close"
            await world.web_pubsub("POST", path, act.body)
        else:
            await world.acs("POST", f"calls/{call['id']}/{act.what}", act.body)
    except AssertionError:
        return False
    return True


def _is_open(connection: dict[str, Any]) -> bool:
    return bool(connection["state"] == "open")


async def _answering(world: World, rings: list[str]) -> None:
    """Wait until half of the calls were answered."""
    await _half(world, rings, lambda call: call["state"] != "ringing")


async def _talking(world: World, rings: list[str]) -> None:
    """Wait until on half of the calls something was said."""
    await _half(world, rings, lambda call: call["finals"] or call["state"] in OVER)


async def _half(world: World, rings: list[str], ready: Callable[[dict[str, Any]], object]) -> None:
    async def check() -> None:
        calls = [call for call in await world.acs("GET", "calls") if call["id"] in rings]
        assert sum(bool(ready(call)) for call in calls) * 2 >= len(rings)

    await eventually(check)
