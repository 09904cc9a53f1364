from unicodedata import bidirectional

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callscribe.transcripts.rendering.plain import (
    is_visible,
    isolated,
    lines_of,
    on_one_line,
    utterance,
)
from tests.transcripts.said import HOSTILE, SCRIPTS, SILENT

RIGHT_TO_LEFT = {"Hebrew", "Arabic", "Syriac", "Thaana", "NKo", "Adlam"}


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("one\n[18:54:04] callee: two", "one [18:54:04] callee: two"),
        ("a\r\nb\x0bc\x0cd\x85e\u2028f\u2029g\x1ch\x1di\x1ej", "a b c d e f g h i j"),
        ("\x1b[31mred\x00\x7f\x9b", "[31mred"),
        ("\u202etxet\u202c \u2066x\u2069", "txet x"),
        ("tab\tand marks \u200f\u200e\u061c stay", "tab\tand marks \u200f\u200e\u061c stay"),
        ("", ""),
    ],
)
def test_text_is_one_line_whatever_it_holds(text: str, line: str) -> None:
    assert on_one_line(text) == line


@given(st.text())
def test_nobody_sees_more_lines_than_one(text: str) -> None:
    assert len(on_one_line(text).splitlines()) <= 1
    assert not set(on_one_line(text)) & set("\x00\x1b\x7f\u202e\u2066\u2069")


@pytest.mark.parametrize("script", SCRIPTS)
def test_words_of_every_script_stay_as_they_are(script: str) -> None:
    assert on_one_line(SCRIPTS[script]) == SCRIPTS[script]
    assert lines_of(SCRIPTS[script]) == [SCRIPTS[script]]


@pytest.mark.parametrize("text", [*SCRIPTS.values(), *HOSTILE, "?", "\u0301", "\ue000", "\u20e3"])
def test_what_can_be_seen_is_something(text: str) -> None:
    assert is_visible(text)
    assert is_visible(f"\u200b {text}")


@pytest.mark.parametrize("text", SILENT)
def test_what_cannot_be_seen_is_nothing(text: str) -> None:
    assert not is_visible(text)


def test_the_scripts_are_32() -> None:
    assert len(SCRIPTS) == 33  # and emoji


def test_lines_stay_apart_where_they_may() -> None:
    assert lines_of("a\x00\r\nb\u2028\u202ec") == ["a", "b", "c"]


@pytest.mark.parametrize("script", SCRIPTS)
def test_name_and_words_are_isolated_just_where_they_run_to_the_left(script: str) -> None:
    words = SCRIPTS[script]
    assert (script in RIGHT_TO_LEFT) == any(bidirectional(one) in ("R", "AL") for one in words)
    assert isolated(words) == (f"\u2068{words}\u2069" if script in RIGHT_TO_LEFT else words)
    if script in RIGHT_TO_LEFT:
        assert utterance("Ann", words) == f"\u2068Ann\u2069: \u2068{words}\u2069"
        assert utterance(words, "Hi.") == f"\u2068{words}\u2069: \u2068Hi.\u2069"
    else:
        assert utterance("Ann", words) == f"Ann: {words}"


@given(st.text(), st.text())
def test_nothing_said_ends_its_isolation(name: str, text: str) -> None:
    shown = utterance(on_one_line(name), on_one_line(text))
    assert (shown.count("\u2068"), shown.count("\u2069")) in ((0, 0), (2, 2))
