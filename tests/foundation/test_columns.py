import pytest
from hypothesis import given
from hypothesis import strategies as st

from callscribe.foundation.columns import (
    BINARY_BYTES,
    TEXT_UNITS,
    Value,
    entity_size,
    joined_text,
    known,
    moment_in,
    number_in,
    seconds_in,
    split_binary,
    split_text,
    text_in,
)

PARTS = st.sampled_from(["a", "é", "\U0001f600", "x" * 31_999, "\U0001f600" * 16_000])


def units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


@given(st.lists(PARTS, max_size=5).map("".join) | st.text())
def test_split_text_fits_its_columns_and_comes_back_whole(text: str) -> None:
    columns = split_text("Text", text)
    assert joined_text(columns, "Text") == text
    assert all(units(str(piece)) <= TEXT_UNITS for piece in columns.values())
    assert sum(units(str(piece)) for piece in columns.values()) == units(text)


@pytest.mark.parametrize(
    ("text", "lengths"),
    [
        ("", [0]),
        ("a" * 32_000, [32_000]),
        ("a" * 32_001, [32_000, 1]),
        ("a" * 31_999 + "\U0001f600", [31_999, 2]),
        ("a" * 31_998 + "\U0001f600", [32_000]),
        ("\U0001f600" * 32_000, [32_000, 32_000]),
    ],
)
def test_a_column_ends_before_32000_units_and_never_inside_a_pair(
    text: str, lengths: list[int]
) -> None:
    columns = split_text("Text", text)
    assert list(columns) == ["Text", "Text_2"][: len(lengths)]
    assert [units(str(piece)) for piece in columns.values()] == lengths


def test_a_lone_surrogate_does_not_stop_the_text() -> None:
    assert split_text("Text", "a\ud800b") == {"Text": "a?b"}
    assert entity_size({"Text": "a\ud800b"}) == entity_size({"Text": "a?b"})


def test_text_that_is_not_there_is_empty() -> None:
    assert joined_text({"Other": "a"}, "Text") == ""


@given(st.integers(0, 3), st.integers(-1, 1))
def test_split_binary_fits_its_columns_and_comes_back_whole(times: int, more: int) -> None:
    data = bytes(max(0, times * BINARY_BYTES + more))
    pieces = [piece for piece in split_binary("Body", data).values() if isinstance(piece, bytes)]
    assert b"".join(pieces) == data
    assert all(len(piece) <= BINARY_BYTES for piece in pieces)


def test_binary_columns_are_numbered_from_the_second() -> None:
    assert list(split_binary("Body", bytes(2 * BINARY_BYTES + 1))) == ["Body", "Body_2", "Body_3"]
    assert split_binary("Body", b"") == {"Body": b""}


def storage_counts(columns: dict[str, Value]) -> int:
    """Count as https://learn.microsoft.com/archive/blogs/avkashchauhan does for the service."""
    total = 0
    for name, value in columns.items():
        size = {str: 4 + 2 * units(str(value)), int: 8, float: 8}.get(type(value))
        total += 8 + 2 * len(name) + (4 + len(bytes(str(value), "utf-8")) if size is None else size)
    return total


@given(
    st.dictionaries(
        st.text("abcABC_123", min_size=1), st.text() | st.integers() | st.floats(), max_size=6
    )
)
def test_the_size_is_never_less_than_storage_counts(columns: dict[str, Value]) -> None:
    assert entity_size(columns) >= storage_counts(columns)


def test_bytes_count_once() -> None:
    assert entity_size({"Body": bytes(1000)}) - entity_size({"Body": b""}) == 1000


@pytest.mark.parametrize(
    ("value", "moment", "number"),
    [
        ("1970-01-01T00:00:01.002Z", 1002, None),
        ("soon", None, None),
        (7, None, 7),
        (0, None, 0),
        (1.5, None, None),
        (b"1", None, None),
    ],
)
def test_times_and_numbers_are_read_where_there_are_such(
    value: Value, moment: int | None, number: int | None
) -> None:
    assert (moment_in({"At": value}, "At"), number_in({"At": value}, "At")) == (moment, number)
    assert (moment_in({}, "At"), number_in({}, "At")) == (None, None)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (1.5, 1.5),
        (7, 7.0),
        (0, 0.0),
        (float("inf"), None),
        (float("nan"), None),
        ("1.5", None),
        (b"1", None),
    ],
)
def test_a_span_is_read_where_it_is_finite(value: Value, seconds: float | None) -> None:
    assert seconds_in({"Seconds": value}, "Seconds") == seconds
    assert seconds_in({}, "Seconds") is None


@pytest.mark.parametrize(("value", "text"), [("a", "a"), ("", None), (7, "7"), (0, "0")])
def test_text_that_is_empty_is_none(value: Value, text: str | None) -> None:
    assert text_in({"Text": value}, "Text") == text
    assert text_in({}, "Text") is None


def test_what_is_not_known_has_no_column() -> None:
    assert known(One=None, Two="", Three=0, Four=0.0, Five=b"") == {
        "Two": "",
        "Three": 0,
        "Four": 0.0,
        "Five": b"",
    }
    assert known() == {}
