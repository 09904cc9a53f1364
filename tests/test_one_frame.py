"""One final frame's way from the handler to its row: forward, and through few files."""

import hashlib
import hmac
import json
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import CodeType

import azure.functions as func
import pytest
import pytest_asyncio

from callscribe import bootstrap
from callscribe.foundation.identifiers import new_call_id
from callscribe.foundation.moments import LATEST, TICKS_PER_SECOND, Ms
from emulator.azurite import Azurite
from emulator.ports import free_ports
from emulator.wiring import stack_settings
from handlers.stream_events import blueprint
from tests.fakes.world import World
from tests.wire_samples import sample

ROOT = Path(__file__).parent.parent
MOST_FILES = 10
# Twenty more than once: a message may hold several frames, and a plain final is placed without
# the clock's other rules, which are in a file of their own and not on its way.
MOST_LINES = 1_420
# In the order in which a frame enters them; docs/architecture.md says what each does.
WAY = [
    "handlers/http.py",
    "handlers/stream_events.py",
    "callscribe/trust/signatures.py",
    "callscribe/stream/upstream.py",
    "callscribe/stream/state.py",
    "callscribe/stream/receiving.py",
    "callscribe/stream/advance.py",
    "callscribe/stream/frames.py",
    "callscribe/stream/segments.py",
    "callscribe/storage/rows.py",
]
# What runs only to show the frame to viewers, beside the way to the row.
LIVE = {"callscribe/cloud/web_pubsub.py", "callscribe/cloud/live_publisher.py"}
# What puts the app together, and what every room uses, are on everybody's way.
EVERYWHERE = ("function_app.py", "callscribe/bootstrap.py", "callscribe/foundation/")
# A tool's number that neither debuggers nor coverage take:
# https://docs.python.org/3/library/sys.monitoring.html#registering-and-using-tools
TOOL = 4
CALL_ID = new_call_id(Ms(1_795_373_643_000), "one frame")
CONNECTION = "one-connection"
# The number of the event of the metadata, and how many seconds lie between two events.
METADATA, SECONDS = 2, 10

type Deliver = Callable[[int, str, str], Awaitable[str]]


@contextmanager
def files_entered() -> Iterator[list[str]]:
    """Yield a list that is filled, in the end, with the app's files of which a function ran."""
    names: dict[str, None] = {}
    found: list[str] = []

    def note(code: CodeType, _: int) -> None:
        names.setdefault(code.co_filename)

    started = sys.monitoring.events.PY_START
    sys.monitoring.use_tool_id(TOOL, "one frame")
    sys.monitoring.register_callback(TOOL, started, note)
    sys.monitoring.set_events(TOOL, started)
    try:
        yield found
    finally:
        sys.monitoring.set_events(TOOL, sys.monitoring.events.NO_EVENTS)
        sys.monitoring.register_callback(TOOL, started, None)
        sys.monitoring.free_tool_id(TOOL)
    paths = (Path(name) for name in names)
    inside = [str(path.relative_to(ROOT)) for path in paths if path.is_relative_to(ROOT)]
    ours = [name for name in inside if name.startswith(("handlers/", "callscribe/"))]
    found.extend(name for name in ours if not name.startswith(EVERYWHERE))


def handler() -> Callable[[func.HttpRequest], Awaitable[func.HttpResponse]]:
    """Return the function that takes a stream's events, as the host calls it."""
    functions = func.FunctionApp()
    functions.register_functions(blueprint)
    (stream_events,) = functions.get_functions()
    found: Callable[[func.HttpRequest], Awaitable[func.HttpResponse]]
    found = stream_events.get_user_function()
    return found


def request(settings: dict[str, str], number: int, name: str, state: str) -> func.HttpRequest:
    """Return `connect`, or the event of a sample of a frame, signed as Web PubSub signs it."""
    opens = name == "connect"
    key = settings["WEBPUBSUB_ACCESS_KEY"].partition(",")[0]
    moment = datetime.now(UTC) + timedelta(seconds=SECONDS * (number - METADATA))
    digest = hmac.new(key.encode(), CONNECTION.encode(), hashlib.sha256).hexdigest()
    headers = {
        "ce-type": f"azure.webpubsub.{'sys.connect' if opens else 'user.message'}",
        "ce-userId": CALL_ID,
        "ce-id": str(number),
        "ce-time": moment.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "ce-connectionId": CONNECTION,
        "ce-connectionState": state,
        "ce-signature": f"sha256={digest}",
    }
    return func.HttpRequest(
        method="POST",
        url="/api/stream",
        headers=headers,
        params={"code": settings["WEBPUBSUB_UPSTREAM_CODE"]},
        body=b"{}" if opens else frame(number, name),
    )


def frame(number: int, name: str) -> bytes:
    """Return a sample of a frame; one of speech is said some seconds after the one before it."""
    document = json.loads(sample("frames", name))
    said = document.get("transcriptionData", {})
    for part in (said, *said.get("words", [])) if said else ():
        part["offset"] += SECONDS * (number - METADATA - 3) * TICKS_PER_SECOND
    return json.dumps(document).encode()


@pytest_asyncio.fixture
async def deliver(azurite: Azurite, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Deliver]:
    """Yield what delivers a frame to an app over the real Azurite, and returns the new state."""
    settings = stack_settings(free_ports(), {"TranscriptStorage": azurite.connection_string})
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    bootstrap.worker.cache_clear()
    stream_events = handler()
    if await bootstrap.worker().calls.read(CALL_ID) is None:
        await bootstrap.worker().calls.create(replace(World().usual(), id=CALL_ID), LATEST)

    async def delivered(number: int, name: str, state: str) -> str:
        answer = await stream_events(request(settings, number, name, state))
        assert answer.status_code == 204, answer.get_body()
        return str(answer.headers["ce-connectionState"])

    yield delivered
    await bootstrap.worker().close()
    bootstrap.worker.cache_clear()


async def stored() -> list[tuple[str, object]]:
    """Return the keys and texts of the segments that are stored."""
    rows = bootstrap.worker().transcripts.rows(CALL_ID, "s-", "t")
    return [(key, columns["Text"]) async for key, columns in rows]


async def test_a_final_goes_forward_to_its_row_through_few_files(deliver: Deliver) -> None:
    state = await deliver(2, "metadata", await deliver(0, "connect", ""))
    state = await deliver(3, "final", state)
    await bootstrap.worker().feed.drain()
    before = await stored()
    with files_entered() as files:
        await deliver(4, "final", state)
    spoken = json.loads(sample("frames", "final"))["transcriptionData"]["text"]
    assert [text for _, text in await stored()] == [spoken] * (len(before) + 1)
    assert [name for name in files if name not in LIVE] == WAY


def test_the_way_of_a_final_can_be_read_in_one_sitting() -> None:
    lengths = [len((ROOT / name).read_text(encoding="utf-8").splitlines()) for name in WAY]
    assert len(WAY) <= MOST_FILES
    assert sum(lengths) <= MOST_LINES
