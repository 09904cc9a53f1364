from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callscribe.transcripts.folding import folded
from callscribe.transcripts.searching import containing, places
from tests.transcripts.said import BARE, HELLO, SCRIPTS


@pytest.mark.parametrize(
    ("text", "sought"),
    [
        ("Order forty-two arrived.", "ORDER FORTY"),
        ("Die Straße", "strasse"),
        ("ΟΔΥΣΣΕΥΣ", "οδυσσευς"),
        ("Cafe\u0301 au lait", "caf\u00e9"),
        ("caf\u00e9", "CAFE\u0301"),
        ("\uff28\uff45\uff4c\uff4c\uff4f", "hello"),
        ("\ufb01ne", "FINE"),
        ("two  spaces\nand a line", " spaces and"),
        ("\u1100\u1161", "\uac00"),
        ("İstanbul", "i\u0307stanbul"),
        ("Don't worry.", "don’t"),
        ("Ο Γιώργος είπε.", "ΓΙΩΡΓΟΣ"),
        ("at the café", "cafe"),
        ("İstanbul", "istanbul"),
        *((words, words) for words in SCRIPTS.values()),
    ],
)
def test_text_is_found_whatever_its_form(text: str, sought: str) -> None:
    said = replace(HELLO, text=text)
    assert containing(sought, [said, BARE]) == [said]


@pytest.mark.parametrize("blank", ["\u0301", "\u200b\xad"])
def test_what_does_not_count_is_found_nowhere(blank: str) -> None:
    assert not containing(blank, [HELLO])
    assert not list(places(blank, "Hello."))


def test_what_was_not_said_is_not_found() -> None:
    assert containing("caller", [HELLO, BARE]) == []
    assert containing(".*", [HELLO, BARE]) == []


@pytest.mark.parametrize(
    ("text", "sought", "shown"),
    [
        ("a cafe\u0301 and a CAFÉ", "café", ["cafe\u0301", "CAFÉ"]),
        ("Die Straße da", "strasse", ["Straße"]),
        ("  two \n books", "TWO BOOKS", ["two \n books"]),
        ("… so … so", "so", ["so", "so"]),
        ("aaaa", "aa", ["aa", "aa"]),
        ("\u1112\u1161\u11ab 한", "한", ["\u1112\u1161\u11ab", "한"]),
        ("\ufb01ne", "i", ["\ufb01"]),
        ("nothing", "else", []),
    ],
)
def test_each_place_is_that_of_the_words_themselves(
    text: str, sought: str, shown: list[str]
) -> None:
    assert [text[start:end] for start, end in places(sought, text)] == shown


@given(st.text(), st.text().filter(folded), st.text())
def test_what_was_said_is_found_where_it_was_said(before: str, sought: str, after: str) -> None:
    text = before + sought + after
    found = list(places(sought, text))
    # What follows may make one letter with it, as parts of Korean syllables do.
    assert bool(found) == (folded(sought) in folded(text))
    for start, end in found:
        assert folded(sought) in folded(text[start:end])
