"""ACS's lists of participants, in each of their shapes."""

import json

import pytest

from callscribe.calls.incoming import UNKNOWN
from callscribe.calls.participants import MOST_PEOPLE, Participant, Roster, parse_roster
from tests.wire_samples import names, sample

# By the names of samples; all others are somebody.
HIDDEN = {"phone-number-withheld", "teams-visitor", "nobody"}


def listed(identifier: object, **more: object) -> dict[str, object]:
    return {"identifier": identifier, "isMuted": False, "isOnHold": False} | more


def only(item: object) -> Participant:
    roster = parse_roster([item], 1)
    assert roster is not None
    (person,) = roster.people
    return person


@pytest.mark.parametrize("name", sorted(names("identities")))
def test_every_kind_of_identifier_is_somebody(name: str) -> None:
    identifier = json.loads(sample("identities", name))
    expected = Participant(identifier["rawId"] or UNKNOWN, hidden=name in HIDDEN)
    assert only(listed(identifier)) == only(identifier) == expected


def test_a_number_that_is_withheld_is_hidden_though_it_is_told() -> None:
    identifier = {"rawId": "4:+14255550123", "phoneNumber": {"isAnonymous": True}}
    assert only(listed(identifier)) == Participant("4:+14255550123", hidden=True)


def test_who_is_muted_and_who_is_on_hold() -> None:
    identifier = {"rawId": "8:acs:a_b"}
    assert only(listed(identifier, isMuted=True)) == Participant("8:acs:a_b", muted=True)
    assert only(listed(identifier, isOnHold=True)) == Participant("8:acs:a_b", on_hold=True)
    assert only(listed(identifier, isMuted="yes", isOnHold=1)) == Participant("8:acs:a_b")


@pytest.mark.parametrize(
    "item", [None, 7, "4:+1", [], {}, listed(None), listed({"rawId": 7}), listed("4:+1")]
)
def test_who_cannot_be_read_is_there_all_the_same(item: object) -> None:
    assert only(item) == Participant(UNKNOWN, hidden=True)


@pytest.mark.parametrize(("number", "read"), [(0, 0), (7, 7), (None, None), ("7", None)])
def test_a_list_has_its_number(number: object, read: int | None) -> None:
    assert parse_roster([], number) == Roster(read, ())


@pytest.mark.parametrize("participants", [None, {}, "4:+1", 7])
def test_what_is_no_list_is_none(participants: object) -> None:
    assert parse_roster(participants, 1) is None


def test_a_list_has_an_end() -> None:
    roster = parse_roster([{}] * 100_000, 1)
    assert roster is not None
    assert len(roster.people) == MOST_PEOPLE
