"""Timers: at the start, at their times, never two at once."""

from datetime import datetime
from itertools import pairwise

from emulator.azurite import connection_string
from tests.emulator.functions_host.conftest import StartHost
from tests.emulator.functions_host.running_host import RunningHost


async def test_a_timer_may_fire_at_the_start(web: RunningHost) -> None:
    note = (await web.noted("yearly"))[0]
    assert note["past_due"] is False
    assert note["status"]["Next"].endswith("-01-01T00:00:00+00:00")


async def test_a_timer_fires_at_its_times_and_never_overlaps_itself(start_host: StartHost) -> None:
    """It fires each second and takes longer; that its app has no storage does not hold it up."""
    host = await start_host(
        "queues", QUEUE="work", AzureWebJobsStorage=connection_string(1), TICK="* * * * * *"
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
