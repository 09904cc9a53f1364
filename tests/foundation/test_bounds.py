"""Whatever comes from outside, what is kept of it fits a column, and a dozen of it a row."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callscribe.foundation.bounds import (
    LONGEST_HEADER,
    LONGEST_ID,
    LONGEST_MESSAGE,
    LONGEST_MESSAGE_BODY,
    LONGEST_NAME,
    LONGEST_REQUEST_BODY,
    check_sizes,
    code_in,
    code_of,
    id_of,
    message_of,
    name_of,
    own_id,
)
from callscribe.foundation.columns import BUDGET, TEXT_UNITS, entity_size
from callscribe.foundation.errors import TooLargeError
from callscribe.trust.tokens import LONGEST_TOKEN

# Takes two UTF-16 code units.
WIDE = "\U0001f600"
LONG = WIDE * 70_000


def units(text: str | None) -> int:
    return len((text or "").encode("utf-16-le")) // 2


def test_what_is_kept_fits_a_column_and_a_dozen_of_it_a_row() -> None:
    kept = [id_of(WIDE * LONGEST_ID), own_id(LONG), message_of(LONG), name_of(LONG)]
    assert all(0 < units(text) <= TEXT_UNITS for text in kept)
    row = {f"Column{number}": WIDE * max(LONGEST_ID, LONGEST_MESSAGE) for number in range(12)}
    assert entity_size(row) < BUDGET


def test_an_id_is_kept_whole_or_not_at_all() -> None:
    assert id_of("a" * LONGEST_ID) == "a" * LONGEST_ID
    assert [id_of(value) for value in ("a" * (LONGEST_ID + 1), "", None, 7, b"a")] == [None] * 5


def test_ids_that_are_too_long_still_differ() -> None:
    one, other = own_id("a" * 40_000), own_id("a" * 40_001)
    assert one != other
    assert own_id("a" * LONGEST_ID) == "a" * LONGEST_ID
    assert own_id("\udce9" * 40_000)


def test_texts_for_people_are_cut() -> None:
    assert message_of("a" * 40_000) == "a" * LONGEST_MESSAGE
    assert name_of("a" * 40_000) == "a" * LONGEST_NAME
    assert [(message_of(value), name_of(value)) for value in ("", None, 7)] == [(None, None)] * 3


@pytest.mark.parametrize("code", [0, 8522, -7, 2**31 - 1])
def test_a_code_that_fits_its_column_is_kept(code: int) -> None:
    assert code_of(code) == code


@pytest.mark.parametrize("value", [2**31, -(2**31), 10**11, 10**300, True, 1.0, "7", None])
def test_what_is_no_code_or_fits_no_column_is_none(value: object) -> None:
    assert code_of(value) is None


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("8522", 8522),
        ("2147483647", 2**31 - 1),
        ("2147483648", None),
        ("12345678901", None),
        ("9" * 10_000, None),
        ("", None),
        ("-1", None),
        ("Forbidden", None),
        ("\u0667", None),
    ],
)
def test_a_code_may_be_text(text: str, code: int | None) -> None:
    assert code_in(text) == code


@given(st.text() | st.integers() | st.floats() | st.none() | st.booleans())
def test_whatever_comes_is_kept_or_none(value: object) -> None:
    for keep in (id_of, message_of, name_of, code_of):
        keep(value)
    if isinstance(value, str):
        own_id(value)
        code_in(value)


@pytest.mark.parametrize("longest", [LONGEST_MESSAGE_BODY, LONGEST_REQUEST_BODY])
def test_a_body_may_be_as_long_as_it_may_be_and_no_longer(longest: int) -> None:
    check_sizes({}, b"x" * longest, longest)
    with pytest.raises(TooLargeError, match=f"the body: expected {longest} bytes"):
        check_sizes({}, b"x" * (longest + 1), longest)


def test_no_header_may_be_too_long_and_none_is_named() -> None:
    check_sizes({"a": "x" * LONGEST_HEADER, "b": "x" * LONGEST_HEADER}, b"", 0)
    with pytest.raises(TooLargeError) as refused:
        check_sizes({"a": "", "secret": "secret" * LONGEST_HEADER}, b"", 0)
    assert "secret" not in str(refused.value)


def test_the_longest_message_of_web_pubsub_and_the_longest_token_fit() -> None:
    assert LONGEST_MESSAGE_BODY >= 1024 * 1024
    assert len("Bearer ") + LONGEST_TOKEN <= LONGEST_HEADER
