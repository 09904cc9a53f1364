"""Timers: at the start, at their times, never two at once."""

import json
import time
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from emulator.azurite import Azurite
from emulator.functions_host.timer_state import silence
from emulator.functions_host.timer_trigger import NEVER
from tests.emulator.functions_host.conftest import StartHost
from tests.emulator.functions_host.running_host import RunningHost, until


async def test_a_timer_may_fire_at_the_start(web: RunningHost) -> None:
    note = (await web.noted("yearly"))[0]
    assert note["past_due"] is False
    assert note["status"]["Next"].endswith("-01-01T00:00:00+00:00")


async def test_a_timer_fires_at_its_times_and_never_overlaps_itself(
    start_host: StartHost, azurite: Azurite
) -> None:
    """It fires each second and takes longer: what came due meanwhile is made up for at the end."""
    storage = azurite.connection_string
    host = await start_host(
        "queues", QUEUE="no-work", AzureWebJobsStorage=storage, TICK="* * * * * *"
    )
    await host.noted("tock", 2)
    notes = [note["what"] for note in host.notes("tick", "tock")]
    assert notes[:4] == ["tick", "tock", "tick", "tock"]
    ticks = host.notes("tick")
    for before, after in pairwise(ticks):
        last = datetime.fromisoformat(after["status"]["Last"])
        assert last.microsecond == 0
        # Two clocks are compared here, hence a tolerance.
        assert last.timestamp() <= before["at"] + 0.5
    assert all(set(note["status"]) == {"Last", "Next", "LastUpdated"} for note in ticks)


def lock(folder: Path, until: float) -> None:
    """Leave the lock of a host that was killed."""
    folder.mkdir(exist_ok=True)
    (folder / "lock.json").write_text(json.dumps({"until": until}), "utf-8")


async def ticking(
    start_host: StartHost, azurite: Azurite, data: Path, **environ: str
) -> RunningHost:
    """Return a host with a timer that fires each second unless told otherwise."""
    usual = {"TICK": "* * * * * *", "FUNCTIONS_DATA": str(data)}
    storage = azurite.connection_string
    return await start_host(
        "queues", QUEUE="no-work", AzureWebJobsStorage=storage, **(usual | environ)
    )


async def test_after_a_kill_timers_wait_for_the_lock_and_all_else_does_not(
    start_host: StartHost, azurite: Azurite, tmp_path: Path
) -> None:
    host = await ticking(start_host, azurite, tmp_path / "data")
    await host.noted("tick")
    host.part.kill()
    before = len(host.notes("tick"))
    await host.part.start()
    await until(lambda: "Timers wait 72 s" in host.log)
    answer = await host.request("POST", "/admin/functions/work?wait=true", json={"input": "x"})
    assert answer.status == 200
    assert len(host.notes("tick")) == before


async def test_after_an_orderly_stop_they_do_not_wait(
    start_host: StartHost, azurite: Azurite, tmp_path: Path
) -> None:
    host = await ticking(start_host, azurite, tmp_path / "data")
    await host.noted("tick")
    await host.part.stop()
    before = len(host.notes("tick"))
    await host.part.start()
    await host.noted("tick", before + 1)
    assert "Timers wait" not in host.log


async def test_timers_run_when_the_lock_has_expired(
    start_host: StartHost, azurite: Azurite, tmp_path: Path
) -> None:
    lock(tmp_path / "data", time.time() + 0.5)
    host = await ticking(start_host, azurite, tmp_path / "data", FUNCTIONS_SPEED="100")
    await host.noted("tick")


@pytest.mark.parametrize(
    ("remaining", "polling", "seconds"),
    [(-1, 60, 0), (0, 60, 0), (60, 60, 72), (31, 60, 72), (15, 15, 27), (8, 15, 27), (60, 15, 72)],
)
def test_a_lock_is_asked_for_at_intervals(remaining: float, polling: int, seconds: float) -> None:
    assert silence(remaining, timedelta(seconds=polling)) == seconds


async def test_what_came_due_while_no_host_ran_is_made_up_for_at_once(
    start_host: StartHost, azurite: Azurite, tmp_path: Path
) -> None:
    once_a_year = {"TICK": "0 0 0 1 1 *"}
    host = await ticking(start_host, azurite, tmp_path / "data", **once_a_year)
    status = tmp_path / "data" / "timer-tick.json"
    await until(status.exists)
    assert host.notes("tick") == []
    await host.part.stop()
    status.write_text(json.dumps({"last": NEVER, "next": "2024-01-01T00:00:00+00:00"}), "utf-8")
    await host.part.start()
    [tick] = await host.noted("tick")
    assert tick["past_due"] is True
    await host.noted("tock")
    await until(lambda: "2024" not in status.read_text("utf-8"))
    await host.part.stop()
    await host.part.start()
    answer = await host.request("POST", "/admin/functions/work?wait=true", json={"input": "x"})
    assert answer.status == 200
    assert len(host.notes("tick")) == 1


async def test_but_not_of_a_timer_that_fires_more_than_once_a_minute(
    start_host: StartHost, azurite: Azurite, tmp_path: Path
) -> None:
    """It just goes on at its times, as in Azure, where nothing is noted of it."""
    host = await ticking(start_host, azurite, tmp_path / "data")
    await host.noted("tock")
    assert not (tmp_path / "data" / "timer-tick.json").exists()
    assert {tick["past_due"] for tick in host.notes("tick")} == {False}
