"""Dialogues: the files that come with the emulator, and what others may hold."""

import json
import unicodedata

import msgspec
import pytest

from emulator.acs.dialogues import Dialogue, load, names
from emulator.acs.errors import ServiceError
from emulator.acs.speech import make_utterance


def test_the_demo_and_a_short_one_come_along() -> None:
    assert {"short", "support-call"} <= set(names())


@pytest.mark.parametrize(
    ("name", "scripts"), [("greek-reservation", {"GREEK"}), ("right-to-left", {"HEBREW", "ARABIC"})]
)
def test_some_are_in_other_scripts(name: str, scripts: set[str]) -> None:
    letters = {sign for line in load(name).lines for sign in line.text or "" if sign.isalpha()}
    assert scripts <= {unicodedata.name(sign).split()[0] for sign in letters}


def test_the_greek_one_is_half_a_minute_of_two_people() -> None:
    lines = load("greek-reservation").lines
    assert 30 < lines[-1].at < 45
    assert {line.speaker for line in lines} == {0, 1}


@pytest.mark.parametrize("name", names())
def test_nobody_interrupts_in_a_file(name: str) -> None:
    silent = 0.0
    for line in load(name).lines:
        assert line.at >= silent
        silent = line.at + make_utterance("4:+1", line.text or "", 0, 1).duration / 10_000_000


def test_the_first_two_participants_are_the_ends_of_the_call() -> None:
    text = '{"participants":[{},{"rawId":"8:acs:a"},{"rawId":"4:+2"}],"lines":[]}'
    dialogue = msgspec.json.decode(text, type=Dialogue)
    assert dialogue.raw_ids("4:+1", "4:+3") == ("4:+1", "8:acs:a", "4:+2")


def test_those_who_are_added_are_not_known_before() -> None:
    text = '{"participants":[{},{},{"added":true},{"rawId":"4:+2","added":true}],"lines":[]}'
    dialogue = msgspec.json.decode(text, type=Dialogue)
    assert dialogue.raw_ids("4:+1", None) == ("4:+1", None, None, "4:+2")


def test_participants_may_be_left_out() -> None:
    assert Dialogue(lines=()).raw_ids("4:+1", "4:+3") == ("4:+1", "4:+3")


@pytest.mark.parametrize(
    ("dialogue", "problem"),
    [
        ({"participants": [{}, {}, {}], "lines": []}, "participant 2 needs a rawId"),
        ({"lines": [{"speaker": 2, "at": 0, "text": "Hi"}]}, "there is no participant 2"),
        ({"lines": [{"speaker": 0, "at": -1, "text": "Hi"}]}, "lines[0].at"),
        ({"lines": [{"speaker": 0, "at": 0, "text": ""}]}, "lines[0].text"),
        ({"lines": [{"speaker": 0, "at": 0}]}, "one of `text`, `keys` and `does`"),
        ({"lines": [{"speaker": 0, "at": 0, "does": "sings"}]}, "lines[0].does"),
        ({"lines": [{"speaker": 0, "at": 0, "text": "Hi", "who": 1}]}, "who"),
    ],
)
def test_a_mistake_is_named(dialogue: object, problem: str) -> None:
    with pytest.raises(msgspec.ValidationError) as refused:
        msgspec.json.decode(json.dumps(dialogue), type=Dialogue)
    assert problem in str(refused.value)


def test_an_unknown_name_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ServiceError, match="short"):
        load("../settings")
