"""Each documented result of ACS, before and after its effect: what a call shows, and what follows.

All calls are up side by side on one stack; each test waits for one of them. What is injected is
what the app's own table has; that the table is right is held by tests/calls/test_results.py.
"""

import asyncio
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Any

import pytest
import pytest_asyncio

from callscribe.calls.result_table import TABLE, UNANSWERED, Advice, Of, Result
from tests.e2e.evidence import Json
from tests.e2e.world import World, eventually

pytestmark = pytest.mark.asyncio(loop_scope="module")

type Play = Callable[[World, Result, str], Awaitable[None]]

CALLER_ID = "+18005550199"
# The codes with which the subcodes come that are documented without one.
CODES = {
    **dict.fromkeys((7500, 7501, 7502, 7505, 7506, 7508, 7509, 7510), 401),
    **dict.fromkeys((7504, 7600, 7601, 7602, 7603, 7604, 7606), 403),
    **dict.fromkeys((8516, 8529, 8530, 8613), 429),
    **dict.fromkeys((9001, 9002, 9003, 9999), 500),
    8568: 400,
    **dict(zip(UNANSWERED, (603, 486, 486, 480, 487, 480), strict=True)),
}
# So many calls are up at once, each looked at so often, in seconds.
AT_ONCE, PAUSE = 24, 0.6
QUIET: Json = {
    "script": {"participants": [{}, {}], "lines": []},
    "stay": True,
    "waitForStream": 0,
}
words = itertools.count(1)
numbers = (f"+1425555{number:04}" for number in itertools.count(1000))


@pytest.fixture(scope="module")
def overrides() -> Mapping[str, str]:
    """Let people start the transcription, so that only one operation is on its way at a time."""
    return {"TRANSCRIPTION_START": "manual", "CALLER_ID": CALLER_ID, "DIAL_AT_ONCE": "200"}


# --- of transcription ---------------------------------------------------------------------------


async def refused_and_broken(world: World, row: Result, number: str) -> None:
    """A start is refused, what runs ends so, and an update is refused: each time it is mended."""
    ring, call_id = await up(world, number)
    async with failing(world, ring, "startTranscription", row):
        await world.control(call_id, "transcription/start")
        await told(world, call_id, row, "failed" if row.advice is Advice.FIX else "starting")
    await runs(world, ring, call_id, row)
    cut = {"reconnect": None, "result": wire(row)}
    await world.acs("POST", f"calls/{ring}/drop-stream", cut)
    await noted(world, call_id, "TranscriptionFailed", row)
    await noted(world, call_id, "TranscriptionStarted", count=2)
    async with failing(world, ring, "updateTranscription", row):
        await world.control(call_id, "transcription/update", locale="de-DE")
        await told(world, call_id, row, "active")
    if row.advice is Advice.FIX:
        await world.control(call_id, "transcription/update", locale="de-DE")
    await stands(world, call_id, transcription="active", locale="de-DE")
    await end(world, ring, call_id, row, done=False)


async def done_all_the_same(world: World, row: Result, number: str) -> None:
    """A start runs though it was refused; a stop and another start fail by their events."""
    ring, call_id = await up(world, number)
    await fault(world, ring, "startTranscription", row, done=True)
    await world.control(call_id, "transcription/start")
    await stands(world, call_id, transcription="active")
    await carried(world, ring)
    async with failing(world, ring, "TranscriptionStopped", row):
        await world.control(call_id, "transcription/stop")
        await noted(world, call_id, "TranscriptionFailed", row)
    await stands(world, call_id, transcription="stopped")
    async with failing(world, ring, "TranscriptionStarted", row):
        await world.control(call_id, "transcription/start")
        await noted(world, call_id, "TranscriptionFailed", row, count=2)
    await runs(world, ring, call_id, row)
    await end(world, ring, call_id, row, done=True)


async def runs(world: World, ring: str, call_id: str, row: Result) -> None:
    """Wait until transcription runs, by itself or because somebody asks again; have it heard."""
    if row.advice is Advice.FIX:
        await world.control(call_id, "transcription/start")
    shown = await stands(world, call_id, transcription="active")
    assert "transcriptionReason" not in shown, shown
    await carried(world, ring)


async def carried(world: World, ring: str) -> None:
    """Have something said until a stream carries it: its first words may have come too early."""

    async def check() -> None:
        before = (await world.acs("GET", f"calls/{ring}"))["finals"]
        await world.say(ring, f"This is heard, {next(words)}.")
        await world.said(ring, len(before) + 1)
        finals = (await world.acs("GET", f"calls/{ring}"))["finals"]
        assert finals[-1]["connection"] is not None, finals

    await eventually(check, pause=PAUSE)


async def end(world: World, ring: str, call_id: str, row: Result, *, done: bool) -> None:
    """Have the app hang up, which ACS answers so too where the result can be of that."""
    if Of.CALL in row.of:
        await fault(world, ring, "hangUp", row, done=done)
    await hung_up(world, call_id)


# --- of a call that is to begin -----------------------------------------------------------------


async def refused(world: World, row: Result, number: str) -> None:
    """ACS refuses to have a call answered: it is asked again, or missed, with what helps."""
    passes = row.advice is Advice.RETRY
    await fault(world, raw_id(number), "answer", row, times=1 if passes else None)
    ring = await world.ring(**QUIET, to=number)
    if passes:
        await up_and_over(world, ring)
        return
    shown = await stands(world, await call_id_of(world, ring), endedBy="inferred")
    assert shown["state"] == ("failed" if code_of(row) in (401, 403) else "missed"), shown
    says(shown, row)
    await world.hang_up(ring)


async def not_placed(world: World, row: Result, number: str) -> None:
    """ACS refuses to dial or to join: it is asked again, or failed, and who asked is told why."""
    passes = row.advice is Advice.RETRY
    name = await talking(world, number)
    for body, where, on in (
        ({"to": number}, raw_id(number), "createCall"),
        ({"join": {"serverCallId": name}}, name, "connectCall"),
    ):
        await fault(world, where, on, row, times=1 if passes else None)
        call_id = await placed(world, body, row)
        if passes:
            await up_and_over(world, await world.ring_of(call_id))
            continue
        says(await stands(world, call_id, state="failed", endedBy="inferred"), row)


async def begun_all_the_same(world: World, row: Result, number: str) -> None:
    """ACS answers so, and the call is up all the same: nothing of it is lost."""
    await fault(world, raw_id(number), "answer", row, done=True)
    await up_and_over(world, await world.ring(**QUIET, to=number))
    await fault(world, raw_id(number), "createCall", row, done=True)
    call_id = await placed(world, {"to": number}, row)
    await up_and_over(world, await world.ring_of(call_id))


async def failed_by_its_event(world: World, row: Result, number: str) -> None:
    """AnswerFailed, CreateCallFailed and ConnectFailed say so: it is over, with what helps."""
    name = await talking(world, number)
    for where in (raw_id(number), name):
        await fault(world, where, "CallConnected", row, times=None)
    await world.acs("PUT", f"phones/{number}", {"does": "unreachable", "result": wire(row)})
    ring = await world.ring(**QUIET, to=number)
    to, join = {"to": number}, {"join": {"serverCallId": name}}
    ids = [str((await asked(world, body))[1]["callId"]) for body in (to, join)]
    ids.append(await call_id_of(world, ring))
    states = ["unanswered" if row.is_of_nobody else "failed", "failed", "missed"]
    for call_id, state in zip(ids, states, strict=True):
        says(await stands(world, call_id, state=state), row)


async def placed(world: World, body: Json, row: Result) -> str:
    """Ask for a call, which ACS may refuse with this result; return its id."""
    status, answer = await asked(world, body)
    if row.advice is Advice.RETRY:
        assert status == 201, answer
        return str(answer["callId"])
    assert (status, answer["error"]["code"]) == (502, "telephonyRefused"), answer
    assert answer["error"].get("remedy") == row.remedy, answer
    return str(answer["error"]["callId"])


async def asked(world: World, body: Json) -> tuple[int, Json]:
    """Ask for a call; where too many ask at once for a place, ask again, as its answer says."""

    async def ask() -> tuple[int, Json]:
        status, answer = await world.tried("POST", "/api/calls", body)
        assert status != HTTPStatus.SERVICE_UNAVAILABLE, answer
        return status, answer

    return await eventually(ask, pause=PAUSE)


async def talking(world: World, number: str) -> str:
    """Let people talk in a call that can be joined; return its id there."""
    name = f"talk-of-{number}"
    await world.acs("POST", "conversations", QUIET | {"serverCallId": name, "waitForApp": True})
    return name


def says(shown: Json, row: Result) -> None:
    """Hold what a call that is over says of why."""
    told = [shown.get(name) for name in ("reasonCode", "reasonSubCode", "reason", "remedy")]
    assert told == [code_of(row), row.sub_code, row.says, row.remedy], shown


# --- of both ------------------------------------------------------------------------------------


async def up(world: World, number: str) -> tuple[str, str]:
    """Ring until the call is connected; return its ids."""
    ring = await world.ring(**QUIET, to=number)
    call_id = await call_id_of(world, ring)
    await stands(world, call_id, state="connected")
    return ring, call_id


async def up_and_over(world: World, ring: str) -> None:
    """Wait until a call is connected, and end it."""
    call_id = await call_id_of(world, ring)
    await stands(world, call_id, state="connected")
    await hung_up(world, call_id)


async def stands(world: World, call_id: str, **wanted: Any) -> Json:
    """Wait until a call stands so; return what is shown of it."""
    return await world.stands(call_id, pause=PAUSE, **wanted)


async def hung_up(world: World, call_id: str) -> None:
    """Have the app hang up; on a busy machine the callback that tells of the end may be lost."""
    await world.control(call_id, "hangup")
    shown = await stands(world, call_id, state="ended")
    assert shown["endedBy"] in ("hangup", "inferred"), shown


async def call_id_of(world: World, ring: str) -> str:
    """Return the app's id of a call, once it has one."""
    return await eventually(lambda: world.call_id(ring), pause=PAUSE)


async def fault(world: World, call: str, on: str, row: Result, **besides: Any) -> None:
    """Have something of a call end with a result."""
    await world.acs("POST", "faults", {"on": on, "call": call, "result": wire(row)} | besides)


@asynccontextmanager
async def failing(world: World, ring: str, on: str, row: Result) -> AsyncIterator[None]:
    """Have something of a call end with a result each time, until the block is left."""
    await fault(world, ring, on, row, times=None)
    yield
    await world.acs("DELETE", f"faults?call={ring}")


async def told(world: World, call_id: str, row: Result, state: str) -> None:
    """Wait until a call says why its transcription is not as wanted, and what helps."""
    wanted = {
        "transcription": state,
        "transcriptionCode": code_of(row),
        "transcriptionSubCode": row.sub_code,
        "transcriptionReason": row.says,
        "transcriptionRemedy": row.remedy,
    }
    await stands(world, call_id, **wanted)


async def noted(
    world: World, call_id: str, kind: str, row: Result | None = None, count: int = 1
) -> None:
    """Wait until a call's timeline has an event so often, with this result."""

    async def check() -> None:
        timeline = (await world.app("GET", f"/api/calls/{call_id}"))["timeline"]
        found = [each for each in timeline if each["type"] == kind]
        assert len(found) >= count, timeline
        if row is not None:
            codes = found[-1]["code"], found[-1]["subCode"]
            assert codes == (code_of(row), row.sub_code), found

    await eventually(check, pause=PAUSE)


def wire(row: Result) -> Json:
    """Return a result as ACS tells it."""
    return {"code": code_of(row), "subCode": row.sub_code, "message": row.says}


def code_of(row: Result) -> int:
    """Return the code with which a result comes."""
    return CODES[row.sub_code] if row.code is None else row.code


def raw_id(number: str) -> str:
    """Return the raw id of a number."""
    return f"4:{number}"


# Who does not take a call is not told in the answer to a request.
BY_EVENT_ALONE = (failed_by_its_event,)
PLAYS: dict[Of, tuple[Play, ...]] = {
    Of.TRANSCRIPTION: (refused_and_broken, done_all_the_same),
    Of.SET_UP: (refused, not_placed, begun_all_the_same, *BY_EVENT_ALONE),
}
CASES: dict[str, tuple[Play, Result]] = {
    f"{play.__name__}-{number}-{row.sub_code}": (play, row)
    for of, plays in PLAYS.items()
    for play in plays
    for number, row in enumerate(TABLE)
    if of in row.of and (play in BY_EVENT_ALONE or not row.is_of_nobody)
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def played(world: World) -> AsyncIterator[Mapping[str, asyncio.Task[None]]]:
    """Play all cases side by side; yield them, each to be waited for by its test."""
    room = asyncio.Semaphore(AT_ONCE)

    async def one(play: Play, row: Result) -> None:
        async with room:
            await play(world, row, next(numbers))

    await world.acs("PUT", "outgoing-calls", QUIET)
    tasks = {name: asyncio.create_task(one(*case)) for name, case in CASES.items()}
    yield tasks
    await asyncio.gather(*tasks.values(), return_exceptions=True)


@pytest.mark.parametrize("case", CASES)
async def test_a_result_has_its_consequence(
    played: Mapping[str, asyncio.Task[None]], case: str
) -> None:
    await played[case]


@pytest.mark.parametrize(
    "row",
    [row for row in TABLE if row.advice is Advice.IGNORE],
    ids=lambda row: str(row.sub_code),
)
async def test_what_is_not_of_the_transcription_changes_nothing(world: World, row: Result) -> None:
    ring, call_id = await up(world, next(numbers))
    await world.control(call_id, "transcription/start")
    await stands(world, call_id, transcription="active")
    await world.acs("POST", f"calls/{ring}/tell", {"result": wire(row)})
    await noted(world, call_id, "TranscriptionFailed", row)
    await carried(world, ring)
    shown = await stands(world, call_id, transcription="active")
    assert "transcriptionReason" not in shown
    assert (await world.acs("GET", f"calls/{ring}"))["requests"]["startTranscription"] == 1
    await world.hang_up(ring)
