"""Routes: as requests say them, as calls keep them, and what they have done about a call."""

import json
from typing import Any

import pytest

from callscribe.calls.beginnings import Start
from callscribe.calls.route import (
    EVERYBODY,
    Action,
    Origin,
    Route,
    action_on,
    parse_route,
    route_in,
    route_json,
    route_text,
    routed,
)
from callscribe.calls.transcription_request import TranscriptionWish
from callscribe.foundation.errors import BadInputError
from callscribe.foundation.identifiers import participant_id
from callscribe.foundation.json_input import Json
from tests.calls.deciding import CALL

NUMBER, TEAMS, USER = "4:+18005550199", "28:orgid:01234567-89ab-cdef-0123-456789abcdef", "8:acs:a_b"
KEY = participant_id(NUMBER)
NOBODY: frozenset[str] = frozenset()
WHOLE = Route(
    raw_id=NUMBER,
    action=Action.ANSWER,
    transcription=TranscriptionWish(Start.MANUAL, "de-DE", "model", intermediate=False),
    labels=("sales",),
    origin=Origin.DEPLOYMENT,
)
TOLD: Json = {
    "rawId": NUMBER,
    "action": "answer",
    "transcription": {
        "start": "manual",
        "locale": "de-DE",
        "speechModelEndpointId": "model",
        "intermediate": False,
    },
    "labels": ["sales"],
    "origin": "deployment",
}


def parsed(key: str = KEY, /, **told: Any) -> Route:
    return parse_route(json.dumps(told).encode(), key)


def test_everything_that_is_said_is_read_and_said_again() -> None:
    assert parsed(**TOLD) == WHOLE
    assert route_json(WHOLE) == TOLD
    assert WHOLE.key == KEY


def test_the_route_of_everybody_names_nobody() -> None:
    route = parsed(EVERYBODY, action="ignore")
    assert route == Route(None, Action.IGNORE)
    assert (route.key, route_json(route)) == (EVERYBODY, {"action": "ignore", "origin": "api"})


@pytest.mark.parametrize("written", [NUMBER, "+18005550199"])
def test_a_number_is_one_person_however_it_is_written(written: str) -> None:
    assert parsed(rawId=written, action="answer").raw_id == NUMBER


@pytest.mark.parametrize(
    ("key", "told", "target"),
    [
        (KEY, {}, "rawId"),
        (KEY, {"action": "answer"}, "rawId"),
        (KEY, {"rawId": "+18005550100", "action": "answer"}, "rawId"),
        (KEY, {"rawId": "someone", "action": "answer"}, "rawId"),
        (EVERYBODY, {"rawId": NUMBER, "action": "answer"}, "rawId"),
        (EVERYBODY, {}, "action"),
        (EVERYBODY, {"action": "forward"}, "action"),
        (EVERYBODY, {"action": 1}, "action"),
        (EVERYBODY, {"action": "answer", "origin": "people"}, "origin"),
        (
            EVERYBODY,
            {"action": "answer", "transcription": {"start": "later"}},
            "transcription.start",
        ),
        (EVERYBODY, {"action": "answer", "labels": ["A"]}, "labels[0]"),
        (EVERYBODY, {"action": "answer", "connect": []}, "connect"),
        (EVERYBODY, {"action": "answer", "numbers": []}, "numbers"),
    ],
)
def test_what_is_wrong_is_named(key: str, told: dict[str, Any], target: str) -> None:
    with pytest.raises(BadInputError) as refusal:
        parsed(key, **told)
    assert refusal.value.target == target


def test_the_key_of_another_is_told() -> None:
    with pytest.raises(BadInputError, match=participant_id("4:+18005550100")):
        parsed(rawId="+18005550100", action="answer")


def test_a_call_keeps_its_route_and_has_its_labels() -> None:
    call = routed(CALL, WHOLE)
    assert (route_in(call.route), call.labels) == (WHOLE, ("sales",))
    assert routed(CALL, None) == CALL
    everybody = Route(None, Action.REJECT)
    assert route_in(route_text(everybody)) == everybody


@pytest.mark.parametrize("spoilt", [None, "", "{", "[]", '{"action": "x"}', '{"rawId": 7}'])
def test_a_route_that_cannot_be_read_is_none(spoilt: str | None) -> None:
    assert route_in(spoilt) is None


@pytest.mark.parametrize("action", Action)
@pytest.mark.parametrize("callee", [NUMBER, TEAMS, USER])
def test_whose_route_it_is_goes_by_it_whatever_the_numbers(callee: str, action: Action) -> None:
    route = Route(callee, action)
    assert action_on(callee, route, NOBODY) is action
    assert action_on(callee, route, frozenset({"+4930123456"})) is action


@pytest.mark.parametrize("route", [None, Route(None, Action.ANSWER), Route(None, Action.REJECT)])
@pytest.mark.parametrize(
    ("callee", "numbers", "speaks"),
    [
        (NUMBER, (), True),
        (TEAMS, (), True),
        ("unknown", (), True),
        (USER, (), False),
        ("8:orgid:01234567-89ab-cdef-0123-456789abcdef", (), False),
        (NUMBER, ("+18005550199",), True),
        (NUMBER, ("+4930123456",), False),
        (USER, (USER,), True),
        ("unknown", ("+4930123456",), False),
    ],
)
def test_everybodys_route_speaks_for_numbers_and_for_who_is_listed(
    callee: str, numbers: tuple[str, ...], route: Route | None, *, speaks: bool
) -> None:
    said = action_on(callee, route, frozenset(numbers))
    usual = Action.ANSWER if route is None else route.action
    assert said is (usual if speaks else Action.IGNORE)
