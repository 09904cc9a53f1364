"""Labels: as requests have them, in one column, and as keys."""

import pytest

from callscribe.calls.labels import MOST_LABELS, label_key, labels_in, parse_labels, written
from callscribe.foundation.errors import BadInputError


def test_labels_are_read_in_their_order() -> None:
    assert parse_labels(["vip", "order-4711"]) == ("vip", "order-4711")
    assert parse_labels([]) == ()
    assert len(parse_labels([f"l{n}" for n in range(MOST_LABELS)])) == MOST_LABELS


@pytest.mark.parametrize(
    ("told", "target"),
    [
        (None, "labels"),
        ("vip", "labels"),
        ([f"l{n}" for n in range(MOST_LABELS + 1)], "labels"),
        (["vip", "vip"], "labels"),
        (["VIP"], "labels[0]"),
        (["ok", "a|b"], "labels[1]"),
        (["x" * 41], "labels[0]"),
        (["\u0660"], "labels[0]"),
        ([7], "labels[0]"),
    ],
)
def test_what_is_no_label_is_named(told: object, target: str) -> None:
    with pytest.raises(BadInputError) as refusal:
        parse_labels(told)
    assert refusal.value.target == target


def test_each_has_a_key_that_says_nothing() -> None:
    assert label_key("vip") == "f9505a739a8fb8e851942c3f973d4bbb"
    assert label_key("vip") != label_key("vip2")


def test_each_can_be_found_in_the_text() -> None:
    assert written(["order-4711", "vip"]) == "|order-4711|vip|"
    assert written([]) == ""


def test_what_is_written_is_read() -> None:
    assert labels_in("|order-4711|vip|") == ("order-4711", "vip")
    assert labels_in(None) == ()
