"""Worker processes that die, or take too long: what was in flight, what comes later, the host."""

import asyncio
import os
import signal

from emulator.functions_host.workers import Deaths
from tests.emulator.functions_host.conftest import StartHost
from tests.emulator.functions_host.running_host import RunningHost, until


async def process_of(host: RunningHost) -> int:
    """Return the process that the app runs in, once it answers."""
    return int((await host.request("GET", "/api/process")).body)


async def test_what_was_in_flight_is_500_and_empty_and_what_comes_later_waits(
    start_host: StartHost,
) -> None:
    host = await start_host("web")
    before = await process_of(host)
    held = asyncio.create_task(host.request("GET", "/api/held/on"))
    event = asyncio.create_task(host.deliver("typed_event", [{"id": "1"}]))
    await event
    await host.noted("held started")
    died = await host.request("GET", "/api/die")
    assert [(answer.status, answer.body) for answer in (died, await held)] == [(500, b"")] * 2
    after = await process_of(host)
    assert after != before
    status = await host.request("GET", "/admin/host/status")
    assert status.json()["workers"] == [after]
    assert "Function 'held' failed: the worker process has died" in host.log


async def test_a_worker_that_is_killed_from_outside_is_replaced_as_well(
    start_host: StartHost,
) -> None:
    host = await start_host("web")
    before = await process_of(host)
    os.kill(before, signal.SIGKILL)
    await until(lambda: "has taken over" in host.log)
    assert await process_of(host) != before


async def test_the_third_death_in_half_an_hour_ends_the_host(start_host: StartHost) -> None:
    host = await start_host("web")
    for _ in range(2):
        assert (await host.request("GET", "/api/die")).status == 500
        await process_of(host)
    os.kill(await process_of(host), signal.SIGKILL)
    await until(lambda: not host.part.running)
    assert "the host has ended: 3 worker processes have died within half an hour" in host.log


def test_deaths_further_apart_end_nothing() -> None:
    deaths = Deaths()
    moments = (0, 1000, 1801, 2801, 3600)
    assert [deaths.add(moment) for moment in moments] == [False, False, False, False, True]


def test_the_third_within_half_an_hour_is_the_last() -> None:
    deaths = Deaths()
    assert [deaths.add(moment) for moment in (0, 1, 1800)] == [False, False, True]


async def test_a_worker_dies_with_its_host(start_host: StartHost) -> None:
    host = await start_host("web")
    worker = await process_of(host)
    os.kill(host.part.pid, signal.SIGKILL)

    def is_gone() -> bool:
        try:
            os.kill(worker, 0)
        except ProcessLookupError:
            return True
        return False

    await until(is_gone)


async def test_who_takes_too_long_loses_the_worker_and_the_others_in_it_end(
    start_host: StartHost,
) -> None:
    host = await start_host("web", AzureFunctionsJobHost__functionTimeout="00:00:03")
    before = await process_of(host)
    slow = asyncio.create_task(host.request("GET", "/api/slow/3600"))
    await until(lambda: "Timeout value of 3 s was exceeded by 'slow'" in host.log)
    assert (await slow).status == 500
    assert await process_of(host) != before
    assert "has died" not in host.log
