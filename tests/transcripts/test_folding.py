from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callscribe.transcripts.folding import folded, folded_in_place
from tests.transcripts.said import SCRIPTS

ALIKE = {
    "case": ["Hello", "HELLO", "hello"],
    "accents": ["café", "CAFÉ", "cafe", "cafe\u0301", "CAFE\u0301"],
    "Greek capitals, which have no accent": ["Γιώργος", "ΓΙΩΡΓΟΣ", "ΓΙΏΡΓΟΣ", "γιωργος"],
    "the two forms of sigma": ["ΟΔΥΣΣΕΥΣ", "οδυσσευς", "οδυσσευσ"],
    "iota below a letter": ["ᾳ", "\u1fbc", "α", "Α"],
    "Turkish i": ["İstanbul", "istanbul", "ISTANBUL", "ıstanbul", "Istanbul", "i\u0307stanbul"],
    "German sharp s": ["Straße", "STRASSE", "STRAẞE", "strasse"],
    "strokes": ["Łódź", "Lodz", "ŁÓDŹ"],
    "pairs": ["Ærø", "AERO", "ærø"],
    "Vietnamese": ["phở", "PHO", "pho\u031b\u0309"],
    "Cyrillic": ["ещё", "ЕЩЕ", "еще"],
    "apostrophes": ["don't", "don’t", "don‘t", "don´t", "don`t", "donʼt", "DON＇T", "don′t"],
    "quotation marks": ['"yes"', "“yes”", "„yes“", "«yes»", "\u201fyes\u201f"],
    "dashes": ["forty-two", "forty–two", "forty—two", "forty\u2011two", "forty−two", "forty－two"],
    "full width": ["Order 42", "Ｏｒｄｅｒ\u3000４２"],
    "half width": ["ガラス", "ｶﾞﾗｽ", "カ\u3099ラス"],
    "digits": ["42", "٤٢", "४२", "４２"],
    "ligatures": ["fine", "\ufb01ne"],
    "dots": ["so ...", "so …"],
    "white space": ["two books", " two \n\tbooks\xa0"],
    "what is not seen": ["خوب", "خ\u200cوب", "خ\u200fو\u00adب", "خــوب", "\ufeffخوب"],
    "points": ["שלום", "שָׁלוֹם"],
    "vowels above": ["مدرسة", "مَدْرَسَة"],
    "Korean in parts": ["한국", normalize("NFD", "한국")],
    "emoji": ["❤", "❤\ufe0f"],
}
UNLIKE = [
    ("か", "が"),
    ("한", "하"),
    ("कल", "कुल"),
    ("ड", "ड\u093c"),
    ("มา", "ม้า"),
    ("ปน", "ปุน"),
    ("a", "e"),
    ("=", "≠"),
    ("don't", "dont"),
]


@pytest.mark.parametrize("kind", ALIKE)
def test_what_people_take_for_the_same_is_the_same(kind: str) -> None:
    assert len({folded(text) for text in ALIKE[kind]}) == 1


@pytest.mark.parametrize(("one", "other"), UNLIKE)
def test_what_is_another_letter_is_another(one: str, other: str) -> None:
    assert folded(one) != folded(other)


@pytest.mark.parametrize("script", SCRIPTS)
def test_composition_does_not_count_in_any_script(script: str) -> None:
    forms = {folded(normalize(form, SCRIPTS[script])) for form in ("NFC", "NFD", "NFKC", "NFKD")}
    assert forms == {folded(SCRIPTS[script])}
    assert folded(SCRIPTS[script].upper()) == folded(SCRIPTS[script])


@pytest.mark.parametrize("blank", ["", " ", "\t\u3000\xa0", "\u0301", "\u200b\xad"])
def test_of_what_does_not_count_nothing_is_left(blank: str) -> None:
    assert folded(blank) == ""


@pytest.mark.parametrize("text", [text for texts in ALIKE.values() for text in texts])
@given(st.data())
def test_places_are_those_of_the_text_itself(text: str, data: st.DataObject) -> None:
    before = data.draw(st.text())
    found = folded_in_place(before + text)
    assert found.text == folded(before + text)


@given(st.text())
def test_places_go_forward_and_cover_their_characters(text: str) -> None:
    found = folded_in_place(text)
    assert found.text == folded(text)
    assert list(found.places) == sorted(found.places)
    for character, (start, end) in zip(found.text, found.places, strict=True):
        assert 0 <= start < end <= len(text)
        assert character == " " or character in folded(text[start:end])


@given(st.text())
def test_what_is_folded_stays_so(text: str) -> None:
    assert folded(folded(text)) == folded(text)
