from dataclasses import replace

import pytest

from callscribe.transcripts.searching import containing, folded
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
        *((words, words) for words in SCRIPTS.values()),
    ],
)
def test_text_is_found_whatever_its_form(text: str, sought: str) -> None:
    said = replace(HELLO, text=text)
    assert containing(sought, [said, BARE]) == [said]


def test_what_was_not_said_is_not_found() -> None:
    assert containing("caller", [HELLO, BARE]) == []
    assert containing(".*", [HELLO, BARE]) == []


@pytest.mark.parametrize("blank", ["", " ", "\t\u3000\xa0"])
def test_white_space_alone_is_nothing_to_look_for(blank: str) -> None:
    assert folded(blank) == ""
