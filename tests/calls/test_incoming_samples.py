"""What every sample of an incoming call and of an identity is read as."""

import json
from copy import replace

import pytest

from callscribe.calls.incoming import UNKNOWN, IncomingCall, parse_incoming
from callscribe.foundation.errors import BadInputError
from callscribe.foundation.masking import masked
from callscribe.foundation.moments import Ms
from tests.wire_samples import names, sample

RINGING = IncomingCall(
    call_id="01GBB7JDJH7RB7HQ7PP79CNS44",
    event_id="d5546be8-227a-4db8-b2c3-4f06fd675fd6",
    rang_at=Ms(1661455644241),
    caller="4:+14255550111",
    caller_name="John Doe",
    callee="8:acs:resource_user",
    server_call_id="aHR0cHM6",
    correlation_id="d732db64-4803-462d-be9c-518943ea2b7a",
    context="eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.eyJjYyI6Ikg0c0lB",
)
INCOMING = {
    "phone-number": RINGING,
    "without-custom-context": RINGING,
    "raw-id-only": RINGING,
    "on-behalf-of-callee": RINGING,
    "cloud-event": RINGING,
    "acs-user": replace(RINGING, caller="8:acs:resource_caller"),
    "unknown-kind": replace(RINGING, caller="77:pigeon"),
    "withheld": replace(RINGING, caller="4:anonymous", caller_name=None),
    "no-caller": replace(RINGING, caller=UNKNOWN, caller_name=None),
    "to-phone-number": replace(RINGING, callee="4:+18005550199"),
    "validation": None,
}
ODD_INCOMING = {
    "other-type": None,
    "cloud-event-of-other-type": None,
    "name-bad-utf-8": replace(RINGING, caller_name="caf\ufffd"),
    "name-nan": replace(RINGING, caller_name=None),
    "id-twice": RINGING,
    "callers-of-other-types": replace(
        RINGING, caller=UNKNOWN, caller_name=None, server_call_id=None, correlation_id=None
    ),
}
REFUSED = {
    "no-context": "data: .* `incomingCallContext`",
    "context-empty": r"data\.incomingCallContext: expected text",
    "context-number": r"data: .*\$\.incomingCallContext",
    "data-null": "data: Expected `object`, got `null`",
    "data-empty": "data: .* `incomingCallContext`",
    "data-number": "data: Expected `object`, got `int`",
    "data-text": "data: Expected `object`, got `str`",
    "data-list": "data: Expected `object`, got `array`",
    "no-data": "data: Expected `object`, got `null`",
    "no-type": "eventType: expected text",
    "no-id": "missing required field `id`",
    "no-time": "eventTime: expected an ISO 8601 time",
    "time-unreadable": "eventTime: expected an ISO 8601 time",
    "nan": "eventTime: expected an ISO 8601 time",
    "empty": "not JSON",
    "no-json": "not JSON",
    "binary": "not JSON",
    "null": "Expected `object`, got `null`",
    "list": "Expected `object`, got `array`",
    "nested": "nested too deeply",
    "nested-context": "nested too deeply",
}
# The raw id that an identity is known by, and what people see of it.
IDENTITIES = {
    "phone-number": ("4:+14255550111", "+•••0111"),
    "phone-number-withheld": ("4:anonymous", "+•••"),
    "phone-number-asserted": ("4:+14255550111_123", "+•••0111"),
    "communication-user": ("8:acs:resource_user",) * 2,
    "communication-user-dod": ("8:dod-acs:resource_user",) * 2,
    "communication-user-gcch": ("8:gcch-acs:resource_user",) * 2,
    "communication-user-spool": ("8:spool:user",) * 2,
    "teams-user": ("8:orgid:45ab2481-1c1c-4005-be24-0ffb879b1130",) * 2,
    "teams-user-dod": ("8:dod:45ab2481-1c1c-4005-be24-0ffb879b1130",) * 2,
    "teams-user-gcch": ("8:gcch:45ab2481-1c1c-4005-be24-0ffb879b1130",) * 2,
    "teams-visitor": ("8:teamsvisitor:45ab2481-1c1c-4005-be24-0ffb879b1130",) * 2,
    "teams-app": ("28:orgid:01234567-89ab-cdef-0123-456789abcdef",) * 2,
    "teams-app-dod": ("28:dod:01234567-89ab-cdef-0123-456789abcdef",) * 2,
    "teams-app-gcch": ("28:gcch:01234567-89ab-cdef-0123-456789abcdef",) * 2,
    "teams-extension-user": ("8:acs:resource_tenant_user",) * 2,
    "teams-extension-user-dod": ("8:dod-acs:resource_tenant_user",) * 2,
    "teams-extension-user-gcch": ("8:gcch-acs:resource_tenant_user",) * 2,
    "unknown": ("28:45ab2481-1c1c-4005-be24-0ffb879b1130",) * 2,
    "nobody": ("unknown",) * 2,
    "request-phone-number": ("4:+18005550123", "+•••0123"),
    "request-phone-number-with-kind": ("4:+1", "+•••"),
    "request-communication-user": ("8:acs:a_b",) * 2,
}


def test_every_sample_has_its_expectation() -> None:
    assert set(INCOMING) == names("incoming")
    assert set(ODD_INCOMING) | set(REFUSED) == names("odd-incoming")
    assert set(IDENTITIES) == names("identities")


@pytest.mark.parametrize("name", INCOMING)
def test_a_documented_event_is_read_as_expected(name: str) -> None:
    assert parse_incoming(sample("incoming", name)) == INCOMING[name]


@pytest.mark.parametrize("name", ODD_INCOMING)
def test_an_odd_event_loses_no_call(name: str) -> None:
    assert parse_incoming(sample("odd-incoming", name)) == ODD_INCOMING[name]


@pytest.mark.parametrize("name", REFUSED)
def test_an_event_that_cannot_be_used_is_bad_input_naming_the_field(name: str) -> None:
    with pytest.raises(BadInputError, match=REFUSED[name]):
        parse_incoming(sample("odd-incoming", name))


@pytest.mark.parametrize("name", IDENTITIES)
def test_who_calls_and_who_is_called_is_known_by_the_raw_id(name: str) -> None:
    identity = json.loads(sample("identities", name))
    event = json.loads(sample("incoming", "phone-number"))
    event["data"] |= {"from": identity, "to": identity}
    found = parse_incoming(json.dumps(event).encode())
    raw_id, shown = IDENTITIES[name]
    assert found == replace(RINGING, caller=raw_id, callee=raw_id)
    assert masked(raw_id) == shown
