"""What a dial tells of itself, and which dial is no event of ours before anything is read."""

import json
from dataclasses import replace

import pytest

from callscribe.calls.call import Call
from callscribe.foundation.errors import UnauthorizedError
from callscribe.foundation.identifiers import new_call_id
from callscribe.foundation.moments import Seconds, later
from callscribe.stream.dialled import Dial, agrees, dial_of, ticketed
from callscribe.stream.upstream import Kind
from tests.fakes.world import World
from tests.stream.streaming import NOW

CALL_ID = new_call_id(NOW, "call")
TICKET = "t" * 43
LONGEST = Seconds(7_200)
NOBODY = Dial("", "", None, None, ())
HEADERS = {"ce-type": "azure.webpubsub.sys.connect", "ce-id": "0", "ce-connectionid": "connection"}


def body(**query: list[str]) -> bytes:
    return json.dumps({"query": {"call": [CALL_ID], "ticket": [TICKET]} | query}).encode()


def test_a_dial_tells_call_and_ticket_and_whom_acs_dials_for() -> None:
    headers = {
        "X-MS-Call-Connection-Id": ["connection", "another"],
        "x-ms-call-correlation-id": ["correlation"],
        "Authorization": ["Bearer one", "Bearer two"],
    }
    query = {"call": ["call"], "ticket": ["ticket"]}
    told = json.dumps({"claims": {}, "query": query, "headers": headers}).encode()
    tokens = ("Bearer one", "Bearer two")
    assert dial_of(told) == Dial("call", "ticket", "connection", "correlation", tokens)


def test_nothing_of_it_is_printed_that_proves_anything() -> None:
    assert "secret" not in repr(Dial("call", "secret", None, None, ("Bearer secret",)))


@pytest.mark.parametrize(
    "odd",
    [
        b"",
        b"[]",
        b"{}",
        b'{"query": [], "headers": 7}',
        b'{"query": {"call": "text", "ticket": []}, "headers": {"authorization": "text"}}',
        b'{"query": {"call": [7], "ticket": [null]}, "headers": {"authorization": [7]}}',
        b'{"headers": {"x-ms-call-connection-id": [""], "x-ms-call-correlation-id": []}}',
    ],
)
def test_what_cannot_be_read_is_not_told(odd: bytes) -> None:
    assert dial_of(odd) == NOBODY


def test_of_two_calls_or_tickets_none_is_chosen() -> None:
    assert dial_of(body(call=["one", "two"], ticket=[TICKET, TICKET])) == NOBODY


def test_the_event_of_a_dial_with_a_ticket_is_of_the_call_that_its_address_names() -> None:
    event = ticketed(HEADERS | {"ce-userid": "somebody"}, body(), NOW, LONGEST)
    assert (event.kind, event.call_id) == (Kind.CONNECT, CALL_ID)
    assert (event.connection_id, event.body) == ("connection", body())


@pytest.mark.parametrize(
    "query",
    [
        {"call": []},
        {"call": ["x"]},
        {"call": [CALL_ID.lower()]},
        {"call": [f"{CALL_ID}/"]},
        {"ticket": []},
        {"ticket": ["x"]},
        {"ticket": [f"{TICKET}="]},
        {"ticket": [TICKET, TICKET]},
    ],
)
def test_call_and_ticket_have_a_form(query: dict[str, list[str]]) -> None:
    with pytest.raises(UnauthorizedError):
        ticketed(HEADERS, body(**query), NOW, LONGEST)


@pytest.mark.parametrize(
    ("seconds", "good"), [(0, True), (7_200, True), (7_201, False), (-7_200, True), (-7_201, False)]
)
def test_a_call_that_cannot_be_up_is_none(seconds: int, *, good: bool) -> None:
    now = later(NOW, Seconds(seconds))
    if good:
        assert ticketed(HEADERS, body(), now, LONGEST).call_id == CALL_ID
    else:
        with pytest.raises(UnauthorizedError):
            ticketed(HEADERS, body(), now, LONGEST)


@pytest.mark.parametrize(
    ("told", "known", "agree"),
    [
        ("one", "one", True),
        ("one", "other", False),
        (None, "other", True),
        ("one", None, True),
        (None, None, True),
    ],
)
def test_a_dial_is_for_the_calls_own_connection_as_far_as_both_know_it(
    told: str | None, known: str | None, *, agree: bool
) -> None:
    call: Call = replace(World().usual(), connection_id=known)
    assert agrees(replace(NOBODY, connection_id=told), call) is agree
