"""The table of routes: found, kept and deleted, under conditions, whatever happens in between."""

import json
from typing import Any

import pytest

from callscribe.calls.route import EVERYBODY, Action
from callscribe.foundation.errors import (
    ChangedError,
    ConflictError,
    NotFoundError,
    StorageRefusedError,
)
from callscribe.foundation.identifiers import participant_id
from callscribe.foundation.json_input import Json
from callscribe.people.routes import PARTITION, Condition, Kept
from tests.fakes.world import World

NUMBER = "4:+18005550199"
KEY = participant_id(NUMBER)
ANY = Condition()


async def put(world: World, key: str = KEY, condition: Condition = ANY, **told: Any) -> Kept:
    usual = {"action": "answer"} | ({} if key == EVERYBODY else {"rawId": NUMBER})
    return await world.routes.put(key, json.dumps(usual | told).encode(), "key", condition)


async def test_a_route_is_kept_shown_and_listed(world: World) -> None:
    made = await put(world, labels=["sales"])
    shown: Json = {
        "participant": KEY,
        "rawId": NUMBER,
        "action": "answer",
        "labels": ["sales"],
        "origin": "api",
        "changedAt": "2026-11-22T18:54:03.000Z",
        "changedBy": "key",
    }
    assert (made.shown, made.created) == (shown, True)
    assert await world.routes.show(KEY) == Kept(shown, made.etag)
    everybody = await put(world, EVERYBODY)
    assert await world.routes.list() == {"routes": [everybody.shown, shown]}


async def test_the_row_has_columns_that_people_can_query(world: World) -> None:
    await put(world, origin="deployment")
    row, _ = world.routing.saved[PARTITION, KEY]
    assert (row["RawId"], row["Action"], row["Origin"]) == (NUMBER, "answer", "deployment")


async def test_their_own_route_wins_over_everybodys(world: World) -> None:
    assert await world.routes.find(NUMBER) is None
    await put(world, EVERYBODY, action="reject")
    found = await world.routes.find(NUMBER)
    assert found is not None
    assert (found.raw_id, found.action) == (None, Action.REJECT)
    await put(world, action="ignore")
    for written in (NUMBER, "4:18005550199", "4:+18005550199_3"):
        found = await world.routes.find(written)
        assert found is not None
        assert (found.raw_id, found.action) == (NUMBER, Action.IGNORE)


async def test_both_are_read_at_the_same_time(world: World) -> None:
    world.routing.meet("read", 2)
    await world.routes.find(NUMBER)


@pytest.mark.parametrize("spoilt", [{}, {"Route": "{"}, {"Route": 7}])
async def test_a_route_that_another_hand_has_spoilt_is_followed_by_nobody(
    world: World, spoilt: dict[str, Any]
) -> None:
    world.routing.saved[PARTITION, KEY] = (spoilt, "v1")
    with pytest.raises(StorageRefusedError, match=KEY):
        await world.routes.find(NUMBER)
    listed: Any = (await world.routes.list())["routes"]
    assert [(each["participant"], KEY in each["problem"]) for each in listed] == [(KEY, True)]
    assert (await put(world)).created is False
    assert await world.routes.find(NUMBER)


class TestConditions:
    async def test_without_one_whatever_is_there_is_replaced(self, world: World) -> None:
        first = await put(world)
        second = await put(world, action="reject")
        assert (first.created, second.created, second.shown["action"]) == (True, False, "reject")
        assert first.etag != second.etag

    async def test_a_version_must_be_the_one_that_is_there(self, world: World) -> None:
        made = await put(world)
        await put(world, condition=Condition(made.etag))
        with pytest.raises(ChangedError, match="another version"):
            await put(world, condition=Condition(made.etag))
        await put(world, condition=Condition("*"))
        for nothing in ("*", made.etag):
            with pytest.raises(ChangedError):
                await put(world, EVERYBODY, Condition(nothing))

    async def test_there_must_be_none(self, world: World) -> None:
        await put(world, condition=Condition(absent=True))
        with pytest.raises(ChangedError, match="already"):
            await put(world, condition=Condition(absent=True))

    @pytest.mark.parametrize("method", ["create", "replace"])
    async def test_what_another_changes_in_between_is_not_overwritten(
        self, world: World, method: str
    ) -> None:
        if method == "replace":
            await put(world)
        world.routing.fail(method, ConflictError("changed"))
        with pytest.raises(ChangedError):
            await put(world)

    async def test_a_route_is_deleted_at_its_version(self, world: World) -> None:
        made = await put(world)
        await put(world, action="reject")
        with pytest.raises(ChangedError):
            await world.routes.delete(KEY, Condition(made.etag))
        world.routing.fail("remove", ConflictError("changed"))
        with pytest.raises(ChangedError):
            await world.routes.delete(KEY, ANY)
        await world.routes.delete(KEY, ANY)
        with pytest.raises(NotFoundError):
            await world.routes.delete(KEY, ANY)


@pytest.mark.parametrize("key", ["", "no-key", KEY.upper(), KEY + "0", "**"])
async def test_what_is_no_participant_has_no_route(world: World, key: str) -> None:
    for work in (world.routes.show(key), world.routes.delete(key, ANY), put(world, key)):
        with pytest.raises(NotFoundError):
            await work
