import pytest
from hypothesis import given
from hypothesis import strategies as st

from callscribe.foundation.headers import retry_after, single_value
from callscribe.foundation.moments import Seconds

ANY_TEXT = st.text(st.characters() | st.characters(categories=["Cs"]))


def value(text: str) -> str:
    return single_value({"ce-id": text}, "ce-id")


@pytest.mark.parametrize(
    ("sent", "read"),
    [("7", "7"), (" 7 ", "7"), ("7,7", "7"), ("7, 7 ,7", "7"), ("", ""), (",", "")],
)
def test_headers_that_were_sent_twice_count_once(sent: str, read: str) -> None:
    assert value(sent) == read


def test_values_that_differ_stay_as_they_were_sent() -> None:
    assert value("7, 8") == "7, 8"


def test_a_header_that_is_not_there_is_empty() -> None:
    assert single_value({}, "ce-id") == ""


def test_a_header_that_is_not_ascii_is_made_storable() -> None:
    assert value("caf\udce9") == "caf?"


@given(ANY_TEXT)
def test_any_header_is_text_that_can_be_stored(text: str) -> None:
    value(text).encode()


@pytest.mark.parametrize(("sent", "seconds"), [("0", 0), ("7", 7), (" 60 ", 60), ("007", 7)])
def test_seconds_to_be_left_alone_are_read(sent: str, seconds: float) -> None:
    assert retry_after({"Retry-After": sent}) == Seconds(seconds)


@pytest.mark.parametrize(
    "sent", ["", "-1", "1.5", "soon", "\u0663", "Sun, 22 Nov 2026 18:54:03 GMT"]
)
def test_what_is_no_number_of_seconds_says_nothing(sent: str) -> None:
    assert retry_after({"Retry-After": sent}) is None


def test_without_the_header_nobody_asks_to_be_left_alone() -> None:
    assert retry_after({}) is None
