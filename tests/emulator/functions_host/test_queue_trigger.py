"""Queues: delivery, retries, the poison queue, the lease, and storage that is away."""

import asyncio
import base64
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio

from emulator.azurite import Azurite
from emulator.ports import free_ports
from tests.emulator.functions_host.conftest import StartHost
from tests.emulator.functions_host.queues import Queue, opened
from tests.emulator.functions_host.running_host import APPS, RunningHost, until

QUEUE = "shared-work"


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def host(
    azurite: Azurite, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[RunningHost]:
    """Yield a host whose queues do not exist when it starts."""
    environ = {"QUEUE": QUEUE, "AzureWebJobsStorage": azurite.connection_string}
    host = RunningHost(APPS / "queues", tmp_path_factory.mktemp("queues"), environ)
    try:
        await host.part.start()
        async with opened(azurite.connection_string, QUEUE) as queue:
            await queue.client.create_queue()
        yield host
    finally:
        await host.part.stop()


@pytest.fixture
async def queue(host: RunningHost, azurite: Azurite) -> AsyncIterator[Queue]:
    """Yield the shared host's queue."""
    del host
    async with opened(azurite.connection_string, QUEUE) as queue:
        yield queue


def orders(host: RunningHost, what: str, order: str) -> int:
    """Count the app's notes about one order."""
    return sum(note["order"] == order for note in host.notes(what))


async def test_a_message_arrives_with_what_storage_says_of_it(
    host: RunningHost, queue: Queue
) -> None:
    await queue.send("tea")
    await until(lambda: orders(host, "done", "tea") == 1)
    note = next(note for note in host.notes("work") if note["order"] == "tea")
    assert note["count"] == 1
    assert note["id"]
    assert note["receipt"]
    for moment in ("inserted", "expires", "visible"):
        assert note[moment].endswith("+00:00")
    await queue.settled()


async def test_a_parameter_may_be_the_bare_text(host: RunningHost, azurite: Azurite) -> None:
    async with opened(azurite.connection_string, f"{QUEUE}-text") as queue:
        await queue.client.create_queue()
        await queue.send("Grüße")
        assert (await host.noted("text"))[0]["text"] == "Grüße"


async def test_a_failing_message_is_tried_again_later_and_then_poison(
    host: RunningHost, queue: Queue
) -> None:
    """The app's host.json waits a second, by the clock of storage, and allows two tries."""
    await queue.send("fail")
    await queue.poisoned_by(base64.b64encode(b"fail").decode())
    tries = [note for note in host.notes("work") if note["order"] == "fail"]
    assert [note["count"] for note in tries] == [1, 2]
    first, second = (datetime.fromisoformat(note["visible"]) for note in tries)
    assert second - first >= timedelta(seconds=1)
    await queue.settled()
    assert "Function 'work' failed: RuntimeError: asked to fail" in host.log


async def test_a_message_that_is_no_base64_is_poison_at_once(
    host: RunningHost, queue: Queue
) -> None:
    await queue.client.send_message("plain text!")
    await queue.poisoned_by("plain text!")
    assert not [note for note in host.notes("work") if "plain" in note["order"]]


async def test_a_message_is_given_by_hand(host: RunningHost) -> None:
    answer = await host.request("POST", "/admin/functions/work?wait=true", json={"input": "x"})
    assert answer.status == 200
    assert orders(host, "done", "x") == 1


async def test_a_new_batch_waits_until_the_last_one_is_done(
    host: RunningHost, queue: Queue
) -> None:
    """The app's host.json takes four at a time and no more before all have ended."""
    await queue.send("hold first")
    await until(lambda: orders(host, "work", "hold first") == 1)
    await asyncio.gather(*(queue.send("hold rest") for _ in range(5)))
    host.release("first")
    await until(lambda: orders(host, "work", "hold rest") == 4)
    host.release("rest")
    await until(lambda: orders(host, "done", "hold rest") == 5)
    running = most = 0
    for note in host.notes("work", "done"):
        running += (1 if note["what"] == "work" else -1) if note["order"] == "hold rest" else 0
        most = max(most, running)
    assert most == 4


async def test_polling_leaves_no_trace_in_the_app_s_log(host: RunningHost) -> None:
    """Even when the app wants to hear of its own requests to Azure."""
    assert "Request URL" not in host.log


async def test_a_killed_host_loses_no_message_and_a_running_function_keeps_its_own(
    start_host: StartHost, azurite: Azurite
) -> None:
    """With a lease of three seconds, the second call has its message to itself for seven."""
    async with opened(azurite.connection_string) as queue:
        host = await start_host(
            "queues",
            QUEUE=queue.name,
            AzureWebJobsStorage=azurite.connection_string,
            FUNCTIONS_QUEUE_LEASE="3",
        )
        await queue.send("sleep 7")
        await host.noted("work")
        host.part.kill()
        await host.part.start()
        await host.noted("done")
        await queue.settled()
        assert [note["count"] for note in host.notes("work")] == [1, 2]


async def test_a_stopped_host_ends_what_it_has_begun(
    start_host: StartHost, azurite: Azurite
) -> None:
    async with opened(azurite.connection_string) as queue:
        host = await start_host(
            "queues", QUEUE=queue.name, AzureWebJobsStorage=azurite.connection_string
        )
        await queue.send("hold stop")
        await host.noted("work")
        await host.stop_while_held("stop")
        assert len(host.notes("done")) == 1
        await queue.settled()


async def test_a_short_outage_is_logged_once_and_survived(
    start_host: StartHost, tmp_path: Path
) -> None:
    storage = Azurite(tmp_path / "data", free_ports().azurite, log=tmp_path / "azurite.log")
    await storage.start()
    try:
        host = await start_host(
            "queues",
            QUEUE="work",
            AzureWebJobsStorage=storage.connection_string,
            FUNCTIONS_SPEED="0.01",  # So that no outage is too long, however slow the machine is.
        )
        await storage.stop()
        await until(lambda: "Queue 'work' is out of reach" in host.log)
        await storage.start()
        async with opened(storage.connection_string, "work") as queue:
            await queue.client.create_queue()
            await queue.send("tea")
            await host.noted("done")
        assert host.log.count("Queue 'work' is out of reach") == 1
    finally:
        await storage.stop()


async def test_a_message_of_a_worker_that_died_stays_invisible(
    start_host: StartHost, azurite: Azurite
) -> None:
    """Nobody gives it back: it comes again when the lease of ten minutes is over."""
    async with opened(azurite.connection_string) as queue:
        host = await start_host(
            "queues", QUEUE=queue.name, AzureWebJobsStorage=azurite.connection_string
        )
        await queue.send("die")
        await until(lambda: "has taken over" in host.log)
        await queue.send("tea")
        await until(lambda: orders(host, "done", "tea") == 1)

        async def only_one_is_left() -> bool:
            # The host deletes a message a moment after its function has ended.
            properties = await queue.client.get_queue_properties()
            return bool(properties.approximate_message_count == 1)

        await until(only_one_is_left)
        assert await queue.client.peek_messages() == []
        assert orders(host, "work", "die") == 1


async def test_a_message_that_a_stop_cuts_off_stays_invisible_too(
    start_host: StartHost, azurite: Azurite
) -> None:
    async with opened(azurite.connection_string) as queue:
        host = await start_host(
            "queues",
            QUEUE=queue.name,
            AzureWebJobsStorage=azurite.connection_string,
            FUNCTIONS_SPEED="100",
        )
        await queue.send("hold for ever")
        await host.noted("work")
        await host.part.stop()
        assert "Function 'work' still runs, and is cut off" in host.log
        properties = await queue.client.get_queue_properties()
        assert properties.approximate_message_count == 1
        assert await queue.client.peek_messages() == []
