"""Calls go where their routes say: answered in another language, left alone, or rejected."""

import asyncio
from http import HTTPStatus

import pytest

from callscribe.foundation.identifiers import participant_id
from tests.e2e.evidence import Json
from tests.e2e.world import World, eventually

pytestmark = pytest.mark.asyncio(loop_scope="module")

GERMAN, IGNORED, REJECTED, ELSE = (f"+1425555{number}" for number in (7001, 7002, 7003, 7004))
DIALOGUE: Json = {
    "participants": [{}, {}],
    "lines": [{"speaker": 0, "at": 0.2, "text": "Guten Tag."}],
}


async def route(world: World, number: str, action: str, **told: object) -> None:
    body = {"rawId": number, "action": action} | told
    await world.app("PUT", f"/api/routes/{participant_id(f'4:{number}')}", body)


async def ring(world: World, number: str, **options: object) -> str:
    return await world.ring(to=number, script=DIALOGUE, **options)


async def test_a_call_is_transcribed_in_its_route_s_language_and_has_its_labels(
    world: World,
) -> None:
    wanted = {"start": "connected", "locale": "de-DE"}
    await route(world, GERMAN, "answer", transcription=wanted, labels=["sales"])
    one, other = await asyncio.gather(ring(world, GERMAN), ring(world, ELSE))
    rows = await world.check_all([one, other])
    assert (rows[one]["Locale"], rows[other]["Locale"]) == ("de-DE", "en-US")
    assert (rows[one]["WantedBy"], rows[other]["WantedBy"]) == ("route", "setting")
    assert [row["Locale"] for row in await world.rows(one, "s")] == ["de-DE"]
    listed = await world.app("GET", "/api/calls?label=sales")
    assert [each["callId"] for each in listed["calls"]] == [await world.call_id(one)]


async def test_a_call_is_rejected_at_acs_and_kept_as_such(world: World) -> None:
    await route(world, REJECTED, "reject")
    rung = await ring(world, REJECTED)

    async def rejected() -> None:
        assert (await world.acs("GET", f"calls/{rung}"))["state"] == "rejected"

    await eventually(rejected)
    await world.stands(await world.call_id(rung), state="rejected", endedBy="hangup")


async def test_a_call_that_is_left_alone_rings_on_and_leaves_no_row(world: World) -> None:
    await route(world, IGNORED, "ignore")
    rung = await ring(world, IGNORED)

    async def delivered() -> None:
        deliveries = (await world.acs("GET", f"calls/{rung}"))["deliveries"]
        assert [each["status"] for each in deliveries] == [HTTPStatus.ACCEPTED]

    world.left_alone.add(rung)
    await eventually(delivered)
    assert (await world.acs("GET", f"calls/{rung}"))["state"] == "ringing"
    with pytest.raises(AssertionError):
        await world.row(rung)
    await world.hang_up(rung)
