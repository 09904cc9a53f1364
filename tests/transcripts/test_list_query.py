"""What a list may be asked for, and what its tokens are good for."""

from dataclasses import replace
from typing import Any

import pytest

from callscribe.foundation.errors import BadInputError
from callscribe.foundation.identifiers import call_keys, new_call_id, participant_id
from callscribe.foundation.moments import Ms, iso, parse_iso
from callscribe.transcripts.continuation import seal
from callscribe.transcripts.list_query import parse_query
from tests.fakes.clock import START
from tests.fakes.world import CALLER, World, outcome
from tests.transcripts.lists import DAY, given_calls

PERSON = participant_id(CALLER)
FILTERS = ("", "", "", "", "", "")


async def token_of(world: World, **params: str) -> str:
    given_calls(world, START, START - 1, START - DAY)
    listing = await world.reading.list_calls({"limit": "1"} | params)
    return str(listing["continue"])


@pytest.mark.parametrize(
    ("last", "first"),
    [
        ("2026-03-31", "2026-03-02"),
        ("2024-03-01", "2024-02-01"),
        ("9999-12-31", "9999-12-02"),
        ("1970-01-01", "1969-12-03"),
        ("0001-01-05", "0001-01-01"),
    ],
)
async def test_30_days_before_to_unless_asked(world: World, last: str, first: str) -> None:
    """Wherever `to` lies: nobody is told that a `from` is wrong which was not given."""
    listing = await world.reading.list_calls({"to": last})
    assert (listing["from"], listing["to"], listing["calls"]) == (first, last, [])


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
        ({"continue": ""}, "continue"),
        ({"continue": "!"}, "continue"),
        ({"continue": "AAAA"}, "continue"),
        ({"continue": "\udc80"}, "continue"),
        ({"continue": seal(FILTERS, "2026-11-22")}, "continue"),
        ({"continue": seal(FILTERS, f"2026-13-01{new_call_id(START, 'e')}")}, "continue"),
        ({"continue": seal(FILTERS, f"2026-11-22{'z' * 26}")}, "continue"),
        ({"label": ""}, "label"),
        ({"label": "VIP"}, "label"),
        ({"label": "a|b"}, "label"),
        ({"state": ""}, "state"),
        ({"state": "ENDED"}, "state"),
        ({"state": "ended,failed"}, "state"),
        ({"state": "ended' or PartitionKey ne '"}, "state"),
        ({"participant": ""}, "participant"),
        ({"participant": CALLER}, "participant"),
        ({"participant": PERSON[:-1]}, "participant"),
        ({"participant": "A" * 32}, "participant"),
        ({"participant": "\u0661" * 32}, "participant"),
        ({"tz": ""}, "tz"),
        ({"tz": "sydney"}, "tz"),
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
        {"label": "vip"},
        {"participant": PERSON},
        {"tz": "Australia/Sydney"},
    ],
)
async def test_a_token_is_bound_to_its_list(world: World, other: dict[str, str]) -> None:
    token = await token_of(world)
    failure = await outcome(world.reading.list_calls(other | {"continue": token}))
    assert isinstance(failure, BadInputError)


async def test_a_token_of_a_call_outside_the_range_is_refused(world: World) -> None:
    outside = new_call_id(Ms(START - 40 * DAY), "outside")
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
    assert str(failure).startswith(
        f"{shown}: unknown, expected only from, to, state, participant, label, tz"
    )


async def test_a_list_begun_before_midnight_goes_on_after_it(world: World) -> None:
    ids = given_calls(world, START, START - 1, START - 29 * DAY)
    first: Any = await world.reading.list_calls({"limit": "1"})
    await world.passing(DAY / 1000)
    second: Any = await world.reading.list_calls({"continue": first["continue"]})
    assert (second["from"], second["to"]) == (first["from"], first["to"])
    assert [call["callId"] for call in second["calls"]] == ids[1:]


@pytest.mark.parametrize("person", [{}, {"participant": PERSON}])
def test_a_list_goes_on_after_the_call_that_it_has_reached(person: dict[str, str]) -> None:
    begun = parse_query(person, START)
    reached = new_call_id(Ms(START - DAY), "reached")
    query = parse_query(person | {"continue": begun.token(reached)}, START)
    assert (query.reached, query.keys) == (reached, (call_keys(reached)[1], begun.keys[1]))


async def test_the_limit_may_change_from_page_to_page(world: World) -> None:
    ids = given_calls(world, START, START - 1, START - 2)
    first: Any = await world.reading.list_calls({"limit": "1"})
    second: Any = await world.reading.list_calls({"limit": "2", "continue": first["continue"]})
    assert [call["callId"] for call in second["calls"]] == ids[1:]
    assert "continue" not in second


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


@pytest.mark.parametrize(
    ("zone", "day", "first", "last"),
    [
        ("Australia/Sydney", "2026-11-22", "2026-11-21T13:00:00.000Z", "2026-11-22T12:59:59.999Z"),
        ("America/New_York", "2026-11-22", "2026-11-22T05:00:00.000Z", "2026-11-23T04:59:59.999Z"),
        ("Europe/Berlin", "2026-10-25", "2026-10-24T22:00:00.000Z", "2026-10-25T22:59:59.999Z"),
        # Midnight is skipped there, and comes twice.
        ("Atlantic/Azores", "2026-03-29", "2026-03-29T01:00:00.000Z", "2026-03-29T23:59:59.999Z"),
        ("Atlantic/Azores", "2026-10-25", "2026-10-25T00:00:00.000Z", "2026-10-26T00:59:59.999Z"),
        ("UTC", "1970-01-01", "1970-01-01T00:00:00.000Z", "1970-01-01T23:59:59.999Z"),
        ("Asia/Tokyo", "1970-01-02", "1970-01-01T15:00:00.000Z", "1970-01-02T14:59:59.999Z"),
    ],
)
def test_a_day_is_that_of_the_zone(zone: str, day: str, first: str, last: str) -> None:
    query = parse_query({"from": day, "to": day, "tz": zone}, START)
    assert (iso(query.begin), iso(Ms(query.end - 1))) == (first, last)
    assert query.utc_days == list(dict.fromkeys([last[:10], first[:10]]))


def test_a_day_that_a_zone_has_never_had_is_empty() -> None:
    query = parse_query({"from": "2011-12-30", "to": "2011-12-30", "tz": "Pacific/Apia"}, START)
    assert query.begin == query.end


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Etc/GMT+12", "UTC"])
@pytest.mark.parametrize("day", ["0001-01-01", "1969-12-30", "2287-01-02", "9999-12-31"])
def test_days_of_which_no_key_tells_are_empty(zone: str, day: str) -> None:
    query = parse_query({"from": day, "to": day, "tz": zone}, START)
    assert query.begin == query.end
    assert len(query.utc_days) == 1


def test_today_is_that_of_the_zone() -> None:
    query = parse_query({"tz": "Pacific/Kiritimati"}, parse_iso("2026-11-22T18:00:00Z"))
    assert (query.first, query.last, query.today) == ("2026-10-25", "2026-11-23", "2026-11-23")


@pytest.mark.parametrize(
    ("asked", "fits"),
    [
        ({}, True),
        ({"label": "vip"}, True),
        ({"label": "other"}, False),
        ({"state": "ended"}, False),
        ({"state": "connected", "label": "vip"}, True),
    ],
)
def test_a_call_fits_by_its_state_and_its_labels(asked: dict[str, str], *, fits: bool) -> None:
    call = replace(World().usual(), labels=("vip",))
    assert parse_query(asked, START).fits(call) is fits
