from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callscribe.stream.segments import TimedWord
from callscribe.transcripts.rendering.timing import Timing


def starts(text: str, words: Sequence[TimedWord], span: int = 10_000) -> dict[str, int]:
    """Return when each word of a text begins, as far as they differ."""
    timing = Timing(text, words, span)
    place, found = 0, {}
    for word in text.split():
        place = text.index(word, place)
        found[word] = timing.start(place)
    return found


def test_a_word_is_when_it_was_heard() -> None:
    words = [("harbour", 0, 300), ("books", 400, 200), ("good", 900, 200), ("morning", 1_200, 500)]
    text = "Harbour Books, good morning."
    assert starts(text, list(words)) == {
        "Harbour": 0,
        "Books,": 400,
        "good": 900,
        "morning.": 1_200,
    }
    timing = Timing(text, words, 2_000)
    assert timing.end(text.index(",")) == 600
    assert 600 < timing.end(text.index(",") + 1) < 900
    assert timing.end(len(text)) == 2_000
    assert timing.beginnings == {0, 8, 15, 20}


def test_a_silence_belongs_to_no_word() -> None:
    timing = Timing("yes no", [("yes", 0, 500), ("no", 9_000, 500)], 9_500)
    assert (timing.end(3), timing.start(4)) == (500, 9_000)


def test_without_timings_the_text_has_its_share() -> None:
    timing = Timing("aaaa bbbbb", [("aaaa", None, None)], 10_000)
    assert (timing.start(0), timing.end(4), timing.start(5), timing.end(10)) == (
        0,
        4_000,
        5_000,
        10_000,
    )
    assert timing.beginnings == set()


def test_what_is_written_otherwise_than_heard_is_in_between() -> None:
    words = ["I", "have", "forty", "two", "books", "for", "two", "people"]
    timed = [(word, number * 1_000, 500) for number, word in enumerate(words)]
    found = starts("I have 42 books for two people", timed)
    assert found["books"] == 4_000
    assert found["people"] == 7_000
    assert 1_500 <= found["42"] <= 4_000


@pytest.mark.parametrize(
    ("text", "words", "place"),
    [
        ("你好，世界。", ["你好", "世界"], 3),
        ("สวัสดีครับ", ["สวัสดี", "ครับ"], 6),
        ("Straße da", ["STRASSE", "da"], 7),
        ("one 2 “three four” five", ["one", "two", "three", "four", "five"], 7),
        ("- don’t do", ["don't", "do"], 8),
    ],
)
def test_words_are_found_in_any_script(text: str, words: list[str], place: int) -> None:
    timing = Timing(text, [(word, 1_000 * number, 900) for number, word in enumerate(words)], 9_000)
    assert timing.start(place) % 1_000 == 0
    assert place in timing.beginnings


@pytest.mark.parametrize(
    "words",
    [
        [("a", 500, 100), ("b", 0, 100)],
        [("a", -5, 100)],
        [("b", 20_000, 100)],
        [("?", 100, 100), ("", 0, 0)],
        [("zz", 0, 100), ("b", 0, None)],
    ],
)
def test_a_timing_that_does_not_fit_is_no_other_words(words: list[TimedWord]) -> None:
    timing = Timing("a b", words, 10_000)
    assert 0 <= timing.start(0) <= timing.start(2) <= 10_000
    assert timing.end(3) == 10_000


def test_a_text_may_be_empty() -> None:
    assert Timing("", [], 500).end(0) == 0


@given(
    st.text(),
    st.lists(st.tuples(st.text(), st.none() | st.integers(), st.none() | st.integers())),
    st.integers(1, 100_000),
)
def test_times_run_forward_whatever_a_row_says(
    text: str, words: list[TimedWord], span: int
) -> None:
    timing = Timing(text, [*words, *((word, 10, 5) for word in text.split())], span)
    before = 0
    for place in range(len(text)):
        start, end = timing.start(place), timing.end(place + 1)
        assert before <= start <= end <= span
        before = end
