"""Places among the calls that may be placed at the same time."""

import pytest

from callscribe.calls.slots import Slot, Slots, slots_of
from callscribe.foundation.moments import Ms
from tests.calls.deciding import NOW, after

TWO = Slots((Slot("one", 1, NOW), Slot("three", 3, after(-90))))


def test_so_many_fit() -> None:
    assert TWO.fits(6, 10, "new")
    assert not TWO.fits(7, 10, "new")
    assert Slots().fits(10, 10, "new")
    assert not Slots().fits(11, 10, "new")


def test_a_request_that_is_repeated_keeps_its_places() -> None:
    assert TWO.fits(9, 10, "three")
    assert TWO.taken("three", 2, NOW).slots == (Slot("one", 1, NOW), Slot("three", 2, NOW))


@pytest.mark.parametrize(
    ("active", "kept"), [({"three"}, {"one", "three"}), (set(), {"one"}), ({"other"}, {"one"})]
)
def test_calls_that_are_over_leave_theirs(active: set[str], kept: set[str]) -> None:
    """One that has just begun may not be listed yet."""
    assert {each.call_id for each in TWO.without_ended(active, NOW).slots} == kept


def test_a_place_that_was_taken_by_a_clock_that_was_ahead_is_left_too() -> None:
    assert Slots((Slot("a", 1, after(3_600)),)).without_ended(set(), NOW) == Slots()


def test_what_is_written_is_read() -> None:
    assert slots_of(TWO.columns()) == TWO
    assert slots_of(Slots().columns()) == Slots()
    assert slots_of({}) == Slots()


@pytest.mark.parametrize("spoilt", [b"x", b"a b c", b"a 1", b"\xff 1 1", "text", 7])
def test_what_another_hand_spoilt_takes_none(spoilt: bytes | str | int) -> None:
    assert slots_of({"Slots": spoilt}) == Slots()


def test_the_row_holds_as_many_as_may_be_set() -> None:
    many = Slots(tuple(Slot(f"{n:026d}", 1, Ms(NOW + n)) for n in range(1_000)))
    (column,) = many.columns().values()
    assert isinstance(column, bytes)
    assert len(column) <= 64 * 1024
