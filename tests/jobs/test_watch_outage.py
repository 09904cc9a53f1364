"""Transcription that is wanted and does not run is told once a minute, and an old call too."""

import json
from dataclasses import replace
from typing import Any

import pytest

from callscribe.calls.call import HangUp, Machine, State
from callscribe.calls.decide import LONGEST_CALL
from callscribe.calls.events import Woken
from callscribe.foundation.errors import TelephonyRefusedError, TelephonyUnavailableError
from callscribe.foundation.moments import Seconds
from tests.fakes.world import BUSY, CONNECTION, World, minutes, seconds

WRONG = TelephonyRefusedError("Speech endpoint", http_status=403, sub_code=8565)
OUT = TelephonyUnavailableError("ACS answered 500", http_status=500)


def lines(caplog: pytest.LogCaptureFixture, event: str) -> list[dict[str, Any]]:
    """Return the lines of that kind."""
    found = [json.loads(record.message) for record in caplog.records if record.message[0] == "{"]
    return [line for line in found if line["event"] == event]


@pytest.mark.parametrize(
    ("error", "code", "sub_code"), [(WRONG, 403, 8565), (OUT, 500, None), (BUSY, 503, None)]
)
async def test_transcription_that_is_out_is_told_about_once_a_minute(
    world: World,
    caplog: pytest.LogCaptureFixture,
    error: Exception,
    code: int,
    sub_code: int | None,
) -> None:
    """Whether it is tried every 25 seconds or every 300."""
    world.given(state=State.CONNECTING, machine=Machine(), connected_at=None)
    world.telephony.fail("start", error, times=1_000)
    await minutes(world, 1)
    assert lines(caplog, "transcriptionOut") == []
    await minutes(world, 10)
    told = lines(caplog, "transcriptionOut")
    assert 9 <= len(told) <= 15
    assert {line["seconds"] // 60 for line in told} == set(range(1, 11))
    assert {(line["code"], line["subCode"]) for line in told} == {(code, sub_code)}
    world.telephony.heal()
    await minutes(world, 5)
    caplog.clear()
    await minutes(world, 5)
    assert lines(caplog, "transcriptionOut") == []


async def test_an_outage_that_waits_for_people_costs_no_saves(world: World) -> None:
    """It is tried every five minutes, and told in between."""
    world.given(state=State.CONNECTING, machine=Machine(), connected_at=None)
    world.telephony.fail("start", WRONG, times=1_000)
    await minutes(world, 1)
    before = world.calls.count("save")
    await minutes(world, 4)
    assert world.calls.count("save") == before


async def test_it_is_told_though_acs_does_not_answer(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.given(state=State.CONNECTING, machine=Machine(), connected_at=None)
    world.telephony.fail("start", OUT, times=1_000)
    await seconds(world, 30)
    world.telephony.fail("poll", BUSY, times=1_000)
    await minutes(world, 5)
    assert {line["seconds"] // 60 for line in lines(caplog, "transcriptionOut")} >= {1, 2, 3, 4}


async def test_what_runs_or_is_not_wanted_is_not_told_about(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.given()
    await minutes(world, 5)
    off = replace(world.usual().wish, on=False)
    world.given(state=State.CONNECTING, machine=Machine(), wish=off)
    await minutes(world, 5)
    assert lines(caplog, "transcriptionOut") == []


async def test_a_call_that_is_too_old_is_told_about_when_it_is_hung_up(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.given()
    await world.passing(LONGEST_CALL)
    await seconds(world, 15)
    assert lines(caplog, "callOverlong") == [
        {"event": "callOverlong", "callId": world.call.id, "tries": 1}
    ]
    assert world.telephony.hung_up == [(CONNECTION, True)]


async def test_each_try_to_hang_it_up_is_told(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.given()
    world.telephony.fail("hang_up", BUSY, times=1_000)
    await world.passing(Seconds(LONGEST_CALL + 1))
    await minutes(world, 1)
    assert [line["tries"] for line in lines(caplog, "callOverlong")][:3] == [1, 2, 3]


async def test_a_call_that_somebody_hangs_up_in_time_is_not(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.given(hang_up=HangUp.LEAVE)
    await world.effects.tell(world.call.id, Woken())
    assert world.telephony.hung_up
    assert lines(caplog, "callOverlong") == []
