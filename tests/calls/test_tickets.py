"""A ticket is the call's own for as long as it holds, and the record shows none of it."""

import hashlib
import json
import secrets
from dataclasses import replace

import pytest

from callscribe.calls.call import Call, State
from callscribe.calls.tickets import (
    MOST_LIVE,
    TICKET_BYTES,
    holds,
    is_ticket,
    live,
    with_ticket,
)
from callscribe.foundation.moments import Ms
from tests.calls.deciding import NOW, a_call, after

TICKET, OTHER = "t" * 43, "o" * 43
LATER = after(3_600)


def given(*tickets: str, until: Ms = LATER) -> Call:
    call = a_call(State.CONNECTED)
    for ticket in tickets:
        call = with_ticket(call, ticket, until, NOW)
    return call


def test_what_is_made_of_random_bytes_has_the_form_of_a_ticket() -> None:
    assert is_ticket(secrets.token_urlsafe(TICKET_BYTES))
    assert is_ticket("-_" + "aZ09" * 10 + "b")


@pytest.mark.parametrize("text", ["", "t" * 42, "t" * 44, "t" * 42 + "=", "t" * 42 + "+", "ü" * 43])
def test_what_has_another_form_is_none(text: str) -> None:
    assert not is_ticket(text)
    assert not is_ticket(f"{TICKET}\n")


def test_only_its_hash_and_its_end_are_kept() -> None:
    call = given(TICKET)
    assert TICKET not in repr(call)
    sha256 = hashlib.sha256(TICKET.encode()).hexdigest()
    assert json.loads(call.tickets or "") == [{"sha256": sha256, "until": LATER}]


def test_a_call_holds_its_own_tickets_and_no_others() -> None:
    call = given(TICKET, OTHER)
    assert holds(call, TICKET, NOW)
    assert holds(call, OTHER, NOW)
    assert not holds(call, "x" * 43, NOW)
    assert not holds(a_call(State.CONNECTED), TICKET, NOW)


def test_a_ticket_ends() -> None:
    call = given(TICKET)
    assert holds(call, TICKET, Ms(LATER - 1))
    assert not holds(call, TICKET, LATER)


def test_one_that_has_ended_is_forgotten_with_the_next() -> None:
    call = with_ticket(given(TICKET), OTHER, after(7_200), LATER)
    assert len(json.loads(call.tickets or "")) == 1
    assert holds(call, OTHER, LATER)


def test_of_more_than_eight_live_ones_the_oldest_goes() -> None:
    tickets = [f"{number:043d}" for number in range(MOST_LIVE + 1)]
    call = given(*tickets)
    assert [holds(call, each, NOW) for each in tickets] == [False] + [True] * MOST_LIVE


@pytest.mark.parametrize(
    "spoilt", ["", "[]", "x", "{}", "[1]", '[{"sha256": 1, "until": 2}]', "\ud800"]
)
def test_what_another_hand_spoilt_lets_nobody_in(spoilt: str) -> None:
    call = replace(a_call(State.CONNECTED), tickets=spoilt)
    assert not holds(call, TICKET, NOW)
    assert holds(with_ticket(call, TICKET, LATER, NOW), TICKET, NOW)


def test_a_hash_that_another_hand_wrote_is_compared_like_any_other() -> None:
    odd = json.dumps([{"sha256": "ü", "until": LATER}])
    assert not holds(replace(a_call(State.CONNECTED), tickets=odd), TICKET, NOW)


def test_how_many_are_live_is_known() -> None:
    assert live(given(), NOW) == 0
    assert live(given("a" * 43, "b" * 43), NOW) == 2
    assert live(given("a" * 43, "b" * 43), LATER) == 0
