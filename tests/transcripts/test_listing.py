"""Lists of calls, by day, state and person, go on where they were left, and read little more."""

from dataclasses import replace
from typing import Any

import pytest

from callscribe.calls.call import Call, State
from callscribe.foundation.identifiers import new_call_id, participant_id
from callscribe.foundation.moments import Ms, parse_iso
from tests.fakes.clock import START
from tests.fakes.world import CALLER, World
from tests.transcripts.lists import DAY, given_calls

PERSON = participant_id(CALLER)
NOBODY = "0" * 32


async def everything(world: World, **params: str) -> list[list[str]]:
    """List page after page, and return the calls' ids by page."""
    pages = []
    while True:
        listing: Any = await world.reading.list_calls(params)
        pages.append([call["callId"] for call in listing["calls"]])
        if "continue" not in listing:
            return pages
        params = params | {"continue": listing["continue"]}


async def test_lists_newest_first_and_states_the_range(world: World) -> None:
    ids = given_calls(world, START, START - 1000, START - DAY)
    listing: Any = await world.reading.list_calls({})
    assert (listing["from"], listing["to"]) == ("2026-10-24", "2026-11-22")
    assert [call["callId"] for call in listing["calls"]] == ids
    assert "continue" not in listing


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 50])
async def test_pages_go_on_across_days_without_gap_or_repetition(world: World, limit: int) -> None:
    ids = given_calls(world, *(START - day * DAY - n for day in (0, 1, 11, 12, 29) for n in (0, 1)))
    pages = await everything(world, limit=str(limit))
    assert [call_id for page in pages for call_id in page] == ids
    assert all(len(page) == limit for page in pages[:-1])
    assert len(pages[-1]) in range(1, limit + 1)


async def test_a_call_that_comes_between_two_pages_shifts_nothing(world: World) -> None:
    ids = given_calls(world, START, START - 1, START - 2)
    first: Any = await world.reading.list_calls({"limit": "1"})
    world.calls.put(replace(world.usual(), id=new_call_id(Ms(START + 1), "new")))
    second: Any = await world.reading.list_calls({"limit": "1", "continue": first["continue"]})
    assert second["calls"][0]["callId"] == ids[1]


async def test_a_call_that_changes_between_two_pages_is_no_end(world: World) -> None:
    """The place in a list is a moment: the call there may stand otherwise now, or be gone."""
    ids = given_calls(world, START, START - 1, START - 2, START - 3)
    asked = {"state": "connected", "limit": "2"}
    first: Any = await world.reading.list_calls(asked)
    for call_id in (ids[1], ids[2]):
        world.calls.put(replace(world.calls.call(call_id), state=State.ENDED))
    del world.calls.saved[ids[0]]
    second: Any = await world.reading.list_calls(asked | {"continue": first["continue"]})
    assert [call["callId"] for call in second["calls"]] == [ids[3]]
    assert "continue" not in second


async def test_the_range_holds(world: World) -> None:
    ids = given_calls(world, START, START - DAY, START - 2 * DAY)
    pages = await everything(world, **{"from": "2026-11-21", "to": "2026-11-21"})
    assert pages == [[ids[1]]]


async def test_a_page_reads_no_further_than_it_must(world: World) -> None:
    """The newest day is read alone: where there are many calls, it fills the page."""
    given_calls(world, START, START - 1)
    await world.reading.list_calls({"limit": "1"})
    assert world.calls.count("of_day") == 1


async def test_days_are_read_side_by_side_where_the_newest_has_too_few(world: World) -> None:
    given_calls(world, START, START - 3 * DAY)
    await world.reading.list_calls({"limit": "1"})
    assert world.calls.count("of_day") == 1 + 2 + 4


@pytest.mark.parametrize("limit", [1, 2, 50])
async def test_calls_in_one_state_are_found_by_storage(world: World, limit: int) -> None:
    ids = given_calls(world, *(START - day * DAY - n for day in (0, 1, 9) for n in (0, 1, 2)))
    for call_id in ids[::2]:
        world.calls.put(replace(world.calls.call(call_id), state=State.FAILED))
    pages = await everything(world, state="failed", limit=str(limit))
    assert [call_id for page in pages for call_id in page] == ids[::2]
    assert world.calls.count("read") == 0


async def given_persons_calls(world: World, count: int) -> list[str]:
    """Have calls of two people, one after the other, on two days; return the first one's."""
    ids = given_calls(world, *(START - n * DAY // count for n in range(2 * count)))
    for number, call_id in enumerate(ids):
        await world.calls.link(("8:other", CALLER)[number % 2], world.calls.call(call_id))
    return ids[1::2]


@pytest.mark.parametrize("limit", [1, 3, 50])
async def test_the_calls_of_a_person_are_listed_newest_first(world: World, limit: int) -> None:
    ids = await given_persons_calls(world, 10)
    pages = await everything(world, participant=PERSON, limit=str(limit))
    assert [call_id for page in pages for call_id in page] == ids
    assert all(len(page) == limit for page in pages[:-1])
    assert world.calls.count("of_day") == 0


async def test_the_range_holds_for_a_person_too(world: World) -> None:
    on_the_edges = (START // DAY * DAY - 1, START // DAY * DAY, START // DAY * DAY + DAY - 1)
    ids = given_calls(world, *on_the_edges, on_the_edges[2] + 1)
    for call_id in ids:
        await world.calls.link(CALLER, world.calls.call(call_id))
    one_day = {"from": "2026-11-22", "to": "2026-11-22", "participant": PERSON}
    assert await everything(world, **one_day) == [ids[1:3]]


async def test_nobodys_calls_are_none(world: World) -> None:
    await given_persons_calls(world, 3)
    assert await everything(world, participant=NOBODY) == [[]]


@pytest.mark.parametrize("limit", [1, 2, 50])
async def test_a_persons_calls_in_one_state_are_listed(world: World, limit: int) -> None:
    ids = await given_persons_calls(world, 12)
    for call_id in ids[::3]:
        world.calls.put(replace(world.calls.call(call_id), state=State.MISSED))
    pages = await everything(world, participant=PERSON, state="missed", limit=str(limit))
    assert [call_id for page in pages for call_id in page] == ids[::3]


async def test_a_call_that_was_erased_is_passed_over(world: World) -> None:
    ids = await given_persons_calls(world, 3)
    del world.calls.saved[ids[1]]
    assert await everything(world, participant=PERSON) == [[ids[0], ids[2]]]


async def test_a_page_looks_at_a_thousand_calls_of_a_person_at_most(world: World) -> None:
    """It may then be empty though the list goes on."""
    ids = await given_persons_calls(world, 1_500)
    world.calls.put(replace(world.calls.call(ids[-1]), state=State.MISSED))
    first: Any = await world.reading.list_calls({"participant": PERSON, "state": "missed"})
    assert first["calls"] == []
    assert world.calls.count("read") in range(1_000, 1_100)
    pages = await everything(world, participant=PERSON, state="missed")
    assert pages == [[], [ids[-1]]]


async def given_labelled_calls(world: World, count: int) -> list[str]:
    """Have calls with one label or another, on two days; return those with the first."""
    ids = given_calls(world, *(START - n * DAY // count for n in range(2 * count)))
    for number, call_id in enumerate(ids):
        labels = (("other",), ("vip", "both"))[number % 2]
        await world.labelling.link(world.calls.put(_with_labels(world, call_id, *labels)))
    return ids[1::2]


def _with_labels(world: World, call_id: str, *labels: str) -> Call:
    return replace(world.calls.call(call_id), labels=labels)


@pytest.mark.parametrize("limit", [1, 3, 50])
async def test_the_calls_with_a_label_are_listed_newest_first(world: World, limit: int) -> None:
    ids = await given_labelled_calls(world, 10)
    pages = await everything(world, label="vip", limit=str(limit))
    assert [call_id for page in pages for call_id in page] == ids
    assert all(len(page) == limit for page in pages[:-1])
    assert world.calls.count("of_day") == 0
    assert await everything(world, label="nobody") == [[]]


async def test_a_call_that_has_lost_its_label_is_not_found_by_it(world: World) -> None:
    ids = await given_labelled_calls(world, 3)
    world.calls.put(_with_labels(world, ids[1], "both"))
    assert await everything(world, label="vip") == [[ids[0], ids[2]]]
    assert await everything(world, label="both") == [ids]


async def test_a_label_goes_with_a_state_and_a_person(world: World) -> None:
    ids = await given_labelled_calls(world, 6)
    world.calls.put(replace(world.calls.call(ids[2]), state=State.MISSED))
    for call_id in ids[1:4]:
        await world.calls.link(CALLER, world.calls.call(call_id))
    assert await everything(world, label="vip", state="missed") == [[ids[2]]]
    assert await everything(world, label="vip", participant=PERSON) == [ids[1:4]]
    assert await everything(world, label="other", participant=PERSON) == [[]]


@pytest.mark.parametrize("limit", [1, 2, 50])
@pytest.mark.parametrize("person", [None, PERSON])
async def test_days_are_those_of_the_readers_zone(
    world: World, limit: int, person: str | None
) -> None:
    begin, end = parse_iso("2026-11-20T13:00:00Z"), parse_iso("2026-11-22T13:00:00Z")
    ids = given_calls(world, begin - 2, begin - 1, begin, begin + DAY, end - 2, end - 1, end)
    for call_id in ids:
        await world.calls.link(CALLER, world.calls.call(call_id))
    asked = {"from": "2026-11-21", "to": "2026-11-22", "tz": "Australia/Sydney"}
    asked |= {"limit": str(limit)} | ({} if person is None else {"participant": person})
    pages = await everything(world, **asked)
    assert [call_id for page in pages for call_id in page] == ids[1:5]
    assert [] not in pages
