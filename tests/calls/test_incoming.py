import json

import pytest

from callscribe.calls.incoming import (
    LARGEST_EVENT,
    UNKNOWN,
    IncomingCall,
    is_ours,
    parse_incoming,
)
from callscribe.foundation.bounds import LONGEST_ID, LONGEST_NAME
from callscribe.foundation.errors import BadInputError

Fields = dict[str, object]


def a_call(**changes: object) -> bytes:
    """Return the body of an event whose data has fields changed; Ellipsis leaves one out."""
    data: Fields = {"incomingCallContext": "context"} | changes
    return an_event(data={name: value for name, value in data.items() if value is not ...})


def an_event(**changes: object) -> bytes:
    event: Fields = {
        "id": "event",
        "eventType": "Microsoft.Communication.IncomingCall",
        "eventTime": "2022-08-25T19:27:24.2415391Z",
        "data": {"incomingCallContext": "context"},
    } | changes
    return json.dumps({name: value for name, value in event.items() if value is not ...}).encode()


def read(body: bytes) -> IncomingCall:
    incoming = parse_incoming(body)
    assert incoming is not None
    return incoming


def test_a_redelivery_is_the_same_call() -> None:
    assert read(a_call()).call_id == read(a_call(callerDisplayName="Jane")).call_id
    assert read(an_event(id="other")).call_id != read(an_event()).call_id


def test_the_context_is_not_shown() -> None:
    assert "context" not in repr(read(a_call(incomingCallContext="my-context"))).lower()


@pytest.mark.parametrize(
    ("identifier", "raw_id"),
    [
        (..., UNKNOWN),
        (None, UNKNOWN),
        ("4:+1", UNKNOWN),
        ({}, UNKNOWN),
        ({"rawId": ""}, UNKNOWN),
        ({"rawId": 7}, UNKNOWN),
        ({"rawId": "8:" + "a" * 1000}, UNKNOWN),
        ({"rawId": "4:anonymous"}, "4:anonymous"),
        ({"rawId": "99:new", "kind": "newKind"}, "99:new"),
    ],
)
def test_a_withheld_or_unknown_caller_is_answered_all_the_same(
    identifier: object, raw_id: str
) -> None:
    incoming = read(a_call(**{"from": identifier, "to": identifier}))
    assert (incoming.caller, incoming.callee) == (raw_id, raw_id)


def test_fields_that_are_not_text_are_empty() -> None:
    incoming = read(a_call(callerDisplayName=7, serverCallId=None, correlationId=[]))
    assert (incoming.caller_name, incoming.server_call_id, incoming.correlation_id) == (
        None,
        None,
        None,
    )


def test_a_display_name_has_a_length_that_can_be_stored() -> None:
    assert read(a_call(callerDisplayName="a" * 100_000)).caller_name == "a" * LONGEST_NAME


def test_ids_that_are_too_long_do_not_cost_the_call() -> None:
    incoming = read(a_call(serverCallId="a" * 40_000, correlationId="a" * 40_000))
    assert incoming.server_call_id is incoming.correlation_id is None
    one, other = read(an_event(id="a" * 40_000)), read(an_event(id="a" * 40_001))
    assert len(one.event_id) <= LONGEST_ID
    assert one.call_id != other.call_id


def test_broken_text_and_repeated_keys_do_not_lose_the_call() -> None:
    broken = a_call(callerDisplayName="HERE").replace(b"HERE", b"caf\xe9")
    assert read(broken).caller_name == "caf\ufffd"
    assert read(an_event().replace(b'{"id"', b'{"id": "first", "id"')).event_id == "event"


@pytest.mark.parametrize(
    "other",
    ["Microsoft.EventGrid.SubscriptionValidationEvent", "Microsoft.Communication.CallEnded", ""],
)
def test_an_event_of_another_type_is_none(other: str) -> None:
    assert parse_incoming(an_event(eventType=other, data=..., eventTime=...)) is None


def test_an_event_in_the_schema_of_cloud_events_is_the_same_call() -> None:
    names = {"type": "Microsoft.Communication.IncomingCall", "time": "2022-08-25T19:27:24.2415391Z"}
    assert read(an_event(eventType=..., eventTime=..., **names)) == read(an_event())
    assert parse_incoming(an_event(eventType=..., type="Microsoft.Communication.CallEnded")) is None


def test_fields_of_the_other_schema_cannot_spoil_an_event() -> None:
    assert read(an_event(type=7, time=[])) == read(an_event())


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "not JSON"),
        (b"\xff\xfe", "not JSON"),
        (b"[" * 10_000 + b"]" * 10_000, "."),
        (b"[]", "Expected `object`, got `array`"),
        (b"{}", "missing required field `id`"),
        (an_event(id=""), r"\$\.id"),
        (an_event(id=7), r"\$\.id"),
        (an_event(eventType=...), "eventType: expected text"),
        (an_event(eventType=..., type=7), "eventType: expected text"),
        (an_event(eventType=7), r"\$\.eventType"),
        (an_event(eventTime=...), "eventTime: expected an ISO 8601 time"),
        (an_event(eventTime=7), r"\$\.eventTime"),
        (an_event(eventTime="soon"), "eventTime: expected an ISO 8601 time"),
        (an_event(data=...), "data: Expected `object`, got `null`"),
        (an_event(data=7), "data: Expected `object`, got `int`"),
        (an_event(data={}), "data: .* `incomingCallContext`"),
        (a_call(incomingCallContext=7), r"data: .*\$\.incomingCallContext"),
        (a_call(incomingCallContext=""), r"data\.incomingCallContext: expected text"),
        (b'{"id": NaN}', "."),
        (b" " * (LARGEST_EVENT + 1), "expected at most 1048576"),
    ],
)
def test_an_event_that_cannot_be_used_is_bad_input_naming_the_field(
    body: bytes, message: str
) -> None:
    with pytest.raises(BadInputError, match=message):
        parse_incoming(body)


def test_an_allow_list_takes_numbers_and_raw_ids() -> None:
    numbers = frozenset({"+14255550111", "8:acs:resource_user"})
    assert is_ours("4:+14255550111", numbers)
    assert is_ours("8:acs:resource_user", numbers)
    assert not is_ours("4:+14255550112", numbers)
    assert not is_ours(UNKNOWN, numbers)


@pytest.mark.parametrize("callee", ["4:+18005550199", "4:18005550199", "4:+18005550199_1"])
@pytest.mark.parametrize("listed", ["+18005550199", "4:+18005550199", "4:18005550199"])
def test_a_number_is_on_the_list_with_and_without_its_plus(callee: str, listed: str) -> None:
    assert is_ours(callee, frozenset({listed}))
    assert not is_ours(callee, frozenset({listed.replace("9", "8")}))


def test_without_an_allow_list_every_number_is_ours() -> None:
    assert is_ours(UNKNOWN, frozenset())
