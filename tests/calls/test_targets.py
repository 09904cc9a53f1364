"""Whom a request may want on a call: numbers and raw ids, each read in one way or refused."""

from typing import Any

import pytest

from callscribe.calls import targets
from callscribe.calls.targets import Target, target_of, targets_of
from callscribe.foundation.errors import BadInputError

GUID = "01234567-89ab-cdef-0123-456789abcdef"
NUMBER = "4:+14255550123"


@pytest.mark.parametrize(
    ("value", "raw_id"),
    [
        ("+14255550123", NUMBER),
        (NUMBER, NUMBER),
        ("+2901234", "4:+2901234"),
        ("+123456789012345", "4:+123456789012345"),
        ("8:acs:resource_user", "8:acs:resource_user"),
        ("8:gcch-acs:resource_user", "8:gcch-acs:resource_user"),
        (f"8:orgid:{GUID}", f"8:orgid:{GUID}"),
        (f"8:gcch:{GUID}", f"8:gcch:{GUID}"),
        (f"28:orgid:{GUID}", f"28:orgid:{GUID}"),
    ],
)
def test_who_can_be_called(value: str, raw_id: str) -> None:
    assert target_of(value, "to") == Target(raw_id)


@pytest.mark.parametrize(
    "value",
    [
        None,
        7,
        [],
        "",
        "nobody",
        "14255550123",
        "4:14255550123",
        "+1425555012a",
        "+04255550123",
        "+1 425 555 0123",
        "+1234567890123456",
        "4:+14255550123_1",
        "\uff18:acs:user",
        "8:acs:",
        "8:orgid:me",
        "8:teamsvisitor:me",
        "28:app",
        f"29:orgid:{GUID}",
        "4:anonymous",
        "8:acs:" + "x" * 2_000,
    ],
)
def test_nobody_else_can(value: Any) -> None:
    with pytest.raises(BadInputError, match=r"^to: expected") as refusal:
        target_of(value, "to")
    assert refusal.value.target == "to"


@pytest.mark.parametrize("number", ["112", "911", "+911", "+1911", "+49112", "4:+44999"])
def test_short_and_emergency_numbers_are_never_called(number: str) -> None:
    with pytest.raises(BadInputError, match=r"emergency numbers are never called"):
        target_of(number, "to")


def test_a_target_may_have_a_name_and_a_role() -> None:
    told = {"id": "+14255550123", "name": "Ann O'Neill", "role": "agent"}
    assert target_of(told, "to") == Target(NUMBER, "Ann O'Neill", "agent")
    assert target_of({"id": NUMBER}, "to") == Target(NUMBER)


@pytest.mark.parametrize(
    ("told", "field"),
    [
        ({}, "to.id"),
        ({"id": "x"}, "to.id"),
        ({"id": NUMBER, "name": ""}, "to.name"),
        ({"id": NUMBER, "name": 7}, "to.name"),
        ({"id": NUMBER, "name": "x" * 201}, "to.name"),
        ({"id": NUMBER, "name": "two\nlines"}, "to.name"),
        ({"id": NUMBER, "role": "x" * 41}, "to.role"),
        ({"id": NUMBER, "phone": "1"}, "to.phone"),
        ({"id": NUMBER, "x" * 900: 1}, "to." + "x" * 197),
    ],
)
def test_what_is_wrong_with_a_target_is_named(told: Any, field: str) -> None:
    with pytest.raises(BadInputError) as refusal:
        target_of(told, "to")
    assert refusal.value.target == field
    assert str(refusal.value).startswith(f"{field}: ")


def test_one_is_a_group_of_one() -> None:
    assert targets_of("+14255550123", "to") == (Target(NUMBER),)
    assert targets_of(["+14255550123", "8:acs:a_b"], "to") == (
        Target(NUMBER),
        Target("8:acs:a_b"),
    )


@pytest.mark.parametrize(
    ("value", "field"),
    [
        ([], "to"),
        (["+14255550123"] * 51, "to"),
        (["+14255550123", "x"], "to[1]"),
        (["+14255550123", {"id": NUMBER}], "to[1]"),
    ],
)
def test_of_a_group_the_one_that_is_wrong_is_named(value: Any, field: str) -> None:
    with pytest.raises(BadInputError) as refusal:
        targets_of(value, "to")
    assert refusal.value.target == field


def test_resource_accounts_of_teams() -> None:
    assert targets.teams_app_in(f"28:orgid:{GUID}", "onBehalfOf") == f"28:orgid:{GUID}"
    for wrong in (None, "28:app", f"8:orgid:{GUID}"):
        with pytest.raises(BadInputError, match=r"^onBehalfOf: "):
            targets.teams_app_in(wrong, "onBehalfOf")


def test_numbers_are_told_from_others() -> None:
    assert targets.is_number(NUMBER)
    assert not targets.is_number("8:acs:a_b")


def test_objects_are_told_from_others() -> None:
    assert targets.object_in({"a": 1}, "body") == {"a": 1}
    with pytest.raises(BadInputError, match=r"body: expected an object"):
        targets.object_in([], "body")
