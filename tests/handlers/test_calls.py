"""Lists of calls, and a call with all that is known of it."""

import base64
import json
from datetime import UTC, datetime
from typing import Any

import pytest
import pytest_asyncio

from tests.handlers.surface import Surface
from tests.handlers.wire import (
    CALLEE,
    CALLER,
    assert_refused,
    call_id_of,
    callback,
    incoming,
)

pytestmark = pytest.mark.asyncio(loop_scope="session")
DAY, NEXT_DAY = "2023-02-27", "2023-02-28"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def missed(app: Surface) -> list[str]:
    """Five calls of two days long ago, newest first: too late to be answered."""
    times = [f"{DAY}T0{hour}:00:00Z" for hour in (1, 2, 3)]
    times += [f"{NEXT_DAY}T0{hour}:00:00Z" for hour in (1, 2)]
    events = [incoming(eventTime=time) for time in times]
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
    "query",
    [
        "limit=0",
        "limit=-1",
        "limit=1000000000",
        "limit=1e2",
        "limit=abc",
        "limit=%D9%A5",
        "limit=1&limit=2",
        "from=yesterday",
        "from=2023-02-30",
        "from=%27%20or%20PartitionKey%20ne%20%27",
        "from=2023-02-28&to=2023-02-27",
        "from=2020-01-01&to=2023-02-27",
        "to=0000-01-01",
        "to=10000-01-01",
        "continue=x",
        "continue=%00",
        "continue=W10%3D",
        "continue=" + "A" * 3_000,
    ],
    ids=lambda query: query[:40],
)
async def test_a_parameter_that_is_wrong_is_named(app: Surface, query: str) -> None:
    message = assert_refused(await app.api(f"/api/calls?{query}"), 400, "badInput")
    assert message.partition(":")[0] in ("limit", "from", "to", "continue")
    assert "expected" in message


async def test_a_token_belongs_to_its_own_list(app: Surface, missed: list[str]) -> None:
    assert missed
    page = await _list(app, f"from={DAY}&to={NEXT_DAY}&limit=2")
    token = page["continue"]
    other = await app.api(f"/api/calls?from={DAY}&to={DAY}&continue={token}")
    assert_refused(other, 400, "badInput")
    place = json.loads(base64.urlsafe_b64decode(token))
    place[2] = "2022-01-01' or '1' eq '1"
    altered = base64.urlsafe_b64encode(json.dumps(place).encode()).decode()
    query = f"from={DAY}&to={NEXT_DAY}&limit=2&continue={altered}"
    assert_refused(await app.api(f"/api/calls?{query}"), 400, "badInput")


@pytest.mark.parametrize("after", ["' or PartitionKey ne '", "\x00", "z" * 3_000, 5])
async def test_a_row_key_in_a_token_is_no_way_to_other_rows(
    app: Surface, missed: list[str], after: object
) -> None:
    place = [DAY, DAY, DAY, after]
    token = base64.urlsafe_b64encode(json.dumps(place).encode()).decode()
    answer = await app.api(f"/api/calls?from={DAY}&to={DAY}&continue={token}")
    if answer.status == 200:
        assert {call["callId"] for call in answer.json()["calls"]} <= set(missed)
    else:
        assert_refused(answer, 400, "badInput")


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
