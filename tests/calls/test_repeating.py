"""Requests that are repeated, and bounds that hold however many come at once."""

import asyncio
import json

import pytest

from callscribe.calls.placing import ROUTE
from callscribe.foundation.deadline import Deadline
from callscribe.foundation.errors import (
    ForbiddenError,
    InProgressError,
    OtherBodyError,
    StorageUnavailableError,
    TooManyError,
)
from callscribe.foundation.identifiers import new_call_id
from callscribe.foundation.moments import Seconds
from tests.calls.placing import TO, a_world, place
from tests.fakes.world import LOST, outcome


class TestRepeated:
    async def test_one_key_is_one_call(self) -> None:
        world = a_world()
        first, second = await place(world, "k"), await place(world, "k")
        assert first.call.id == second.call.id
        assert len(world.telephony.dials) == 1

    async def test_other_keys_and_no_key_are_other_calls(self) -> None:
        world = a_world()
        placed = [await place(world, key) for key in ("k", "l", None, None)]
        assert len({each.call.id for each in placed}) == 4

    async def test_another_body_is_refused(self) -> None:
        world = a_world()
        await place(world, "k")
        with pytest.raises(OtherBodyError):
            await place(world, "k", to="+14255550199")

    async def test_twenty_at_once_are_one_call(self) -> None:
        world = a_world()
        world.telephony.hang("place", 2)
        placed = await asyncio.gather(*(place(world, "k") for _ in range(20)))
        assert len({each.call.id for each in placed}) == 1
        assert len(world.telephony.dials) == 1

    async def test_while_another_is_at_it_for_long_that_is_told(self) -> None:
        world = a_world()
        body, soon = json.dumps({"to": TO}).encode(), Deadline.after(Seconds(30))
        first = await world.repeating.claim("key", ROUTE, "k", body, "its call", soon)
        with pytest.raises(InProgressError) as refusal:
            await place(world, "k")
        assert refusal.value.call_id == first.call_id == "its call"

    async def test_a_worker_that_died_before_it_dialled_is_followed_by_another(self) -> None:
        world = a_world()
        body, soon = json.dumps({"to": TO}).encode(), Deadline.after(Seconds(30))
        call_id = new_call_id(world.clock.now(), "x")
        await world.repeating.claim("key", ROUTE, "k", body, call_id, soon)
        await world.passing(26)
        assert (await place(world, "k")).call.id == call_id
        assert len(world.telephony.dials) == 1

    @pytest.mark.parametrize("method", ["read", "create", "replace"])
    async def test_an_outage_of_its_row_is_outlasted(self, method: str) -> None:
        world = a_world()
        world.requests.fail(method, LOST, 3)
        world.requests.fail(method, LOST, after=True)
        await place(world, "k")
        await place(world, "k")
        assert len(world.telephony.dials) == 1

    async def test_one_that_was_not_closed_is_found_all_the_same(self) -> None:
        world = a_world()
        world.requests.fail("replace", StorageUnavailableError("out"), 500)
        first = await place(world, "k")
        world.requests.heal()
        await world.passing(26)
        assert (await place(world, "k")).call.id == first.call.id
        assert len(world.telephony.dials) == 1

    async def test_who_was_followed_by_another_leaves_the_key_to_it(self) -> None:
        world = a_world()
        body, soon = json.dumps({"to": TO}).encode(), Deadline.after(Seconds(30))
        first = await world.repeating.claim("key", ROUTE, "k", body, "its call", soon)
        await world.passing(26)
        await world.repeating.claim("key", ROUTE, "k", body, "another", soon)
        await world.repeating.release(first)
        with pytest.raises(InProgressError):
            await place(world, "k")

    async def test_keys_are_forgotten_after_a_day(self) -> None:
        world = a_world()
        await place(world, "k")
        await world.repeating.sweep()
        assert [key for key in world.requests.saved if key[0] != "dialling"]
        world.clock.jump(86_401)
        await world.repeating.sweep()
        assert not [key for key in world.requests.saved if key[0] != "dialling"]


class TestAtOnce:
    async def test_so_many_people_are_called_and_no_more(self) -> None:
        world = a_world(dial_at_once=20)
        found = await asyncio.gather(
            *(outcome(place(world, to=f"+142555501{n:02}")) for n in range(40))
        )
        assert len(world.telephony.dials) == 20
        assert sum(isinstance(each, TooManyError) for each in found) == 20
        assert len(world.calls.saved) == 20

    async def test_calls_that_are_over_make_room(self) -> None:
        world = a_world(dial_at_once=1)
        first = (await place(world)).call
        world.clock.jump(61)
        with pytest.raises(TooManyError, match="DIAL_AT_ONCE"):
            await place(world, "k")
        del world.calls.rows[first.id]
        assert (await place(world, "k")).call.id != first.id

    async def test_everybody_in_a_group_counts(self) -> None:
        world = a_world(dial_at_once=2)
        with pytest.raises(ForbiddenError, match="DIAL_AT_ONCE"):
            await place(world, to=[TO, "8:acs:a_b", "8:acs:a_c"])
        await place(world, to=[TO, "8:acs:a_b"])
