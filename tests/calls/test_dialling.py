"""A key that leaked cannot dial the world."""

import pytest

from callscribe.calls.dialling import shown_number
from callscribe.calls.place_request import Place
from callscribe.calls.targets import Target
from callscribe.foundation.errors import BadInputError, ForbiddenError

US, GERMAN, USER = "4:+14255550123", "4:+4930901820", "8:acs:a_b"
ALL = ("+",)


def place(*raw_ids: str, caller: str | None = None, on_behalf_of: str | None = None) -> Place:
    return Place(tuple(map(Target, raw_ids)), caller, on_behalf_of)


@pytest.mark.parametrize(
    ("allow", "raw_ids", "allowed"),
    [
        ((), (US,), False),
        ((), (USER,), True),
        (("+1",), (US,), True),
        (("+1",), (GERMAN,), False),
        (("+1", "+4930"), (US, GERMAN), True),
        (("+1",), (US, USER, GERMAN), False),
        (ALL, (US, GERMAN), True),
    ],
)
def test_only_numbers_that_begin_so_are_called(
    allow: tuple[str, ...], raw_ids: tuple[str, ...], *, allowed: bool
) -> None:
    if allowed:
        shown_number(place(*raw_ids), allow, "+18005550199")
        return
    with pytest.raises(ForbiddenError, match="DIAL_ALLOW") as refusal:
        shown_number(place(*raw_ids), allow, "+18005550199")
    assert refusal.value.target == "to"
    assert "425555" not in str(refusal.value)
    assert "493090" not in str(refusal.value)


def test_numbers_see_the_number_of_the_request_or_the_usual_one() -> None:
    assert shown_number(place(US), ALL, "+18005550199") == "4:+18005550199"
    assert shown_number(place(US, caller="4:+18005550100"), ALL, None) == "4:+18005550100"


def test_numbers_are_not_called_without_one() -> None:
    with pytest.raises(BadInputError, match="CALLER_ID") as refusal:
        shown_number(place(US), ALL, None)
    assert refusal.value.target == "from"


def test_nobody_else_needs_one() -> None:
    assert shown_number(place(USER), (), None) is None
    assert shown_number(place(US, on_behalf_of="28:orgid:x"), ALL, "+18005550199") is None
