import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callscribe.calls.call_events import CallEvent, parse_callbacks
from callscribe.calls.participants import Participant, Roster
from callscribe.foundation.bounds import LONGEST_ID, LONGEST_MESSAGE
from callscribe.foundation.errors import BadInputError

Event = dict[str, object]


def an_event(data: object = ..., **changes: object) -> Event:
    fields: Event = {
        "id": "event",
        "type": "Microsoft.Communication.CallConnected",
        "time": "2025-06-17T17:20:12.588Z",
        "data": {"callConnectionId": "connection"} if data is ... else data,
    } | changes
    return {name: value for name, value in fields.items() if value is not ...}


def dumped(document: object) -> bytes:
    return json.dumps(document).encode()


def parsed(*events: object) -> tuple[CallEvent, ...]:
    return parse_callbacks(dumped(events)).events


def test_types_that_say_nothing_to_us_are_events_too() -> None:
    assert [each.type for each in parsed(an_event(type="Other.Thing"))] == ["Other.Thing"]


def test_missing_and_additional_fields_are_no_trouble() -> None:
    (event,) = parsed(an_event(time=..., more=[1]))
    assert event == CallEvent("event", "CallConnected", None, "connection")


@pytest.mark.parametrize(
    "odd",
    [
        {"resultInformation": "fine", "transcriptionUpdate": 7},
        {"resultInformation": {"code": "200", "subCode": 2**31, "message": 7}},
        {"resultInformation": {"code": -(2**31), "subCode": 1.5}, "serverCallId": 7},
        {"resultInformation": {"code": 12_345_678_901, "subCode": True}},
        {"resultInformation": None, "transcriptionUpdate": {"transcriptionStatusDetails": 7}},
        {"correlationId": [], "serverCallId": None, "resultInformation": {}},
    ],
)
def test_odd_fields_are_left_out_and_the_event_still_counts(odd: Event) -> None:
    (event,) = parsed(an_event({"callConnectionId": "connection"} | odd, time=7))
    assert event == CallEvent("event", "CallConnected", None, "connection")


def test_every_text_has_a_length_that_can_be_stored() -> None:
    long = "a" * 100_000
    data = {
        "callConnectionId": "connection",
        "serverCallId": long,
        "correlationId": long,
        "resultInformation": {"code": 500, "subCode": 9999, "message": long},
        "transcriptionUpdate": {"transcriptionStatusDetails": long},
    }
    (event,) = parsed(an_event(data))
    assert (event.code, event.sub_code) == (500, 9999)
    assert event.message == event.details == "a" * LONGEST_MESSAGE
    assert event.server_call_id is event.correlation_id is None


def test_what_an_event_is_about_and_who_is_there_are_told() -> None:
    data: Event = {
        "callConnectionId": "connection",
        "operationContext": "t3",
        "participants": [{"identifier": {"rawId": "4:+14255550111"}, "isMuted": True}],
        "sequenceNumber": 7,
    }
    roster = Roster(7, (Participant("4:+14255550111", muted=True),))
    (event,) = parsed(an_event(data, type="Microsoft.Communication.ParticipantsUpdated"))
    assert (event.context, event.roster) == ("t3", roster)
    (event,) = parsed(an_event(data | {"operationContext": "a" * 40_000}))
    assert (event.context, event.roster) == (None, None)


def test_an_event_whose_own_id_or_type_is_too_long_counts_and_is_told_from_others() -> None:
    one, other = parsed(an_event(id="a" * 40_000, type="b" * 40_000), an_event(id="a" * 40_001))
    assert len(one.id) <= LONGEST_ID
    assert len(one.type) <= LONGEST_ID
    assert one.id != other.id


@pytest.mark.parametrize(
    ("bad", "problem"),
    [
        (7, "Expected `object`, got `int`"),
        ({}, "missing required field `id`"),
        (an_event(id=""), "length >= 1 - at `$.id`"),
        (an_event(type=7), "Expected `str`, got `int` - at `$.type`"),
        (an_event(data="text"), "Expected `object`, got `str` - at `$.data`"),
        (an_event(data={}), "missing required field `callConnectionId` - at `$.data`"),
        (an_event(data={"callConnectionId": ""}), "length >= 1 - at `$.data.callConnectionId`"),
        (an_event(data={"callConnectionId": "a" * 2_001}), "length <= 2000 - at `$.data.call"),
    ],
)
def test_a_bad_event_is_named_and_does_not_spoil_the_good_ones(bad: object, problem: str) -> None:
    found = parse_callbacks(dumped([an_event(id="a"), bad, an_event(id="b")]))
    assert [event.id for event in found.events] == ["a", "b"]
    assert len(found.problems) == 1
    assert found.problems[0].startswith("event 1: ")
    assert problem in found.problems[0]


def test_nothing_but_bad_events_is_bad_input() -> None:
    with pytest.raises(BadInputError, match=r"event 0: .*; event 1: "):
        parse_callbacks(b"[{}, 7]")


def test_one_event_alone_is_read_like_a_list_of_one() -> None:
    assert parse_callbacks(dumped(an_event())) == parse_callbacks(dumped([an_event()]))
    with pytest.raises(BadInputError, match=r"event 0: .*`id`"):
        parse_callbacks(b"{}")


def test_an_empty_list_holds_no_event_and_no_problem() -> None:
    found = parse_callbacks(b"[]")
    assert (found.events, found.problems) == ((), ())


@pytest.mark.parametrize("body", [b"", b"null", b'"text"', b"\xff", b"[" * 100_000])
def test_what_is_neither_a_list_nor_an_event_is_bad_input(body: bytes) -> None:
    with pytest.raises(BadInputError):
        parse_callbacks(body)


@given(st.binary() | st.lists(st.dictionaries(st.text(), st.text())).map(dumped))
def test_whatever_comes_is_read_or_bad_input(body: bytes) -> None:
    with suppress(BadInputError):
        parse_callbacks(body)
