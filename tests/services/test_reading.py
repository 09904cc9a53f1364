"""Calls and transcripts are shown as the rows tell them, and lists go on where they were left."""

import base64
import json
from dataclasses import replace
from typing import Any

import pytest

from callscribe.domain.call import Report
from callscribe.domain.errors import BadInputError, NotFoundError
from callscribe.domain.identifiers import new_call_id
from callscribe.domain.upstream import Kind
from tests.fakes.clock import START
from tests.services.world import CALL_ID, World, outcome, speech

DAY = 86_400_000


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
    assert world.calls.count("of_day") == 11


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
        ({"continue": base64.b64encode(b'["2026-10-24","2026-11-22","x"]').decode()}, "continue"),
        ({"continue": base64.b64encode(b'["2026-10-24","2026-11-22"]').decode()}, "continue"),
        ({"continue": base64.b64encode(b"[" * 5_000).decode()}, "continue"),
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


@pytest.mark.parametrize("other", [{"from": "2026-11-20"}, {"to": "2026-11-21"}])
async def test_a_token_is_bound_to_its_list(world: World, other: dict[str, str]) -> None:
    token = await token_of(world)
    failure = await outcome(world.reading.list_calls(other | {"continue": token}))
    assert isinstance(failure, BadInputError)


async def test_a_token_of_a_call_outside_the_range_is_refused(world: World) -> None:
    outside = new_call_id(START - 40 * DAY, "outside")
    fields = json.dumps(["2026-10-24", "2026-11-22", outside])
    token = base64.urlsafe_b64encode(fields.encode()).decode()
    assert isinstance(await outcome(world.reading.list_calls({"continue": token})), BadInputError)


async def test_an_altered_token_is_refused(world: World) -> None:
    token = await token_of(world)
    for altered in (token[1:], token[:-1], token + "A", f"{token[:8]}*{token[8:]}", token.lower()):
        failure = await outcome(world.reading.list_calls({"continue": altered}))
        assert isinstance(failure, BadInputError), altered


async def test_shows_a_call_with_its_report_and_its_timeline(world: World) -> None:
    world.given(report=Report(finals=3))
    await world.transcripts.put(CALL_ID, "e-1", {"Type": "CallConnected", "Code": 200})
    await world.transcripts.put(CALL_ID, "c-1", {"Seen": 3})
    await world.transcripts.put(CALL_ID, "g-1", {"Seconds": 2.5})
    await world.transcripts.put(CALL_ID, "s-1", {"Text": "not here"})
    shown: Any = await world.reading.show_call(CALL_ID)
    assert (shown["callId"], shown["state"], shown["report"]["finals"]) == (CALL_ID, "connected", 3)
    assert shown["timeline"] == [{"type": "CallConnected", "code": 200}]
    assert (shown["connections"], shown["gaps"]) == ([{"seen": 3}], [{"seconds": 2.5}])
    assert "claimId" not in shown


async def test_a_call_without_a_report_has_none(world: World) -> None:
    world.given()
    assert "report" not in await world.reading.show_call(CALL_ID)


async def spoken(world: World) -> None:
    world.given()
    state = await world.transcribing.connect(world.upstream(Kind.CONNECT, 0))
    await world.transcribing.message(world.upstream(Kind.MESSAGE, 2, speech("hé <b>"), state))


async def test_a_transcript_as_json(world: World) -> None:
    await spoken(world)
    document = await world.reading.transcript(CALL_ID, "json")
    assert document.content_type == "application/json"
    shown = json.loads(document.body)
    assert (shown["callId"], shown["state"]) == (CALL_ID, "connected")
    [segment] = shown["segments"]
    assert (segment["text"], segment["speaker"]) == ("hé <b>", "caller")


async def test_a_transcript_as_text(world: World) -> None:
    await spoken(world)
    document = await world.reading.transcript(CALL_ID, "text")
    assert document.content_type == "text/plain; charset=utf-8"
    assert document.body.decode().endswith("] caller: hé <b>\n")


@pytest.mark.parametrize("wanted", ["", "pdf", "JSON"])
async def test_an_unknown_format_is_named(world: World, wanted: str) -> None:
    world.given()
    assert isinstance(await outcome(world.reading.transcript(CALL_ID, wanted)), BadInputError)


async def test_hands_out_an_address_to_watch_for_an_hour(world: World) -> None:
    world.given()
    shown = await world.reading.viewer(CALL_ID)
    assert shown["expiresInMinutes"] == 60
    assert f"{CALL_ID}-60" in str(shown["url"])


@pytest.mark.parametrize("call_id", [CALL_ID, "nonsense", "' or PartitionKey ne '", "../x", ""])
async def test_an_unknown_call_is_not_found(world: World, call_id: str) -> None:
    for work in (
        world.reading.show_call(call_id),
        world.reading.transcript(call_id, "json"),
        world.reading.viewer(call_id),
    ):
        assert isinstance(await outcome(work), NotFoundError)
    assert world.calls.log == [("read", CALL_ID)] * (3 if call_id == CALL_ID else 0)
    assert world.transcripts.log == world.feed.log == []
