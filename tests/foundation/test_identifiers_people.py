"""Who is one person: in a call, and across calls."""

import hashlib
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callscribe.foundation.identifiers import (
    is_hidden,
    normal_raw_id,
    participant_id,
    participant_raw_id,
    person_id,
    person_key,
)

RAW_IDS = st.from_regex(r"(4:\+?[0-9]{1,12}(_[a-z0-9]{0,4})?|8:acs:.{0,9})", fullmatch=True)


@pytest.mark.parametrize(
    ("raw_id", "in_a_call", "across_calls"),
    [
        ("4:+14255550123", "4:+14255550123", "4:+14255550123"),
        ("4:14255550123", "4:+14255550123", "4:+14255550123"),
        ("4:+14255550123_123", "4:+14255550123_123", "4:+14255550123"),
        ("4:14255550123_1_2", "4:+14255550123_1_2", "4:+14255550123"),
        ("4:1234567", "4:+1234567", "4:+1234567"),
        ("4:123456", "4:123456", "4:123456"),
        ("4:911_1", "4:911_1", "4:911"),
        ("4:+14255550123_\n", "4:+14255550123_\n", "4:+14255550123"),
        ("4:1425555\u0660\u0661\u0662\u0663", *["4:1425555\u0660\u0661\u0662\u0663"] * 2),
        ("4:anonymous_7", "4:anonymous_7", "4:anonymous_7"),
        ("8:acs:resource_user", "8:acs:resource_user", "8:acs:resource_user"),
        ("8:acs:1234567_1_2", "8:acs:1234567_1_2", "8:acs:1234567_1_2"),
        ("28:orgid:guid", "28:orgid:guid", "28:orgid:guid"),
        ("14255550123", "14255550123", "14255550123"),
        ("", "", ""),
    ],
)
def test_the_normal_form(raw_id: str, in_a_call: str, across_calls: str) -> None:
    assert normal_raw_id(raw_id) == in_a_call
    assert participant_raw_id(raw_id) == across_calls


@given(RAW_IDS)
def test_the_normal_form_is_its_own(raw_id: str) -> None:
    assert normal_raw_id(normal_raw_id(raw_id)) == normal_raw_id(raw_id)
    assert participant_raw_id(participant_raw_id(raw_id)) == participant_raw_id(raw_id)
    assert participant_raw_id(normal_raw_id(raw_id)) == participant_raw_id(raw_id)


def test_names_hold_no_number_and_are_those_that_querying_md_tells_how_to_make() -> None:
    digest = hashlib.sha256(b"4:+14255550123").hexdigest()[:32]
    assert person_id("4:14255550123") == participant_id("4:14255550123_7") == digest
    assert person_key("4:+14255550123") == f"p-{digest}"
    assert person_id("4:+14255550123_7") != digest
    assert participant_id("4:+14255550111") != participant_id("4:+14255550112")


@given(st.text() | st.just("caf\udce9"))
def test_everybody_has_a_name(raw_id: str) -> None:
    assert re.fullmatch("[0-9a-f]{32}", person_id(raw_id))
    assert re.fullmatch("[0-9a-f]{32}", participant_id(raw_id))


@pytest.mark.parametrize(
    "raw_id",
    [
        "",
        " ",
        "unknown",
        "Unknown",
        "anonymous",
        "4:anonymous",
        "4:Anonymous_7",
        "4:unknown",
        "4:",
        "8:teamsvisitor:45ab2481",
        "4:_7",
    ],
)
def test_who_is_hidden(raw_id: str) -> None:
    assert is_hidden(raw_id)


@pytest.mark.parametrize(
    "raw_id",
    ["4:+14255550123", "4:911", "8:acs:anonymous", "8:orgid:guid", "28:orgid:guid", "99:x"],
)
def test_who_is_not_hidden(raw_id: str) -> None:
    assert not is_hidden(raw_id)
