from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callscribe.transcripts.rendering.lines import COLUMNS, Layout, columns_of
from callscribe.transcripts.rendering.plain import is_visible
from tests.transcripts.said import SCRIPTS

EMOJI = ["👩‍👩‍👧‍👦", "🏳️‍🌈", "🇺🇳", "👍🏽", "❤️"]


def pieces(text: str) -> list[str]:
    layout = Layout(text)
    return [layout.line(number, number + 1) for number in range(len(layout.pieces))]


def lines(text: str, taken: int = 0) -> list[str] | None:
    layout = Layout(text)
    last = len(layout.pieces)
    middle = layout.second_line(0, last, taken)
    if middle is None:
        return None
    return [line for line in (layout.line(0, middle), layout.line(middle, last)) if line]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("two  words,\tthen more", ["two", "words,", "then", "more"]),
        ("Bonjour\u00a0! Ça va\u202f?", ["Bonjour\u00a0!", "Ça", "va\u202f?"]),
        ("well-known e-mail", ["well-known", "e-mail"]),
        ("你好，世界。", ["你", "好，", "世", "界。"]),
        ("「はい」とキャッチ", ["「は", "い」", "と", "キャッ", "チ"]),
        ("第5章の A社", ["第", "5", "章", "の", "A", "社"]),
        ("한국어 문장", ["한국어", "문장"]),
        ("か\u3099行", ["か\u3099", "行"]),
        ("字\u200d字", ["字\u200d字"]),
        ("a \u200b b \u3164", ["a", "b"]),
        ("สวัสดีครับ ครับ", ["สวัสดีครับ", "ครับ"]),
        ("👍🏽👍🏽", ["👍🏽👍🏽"]),
        ("", []),
    ],
)
def test_a_text_is_broken_where_its_script_allows(text: str, found: list[str]) -> None:
    assert pieces(text) == found


@pytest.mark.parametrize("emoji", EMOJI)
def test_what_is_too_long_is_cut_between_characters_as_they_are_seen(emoji: str) -> None:
    found = pieces(emoji * 60)
    assert len(found) > 1
    assert "".join(found) == emoji * 60
    assert {piece.replace(emoji, "") for piece in found} == {""}


@pytest.mark.parametrize("text", ["e\u0301" * 60, "เน็" * 60, "ทำ" * 60, "\u1112\u1161\u11ab" * 40])
def test_marks_stay_with_their_letters(text: str) -> None:
    found = pieces(text)
    assert "".join(found) == text
    assert {piece[0] for piece in found} == {text[0]}


def test_what_is_too_long_is_cut_where_words_are_heard() -> None:
    text = "สวัสดีครับ" * 8
    layout = Layout(text, lambda: {10 * number for number in range(8)})
    assert [text[start:end] for start, end in layout.pieces] == ["สวัสดีครับ"] * 8
    short = Layout("สวัสดีครับ", lambda: {3})
    assert len(short.pieces) == 1


def test_a_mark_is_not_where_a_word_begins() -> None:
    text = "ก็" * 40
    assert all(start % 2 == 0 for start, _ in Layout(text, lambda: {1, 3, 5}).pieces)


@pytest.mark.parametrize(
    ("text", "columns"), [("abc", 3), ("åb", 2), ("你好", 4), ("Ａ１", 4), ("", 0)]
)
def test_wide_characters_take_two_columns(text: str, columns: int) -> None:
    assert columns_of(text) == columns


@pytest.mark.parametrize(
    ("text", "taken", "found"),
    [
        ("short", 0, ["short"]),
        ("a" * 42, 0, ["a" * 42]),
        ("a" * 42 + " b", 0, ["a" * 42, "b"]),
        ("a" * 42, 5, ["a" * 42]),
        ("a" * 30 + " " + "b" * 30, 20, None),
        ("a" * 40 + " " + "b" * 40 + " c", 0, ["a" * 40, "b" * 40 + " c"]),
        ("a" * 42 + " " + "b" * 42 + " c", 0, None),
        ("well, I thought of it and then I did something", 0,
         ["well, I thought of it", "and then I did something"]),
        ("I thought of all of it. And then I did it too", 0,
         ["I thought of all of it.", "And then I did it too"]),
        ("one two three four five, and six seven eight", 0,
         ["one two three four five,", "and six seven eight"]),
        ("the answer that I was told by her is that 42", 0,
         ["the answer that I was", "told by her is that 42"]),
        ("a" * 42 + " 42", 0, None),
    ],
)  # fmt: skip
def test_lines_are_even_and_broken_where_a_reader_pauses(
    text: str, taken: int, found: list[str] | None
) -> None:
    assert lines(text, taken) == found


def test_a_name_may_have_the_first_line_alone() -> None:
    layout = Layout("a" * 42)
    assert layout.second_line(0, 1, 5) == 0
    assert Layout("1" * 42).second_line(0, 1, 5) == 0


@pytest.mark.parametrize(
    ("text", "weight"),
    [("Yes. No", 2), ("Yes, no", 1), ("“Yes.” No", 2), ("(yes), no", 1), ("yes no", 0),
     ("はい。い", 2), ("نعم؟ لا", 2), ("نعم، لا", 1), ("a – b", 0)],
)  # fmt: skip
def test_the_end_of_a_sentence_weighs_more_than_that_of_a_clause(text: str, weight: int) -> None:
    layout = Layout(text)
    last = next(
        number
        for number, (before, after) in enumerate(pairwise(layout.pieces), start=1)
        if weight == 0 or text[before[1] - 1] not in "はい"
    )
    assert layout.weight(last) == layout.weight(last) == weight


@given(st.text(), st.sets(st.integers(0, 30)))
def test_pieces_have_all_that_can_be_seen_and_fit_a_line(text: str, heard: set[int]) -> None:
    layout = Layout(text, lambda: heard)
    found = [text[start:end] for start, end in layout.pieces]
    assert all(map(is_visible, found))
    seen = [each for each in "".join(found) if is_visible(each)]
    assert seen == [each for each in text if is_visible(each) and not each.isspace()]
    for number in range(len(found)):
        assert layout.columns(number, number + 1) == columns_of(found[number])
    assert layout.columns(1, 1) == 0
    assert layout.line(1, 1) == ""


@pytest.mark.parametrize("script", SCRIPTS)
def test_lines_of_every_script_are_not_too_wide(script: str) -> None:
    layout = Layout(" ".join([SCRIPTS[script]] * 9))
    for first in range(len(layout.pieces)):
        for last in range(first + 1, len(layout.pieces) + 1):
            middle = layout.second_line(first, last, 0)
            if middle is not None:
                assert max(layout.columns(first, middle), layout.columns(middle, last)) <= COLUMNS
