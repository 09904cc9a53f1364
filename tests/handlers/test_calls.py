"""Lists of calls, and a call with all that is known of it."""

from datetime import UTC, datetime
from typing import Any

import pytest
import pytest_asyncio

from callscribe.foundation.identifiers import call_keys, new_call_id, participant_id
from callscribe.foundation.moments import Ms
from callscribe.transcripts.continuation import seal
from tests.handlers.surface import Surface
from tests.handlers.wire import (
    CALLEE,
    CALLER,
    assert_refused,
    call_id_of,
    callback,
    late,
)

pytestmark = pytest.mark.asyncio(loop_scope="session")
DAY, NEXT_DAY = "2023-02-27", "2023-02-28"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def missed(app: Surface) -> list[str]:
    """Five calls of two days long ago, newest first: too late to be answered."""
    times = [f"{DAY}T0{hour}:00:00Z" for hour in (1, 2, 3)]
    times += [f"{NEXT_DAY}T0{hour}:00:00Z" for hour in (1, 2)]
    events = [late(eventTime=time) for time in times]
    assert (await app.deliver(*events)).status == 202
    return [call_id_of(event) for event in reversed(events)]


async def _list(app: Surface, query: str) -> Any:
    answer = await app.api(f"/api/calls?{query}")
    assert answer.status == 200, answer.body
    assert answer.headers["Cache-Control"] == "no-store"
    return answer.json()


async def test_calls_are_listed_newest_first_and_the_range_is_told(
    app: Surface, missed: list[str]
) -> None:
    listing = await _list(app, f"from={DAY}&to={NEXT_DAY}")
    assert (listing["from"], listing["to"]) == (DAY, NEXT_DAY)
    assert [call["callId"] for call in listing["calls"]] == missed
    assert "continue" not in listing


async def test_a_list_is_continued_where_it_was_left(app: Surface, missed: list[str]) -> None:
    found, token = [], ""
    for _ in range(3):
        page = await _list(app, f"from={DAY}&to={NEXT_DAY}&limit=2{token}")
        found.append([call["callId"] for call in page["calls"]])
        token = f"&continue={page.get('continue')}"
    assert found == [missed[:2], missed[2:4], missed[4:]]
    assert token == "&continue=None"


async def test_the_last_thirty_days_are_listed_unless_asked(app: Surface) -> None:
    call = await app.ring()
    listing = await _list(app, "")
    assert call.id in [call["callId"] for call in listing["calls"]]
    first, last = (datetime.fromisoformat(listing[name]) for name in ("from", "to"))
    assert (last - first).days == 29
    assert (datetime.now(UTC).date() - last.date()).days in (0, 1)


@pytest.mark.parametrize(
    ("name", "query"),
    [
        ("limit", "limit=0"),
        ("limit", "limit=-1"),
        ("limit", "limit=1000000000"),
        ("limit", "limit=1e9"),
        ("limit", "limit=abc"),
        ("limit", "limit=%D9%A5"),
        ("limit", "limit=1&limit=2"),
        ("limit", "limit="),
        ("from", "from=yesterday"),
        ("from", "from=2023-02-30"),
        ("from", "from=%27%20or%20PartitionKey%20ne%20%27"),
        ("from", "from=2023-02-28&to=2023-02-27"),
        ("from", "from=2020-01-01&to=2023-02-27"),
        ("from", "from=2023-02-27&from=2023-02-27"),
        ("to", "to=0000-01-01"),
        ("to", "to=10000-01-01"),
        ("continue", "continue=x"),
        ("continue", "continue=%00"),
        ("continue", "continue=W10%3D"),
        ("continue", "continue=" + "A" * 3_000),
        ("state", "state=ringing"),
        ("state", "state=ended,failed"),
        ("state", "state=missed&state=missed"),
        ("state", "state=missed%27%20or%20State%20ne%20%27"),
        ("participant", "participant=%2B14255550123"),
        ("participant", "participant=" + "A" * 32),
        ("page", "page=2"),
        ("a parameter", "%2B14255550123=2"),
        ("a parameter", "%2B14255550123=2&%2B14255550123=2"),
    ],
    ids=lambda text: text[:40],
)
async def test_a_parameter_that_is_wrong_is_named(app: Surface, name: str, query: str) -> None:
    message = assert_refused(await app.api(f"/api/calls?{query}"), 400, "badInput")
    assert message.partition(":")[0] == name
    assert "expected" in message


async def test_a_token_belongs_to_its_own_list(app: Surface, missed: list[str]) -> None:
    assert missed
    page = await _list(app, f"from={DAY}&to={NEXT_DAY}&limit=2")
    token = page["continue"]
    other = await app.api(f"/api/calls?from={DAY}&to={DAY}&continue={token}")
    assert_refused(other, 400, "badInput")
    for query in (f"from={DAY}&to={NEXT_DAY}&state=missed", f"from={DAY}&to={NEXT_DAY}&limit=1"):
        other = await app.api(f"/api/calls?{query}&continue={token}")
        assert other.status == (200 if "limit" in query else 400)
    altered = token[:-1] + ("A" if token[-1] != "A" else "B")
    again = await app.api(f"/api/calls?from={DAY}&to={NEXT_DAY}&continue={altered}")
    assert_refused(again, 400, "badInput")


@pytest.mark.parametrize(
    "reached", ["' or PartitionKey ne '", "\x00", "z" * 3_000, new_call_id(Ms(0), "long ago")]
)
async def test_a_token_is_no_way_to_other_rows(app: Surface, reached: str) -> None:
    token = seal((DAY, DAY, "", ""), f"{DAY}{reached}")
    answer = await app.api(f"/api/calls?from={DAY}&to={DAY}&continue={token}")
    assert_refused(answer, 400, "badInput")


@pytest.mark.parametrize(("state", "share"), [("missed", slice(None)), ("ended", slice(0))])
async def test_calls_are_listed_by_state(
    app: Surface, missed: list[str], state: str, share: slice
) -> None:
    listing = await _list(app, f"from={DAY}&to={NEXT_DAY}&state={state}")
    assert [call["callId"] for call in listing["calls"]] == missed[share]


async def test_calls_are_listed_by_person(app: Surface, missed: list[str]) -> None:
    """By the id of a person: a number would get into logs with the address."""
    people = app.table("Participants")
    await people.create_table()
    person = participant_id(CALLER)
    for call_id in missed[1::2]:
        key = call_keys(call_id)[1]
        await people.upsert_entity({"PartitionKey": person, "RowKey": key})
        await people.upsert_entity({"PartitionKey": person, "RowKey": f"{key} another hand's note"})
    query = f"participant={person}&from={DAY}&to={NEXT_DAY}"
    first = await _list(app, f"{query}&limit=1")
    second = await _list(app, f"{query}&limit=1&continue={first['continue']}")
    found = [call["callId"] for page in (first, second) for call in page["calls"]]
    assert found == missed[1::2]
    assert "continue" not in second
    assert (await _list(app, f"{query}&state=failed"))["calls"] == []
    assert (await _list(app, f"participant={'0' * 32}"))["calls"] == []


async def test_a_call_is_shown_with_its_timeline_and_its_connections(app: Surface) -> None:
    call = await app.ring(data={"callerDisplayName": "Ada"})
    await app.call_back(call.id, [callback(call, "CallConnected")])
    await app.upstream(call.id, b"{}", "sys.connect")
    answer = await app.api(f"/api/calls/{call.id}")
    assert answer.status == 200
    assert answer.headers["Cache-Control"] == "no-store"
    shown = answer.json()
    assert (
        shown
        | {
            "callId": call.id,
            "state": "connected",
            "from": CALLER,
            "fromName": "Ada",
            "to": CALLEE,
            "callConnectionId": call.connection_id,
        }
        == shown
    )
    assert [entry["type"] for entry in shown["timeline"]] == ["IncomingCall", "CallConnected"]
    assert len(shown["connections"]) == 1
    assert shown["gaps"] == []
    assert not {"claimId", "drives", "writeId"} & shown.keys()
