from dataclasses import replace

import pytest

from callscribe.transcripts.rendering.text import transcript_text
from tests.transcripts.said import BARE, CALL, HELLO, HOSTILE, SCRIPTS


def test_is_a_line_an_utterance_with_the_time() -> None:
    expected = "[18:54:03] caller: Hello.\n[18:54:04] unknown: Hi.\n"
    assert transcript_text(CALL, [BARE, HELLO]) == expected


@pytest.mark.parametrize("text", HOSTILE)
def test_an_utterance_is_one_line_whatever_it_holds(text: str) -> None:
    shown = transcript_text(CALL, [replace(HELLO, text=text)])
    assert shown == f"[18:54:03] caller: {' '.join(text.splitlines())}\n"


def test_neither_can_a_name_pretend_to_be_a_line() -> None:
    call = replace(CALL, caller_name="Eve\n[00:00:00] callee")
    assert transcript_text(call, [HELLO]) == "[18:54:03] Eve [00:00:00] callee: Hello.\n"


@pytest.mark.parametrize("script", SCRIPTS)
def test_words_of_every_script_are_intact(script: str) -> None:
    call = replace(CALL, caller_name=SCRIPTS[script])
    shown = transcript_text(call, [replace(HELLO, text=SCRIPTS[script])])
    assert shown.count(SCRIPTS[script]) == 2


def test_without_segments_it_is_empty() -> None:
    assert transcript_text(CALL, []) == ""
