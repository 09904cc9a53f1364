"""Lists of calls, by day, state and person, go on where they were left, and read little more."""

from dataclasses import replace
from typing import Any

import pytest

from callscribe.domain.call import State
from callscribe.domain.continuation import seal
from callscribe.domain.errors import BadInputError
from callscribe.domain.identifiers import new_call_id, participant_id
from tests.fakes.clock import START
from tests.services.world import CALLER, World, outcome

DAY = 86_400_000
PERSON = participant_id(CALLER)
NOBODY = "0" * 32
FILTERS = ("", "", "", "")


def given_calls(world: World, *times: int) -> list[str]:
    """Have calls that rang at these times, and return their ids, newest first."""
    ids = [new_call_id(time, f"event {number}") for number, time in enumerate(times)]
    for call_id, time in zip(ids, times, strict=True):
        world.calls.put(replace(world.usual(), id=call_id, rang_at=time))
    return [call_id for _, call_id in sorted(zip(times, ids, strict=True), reverse=True)]


async def everything(world: World, **params: str) -> list[list[str]]:
    """List page after page, and return the calls' ids by page."""
    pages = []
    while True:
        listing: Any = await world.reading.list_calls(params)
        pages.append([call["callId"] for call in listing["calls"]])
        if "continue" not in listing:
            return pages
        params = params | {"continue": listing["continue"]}


async def token_of(world: World, **params: str) -> str:
    given_calls(world, START, START - 1, START - DAY)
    listing = await world.reading.list_calls({"limit": "1"} | params)
    return str(listing["continue"])


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
    world.calls.put(replace(world.usual(), id=new_call_id(START + 1, "new")))
    second: Any = await world.reading.list_calls({"limit": "1", "continue": first["continue"]})
    assert second["calls"][0]["callId"] == ids[1]


async def test_the_range_holds(world: World) -> None:
    ids = given_calls(world, START, START - DAY, START - 2 * DAY)
    pages = await everything(world, **{"from": "2026-11-21", "to": "2026-11-21"})
    assert pages == [[ids[1]]]


async def test_30_days_before_to_unless_asked(world: World) -> None:
    listing = await world.reading.list_calls({"to": "2026-03-31"})
    assert listing["from"] == "2026-03-02"


async def test_a_page_reads_no_further_than_it_must(world: World) -> None:
    """The newest day is read alone: where there are many calls, it fills the page."""
    given_calls(world, START, START - 1)
    await world.reading.list_calls({"limit": "1"})
    assert world.calls.count("of_day") == 1


async def test_days_are_read_side_by_side_where_the_newest_has_too_few(world: World) -> None:
    given_calls(world, START, START - 3 * DAY)
    await world.reading.list_calls({"limit": "1"})
    assert world.calls.count("of_day") == 1 + 2 + 4


@pytest.mark.parametrize(
    ("params", "named"),
    [
        ({"limit": "0"}, "limit"),
        ({"limit": "-1"}, "limit"),
        ({"limit": "201"}, "limit"),
        ({"limit": "1000000000"}, "limit"),
        ({"limit": "9" * 5_000}, "limit"),
        ({"limit": "abc"}, "limit"),
        ({"limit": ""}, "limit"),
        ({"limit": "1.5"}, "limit"),
        ({"limit": "٣"}, "limit"),
        ({"from": "yesterday"}, "from"),
        ({"from": "2026-11-23"}, "from"),
        ({"from": "2025-11-21"}, "from"),
        ({"from": ""}, "from"),
        ({"to": "2026-13-01"}, "to"),
        ({"to": "\u0662\u0660\u0662\u0666-11-22"}, "to"),
        ({"to": "0001-01-01"}, "from"),
        ({"continue": ""}, "continue"),
        ({"continue": "!"}, "continue"),
        ({"continue": "AAAA"}, "continue"),
        ({"continue": "\udc80"}, "continue"),
        ({"continue": seal(FILTERS, "2026-11-22")}, "continue"),
        ({"continue": seal(FILTERS, f"2026-13-01{new_call_id(START, 'e')}")}, "continue"),
        ({"continue": seal(FILTERS, f"2026-11-22{'z' * 26}")}, "continue"),
        ({"state": ""}, "state"),
        ({"state": "ENDED"}, "state"),
        ({"state": "ended,failed"}, "state"),
        ({"state": "ended' or PartitionKey ne '"}, "state"),
        ({"participant": ""}, "participant"),
        ({"participant": CALLER}, "participant"),
        ({"participant": PERSON[:-1]}, "participant"),
        ({"participant": "A" * 32}, "participant"),
        ({"participant": "\u0661" * 32}, "participant"),
        ({"from": "20261122"}, "from"),
        ({"to": "2026-W47-7"}, "to"),
        ({"to": "2026-11-22T00:00:00Z"}, "to"),
    ],
)
async def test_a_bad_parameter_is_named(world: World, params: dict[str, str], named: str) -> None:
    failure = await outcome(world.reading.list_calls(params))
    assert isinstance(failure, BadInputError)
    assert str(failure).startswith(f"{named}: expected")
    assert world.calls.log == []


@pytest.mark.parametrize("days", [1, 366])
async def test_a_range_may_have_366_days(world: World, days: int) -> None:
    first = "2025-11-22" if days == 366 else "2026-11-22"
    listing = await world.reading.list_calls({"from": first})
    assert listing["calls"] == []


@pytest.mark.parametrize(
    "other",
    [
        {"from": "2026-11-20"},
        {"to": "2026-11-21"},
        {"from": "2026-10-24", "to": "2026-11-22"},
        {"state": "connected"},
        {"participant": PERSON},
    ],
)
async def test_a_token_is_bound_to_its_list(world: World, other: dict[str, str]) -> None:
    token = await token_of(world)
    failure = await outcome(world.reading.list_calls(other | {"continue": token}))
    assert isinstance(failure, BadInputError)


async def test_a_token_of_a_call_outside_the_range_is_refused(world: World) -> None:
    outside = new_call_id(START - 40 * DAY, "outside")
    token = seal(FILTERS, f"2026-11-22{outside}")
    assert isinstance(await outcome(world.reading.list_calls({"continue": token})), BadInputError)


async def test_an_altered_token_is_refused(world: World) -> None:
    token = await token_of(world)
    for altered in (token[1:], token[:-1], token + "A", f"{token[:8]}*{token[8:]}", token.lower()):
        failure = await outcome(world.reading.list_calls({"continue": altered}))
        assert isinstance(failure, BadInputError), altered


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("page", "page"),
        ("Limit", "Limit"),
        ("+14255550123", "a parameter"),
        ("x" * 33, "a parameter"),
        ("\u0661", "a parameter"),
        ("", "a parameter"),
    ],
)
async def test_an_unknown_parameter_is_named_if_it_can_be(
    world: World, name: str, shown: str
) -> None:
    failure = await outcome(world.reading.list_calls({name: "1"}))
    assert isinstance(failure, BadInputError)
    assert str(failure).startswith(f"{shown}: unknown, expected only from, to, state, participant")


async def test_a_list_begun_before_midnight_goes_on_after_it(world: World) -> None:
    ids = given_calls(world, START, START - 1, START - 29 * DAY)
    first: Any = await world.reading.list_calls({"limit": "1"})
    await world.passing(DAY / 1000)
    second: Any = await world.reading.list_calls({"continue": first["continue"]})
    assert (second["from"], second["to"]) == (first["from"], first["to"])
    assert [call["callId"] for call in second["calls"]] == ids[1:]


async def test_the_limit_may_change_from_page_to_page(world: World) -> None:
    ids = given_calls(world, START, START - 1, START - 2)
    first: Any = await world.reading.list_calls({"limit": "1"})
    second: Any = await world.reading.list_calls({"limit": "2", "continue": first["continue"]})
    assert [call["callId"] for call in second["calls"]] == ids[1:]
    assert "continue" not in second


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


@pytest.mark.parametrize(
    ("first", "last", "count"),
    [("1969-01-01", "1970-01-01", 0), ("2286-01-01", "2286-12-31", 0), ("2026-11-22",) * 2 + (1,)],
)
async def test_days_that_no_key_can_hold_have_no_calls(
    world: World, first: str, last: str, count: int
) -> None:
    [call_id] = given_calls(world, START)
    await world.calls.link(CALLER, world.calls.call(call_id))
    for person in ({}, {"participant": PERSON}):
        listing: Any = await world.reading.list_calls({"from": first, "to": last} | person)
        assert len(listing["calls"]) == count


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
