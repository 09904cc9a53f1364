"""Labels of calls: given, changed and found by, whoever comes in between."""

import asyncio
import json
from random import Random

import pytest

from callscribe.calls.call import Call, Direction, State
from callscribe.calls.labels import label_key
from callscribe.foundation.deadline import Deadline
from callscribe.foundation.errors import (
    BadInputError,
    CallOverError,
    ConflictError,
    NotFoundError,
    StorageRefusedError,
)
from callscribe.foundation.identifiers import call_keys
from callscribe.foundation.moments import Seconds
from tests.calls.placing import TO, a_world, place
from tests.fakes.world import CALL_ID, LOST, World, outcome

AT_ONCE = Seconds(30)


async def label(world: World, *labels: str, call_id: str = CALL_ID) -> None:
    body = json.dumps({"labels": labels}).encode()
    await world.labelling.change(call_id, body, "key", Deadline.after(AT_ONCE))


def linked(world: World, call: Call) -> set[str]:
    """Return the labels under which a call is found."""
    _, key = call_keys(call.id)
    return {str(row["Label"]) for (_, each), (row, _) in world.labels.saved.items() if each == key}


async def test_a_placed_call_is_found_by_each_of_its_labels() -> None:
    world = a_world()
    placed = await place(world, to=TO, labels=["vip", "order-4711"])
    assert linked(world, placed.call) == {"vip", "order-4711"}
    for each in ("vip", "order-4711"):
        assert await world.labelling.calls_with(each, None, "~", 10) == [placed.call.id]
    assert await world.labelling.calls_with("other", None, "~", 10) == []


async def test_a_call_without_labels_costs_no_row() -> None:
    world = a_world()
    await place(world)
    assert (world.labels.saved, world.labels.log) == ({}, [])


async def test_the_rows_have_what_people_look_for() -> None:
    world = a_world()
    call = (await place(world, to=TO, labels=["vip"])).call
    [((partition, key), (row, _))] = world.labels.saved.items()
    assert (partition, key) == (label_key("vip"), call_keys(call.id)[1])
    assert row == {"Label": "vip", "CallId": call.id, "BegunAt": "2026-11-22T18:54:03.000Z"}


async def test_where_the_rows_could_not_be_written_the_report_writes_them() -> None:
    world = a_world()
    world.labels.fail("create", LOST, times=100)
    call = (await place(world, to=TO, labels=["vip"])).call
    assert linked(world, call) == set()
    world.labels.heal()
    world.given(labels=("vip",), state=State.ENDED, ended_at=world.clock.now())
    await world.finishing.finish(CALL_ID)
    assert linked(world, world.call) == {"vip"}


@pytest.mark.parametrize("state", [State.CONNECTED, State.ENDED, State.MISSED])
async def test_labels_are_replaced(state: State) -> None:
    world = World()
    world.given(state=state)
    await label(world, "one", "two")
    await label(world, "two", "three")
    assert world.call.labels == ("two", "three")
    assert linked(world, world.call) == {"two", "three"}
    asked = [row for row in world.transcripts.of_kind(CALL_ID, "e") if "By" in row]
    assert {(row["Type"], row["By"], row["Details"]) for row in asked} == {
        ("LabelsAsked", "key", "|one|two|"),
        ("LabelsAsked", "key", "|two|three|"),
    }


async def test_the_same_labels_again_mend_what_was_not_written() -> None:
    world = World()
    world.given()
    world.labels.fail("create", StorageRefusedError("too long"))
    with pytest.raises(StorageRefusedError):
        await label(world, "vip")
    assert (world.call.labels, linked(world, world.call)) == (("vip",), set())
    await label(world, "vip")
    assert linked(world, world.call) == {"vip"}


async def test_an_own_call_can_be_labelled() -> None:
    world = World()
    world.given(direction=Direction.OWN)
    await label(world, "vip")
    assert world.call.labels == ("vip",)


@pytest.mark.parametrize("body", [b"", b"{}", b'{"labels": null}', b'{"labels": ["VIP"]}'])
async def test_what_is_no_list_of_labels_changes_nothing(body: bytes) -> None:
    world = World()
    world.given(labels=("vip",))
    with pytest.raises(BadInputError, match="labels"):
        await world.labelling.change(CALL_ID, body, "key", Deadline.after(AT_ONCE))
    assert world.call.labels == ("vip",)


@pytest.mark.parametrize("call_id", [CALL_ID, "no-id"])
async def test_an_unknown_call_has_no_labels(call_id: str) -> None:
    with pytest.raises(NotFoundError):
        await label(World(), "vip", call_id=call_id)


async def test_what_was_erased_stays_so() -> None:
    world = World()
    world.given(state=State.ERASED)
    with pytest.raises(CallOverError):
        await label(world, "vip")
    assert world.labels.saved == {}


async def test_a_row_that_names_no_call_is_passed_over() -> None:
    world = World()
    world.given()
    await label(world, "vip")
    await world.labels.create(label_key("vip"), "0-spoilt", {})
    assert await world.labelling.calls_with("vip", None, "~", 1) == [CALL_ID]


async def test_a_label_that_is_given_back_while_it_is_taken_away_is_found() -> None:
    world, given_back = World(), False
    world.given(labels=("a",))
    await world.labelling.link(world.call)

    async def give_back(method: str) -> None:
        nonlocal given_back
        if method == "delete" and not given_back:
            given_back = True
            await label(world, "a")

    world.labels.gate = give_back
    await label(world, "b")
    assert (world.call.labels, linked(world, world.call)) == (("a",), {"a"})


@pytest.mark.parametrize("seed", range(50))
async def test_whoever_comes_in_between_a_call_is_found_by_what_its_record_says(seed: int) -> None:
    world, chance = World(), Random(seed)  # noqa: S311 - no secret
    world.given(labels=("a",))
    await world.labelling.link(world.call)

    async def take_turns(_method: str) -> None:
        for _ in range(chance.choice((0, 1, 20))):
            await asyncio.sleep(0)

    world.calls.gate = world.labels.gate = take_turns
    wishes = [("b",), ("a", "c"), ("c",), ("a",)]
    results = await asyncio.gather(*(outcome(label(world, *each)) for each in wishes))
    assert all(each is None or isinstance(each, ConflictError) for each in results)
    assert set(world.call.labels) <= linked(world, world.call)
