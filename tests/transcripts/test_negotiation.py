import pytest
from hypothesis import given
from hypothesis import strategies as st

from callscribe.transcripts.negotiation import preferred, unchanged

OFFERED = ("application/json", "text/plain", "text/vtt", "text/csv")
TAG = '"0123"'


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [
        (None, "application/json"),
        ("", "application/json"),
        ("*/*", "application/json"),
        ("text/vtt", "text/vtt"),
        ("TEXT/VTT", "text/vtt"),
        ("text/*", "text/plain"),
        ("text/vtt, text/plain", "text/plain"),
        ("text/plain;q=0.5, text/vtt", "text/vtt"),
        ("text/plain;q=0.5, text/vtt ; Q = 0.4", "text/plain"),
        ("text/*;q=0.3, text/csv;q=0.7, */*;q=0.5", "text/csv"),
        ("*/*;q=0.1, application/json;q=0, text/plain;q=0", "text/vtt"),
        ("text/*, text/plain;q=0", "text/vtt"),
        ("text/html, application/xhtml+xml, */*;q=0.8", "application/json"),
        ("text/csv;header=present;q=0.2", "text/csv"),
        ('text/csv;title="a, b;q=0"', "text/csv"),
        ("text/csv;charset=utf-8", "text/csv"),
        ("text/plain;q=0.001, text/vtt;q=0.002", "text/vtt"),
        ("text/plain;q=0.1, text/plain;q=1.000, text/vtt;q=0.9", "text/plain"),
        (" , text/vtt,,", "text/vtt"),
    ],
)
def test_what_is_wanted_most_is_chosen(accept: str | None, chosen: str) -> None:
    assert preferred(accept, OFFERED) == chosen


@pytest.mark.parametrize(
    "accept", ["application/pdf", "image/*", "*/*;q=0", "text/html, text/csv;q=0.000"]
)
def test_what_is_not_offered_cannot_be_chosen(accept: str) -> None:
    assert preferred(accept, OFFERED) is None


@pytest.mark.parametrize(
    "accept",
    ["nonsense", "text", "/", "*/vtt", "text/csv;q=2", "text/csv;q=x", "text/csv;q=0.1234"],
)
def test_what_cannot_be_read_is_left_out(accept: str) -> None:
    assert preferred(accept, OFFERED) == "application/json"
    assert preferred(f"{accept}, text/vtt;q=0.1", OFFERED) == "text/vtt"


@given(st.text())
def test_any_header_has_an_answer(accept: str) -> None:
    assert preferred(accept, OFFERED) in (*OFFERED, None)


@pytest.mark.parametrize("length", [20_000])
def test_a_long_header_takes_no_longer(length: int) -> None:
    assert preferred('a/b;x="' + '"' * length, OFFERED) in (*OFFERED, None)
    assert preferred("a/b;" + " " * length + "!", OFFERED) in (*OFFERED, None)


@pytest.mark.parametrize(
    ("header", "same"),
    [
        (None, False),
        ("", False),
        (TAG, True),
        (f"W/{TAG}", True),
        (f'"other", {TAG}', True),
        ("*", True),
        (" * ", True),
        ('"other"', False),
        ("0123", False),
        ('"012', False),
    ],
)
def test_a_version_that_is_known_is_not_sent_again(header: str | None, same: bool) -> None:  # noqa: FBT001 - a table's column
    assert unchanged(header, TAG) == same
