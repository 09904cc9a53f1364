from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from callscribe.foundation.moments import Ms
from callscribe.stream.segments import Segment
from callscribe.transcripts.rendering.text import transcript_text
from tests.transcripts.said import BARE, CALL, HELLO, HOSTILE, RANG, SCRIPTS, of

HEAD = """\
Call: 01KB5Z, inbound, ended
Date: 2026-11-22, 18:54:00, not ended yet
Time zone: UTC
Participants: caller
Report: not made yet

"""


def said_at(clock: str, text: str) -> Segment:
    return replace(HELLO, text=text, row_key=f"s-{clock}", start_time=f"2026-11-22T{clock}.000Z")


def test_has_a_head_and_a_line_an_utterance_with_the_time() -> None:
    expected = "[18:54:03] caller: Hello.\n[18:54:04] unknown: Hi.\n"
    assert transcript_text(of(CALL, [BARE, HELLO])) == HEAD + expected


def test_one_speakers_lines_in_a_row_are_together() -> None:
    last = said_at("18:54:09", "Again.")
    again = replace(HELLO, row_key="s-3", text="It is me.", start_time="2026-11-22T18:54:03.600Z")
    assert transcript_text(of(CALL, [HELLO, again, BARE, last])) == HEAD + (
        "[18:54:03] caller: Hello.\n"
        "           It is me.\n"
        "[18:54:04] unknown: Hi.\n"
        "[18:54:09] caller: Again.\n"
    )


def test_who_goes_on_is_told_with_the_time_each_minute() -> None:
    said = [
        said_at(f"18:{clock}", clock) for clock in ("54:06", "54:54", "55:12", "56:11", "56:12")
    ]
    assert transcript_text(of(CALL, said)).removeprefix(HEAD) == (
        "[18:54:06] caller: 54:06\n           54:54\n"
        "[18:55:12] caller: 55:12\n           56:11\n"
        "[18:56:12] caller: 56:12\n"
    )


def test_times_are_those_of_the_readers_zone() -> None:
    shown = transcript_text(of(CALL, [HELLO], zone=ZoneInfo("Asia/Kathmandu")))
    assert "Date: 2026-11-23, 00:39:00, not ended yet\n" in shown
    assert "Time zone: Asia/Kathmandu (UTC+05:45)\n" in shown
    assert shown.endswith("\n\n[00:39:03] caller: Hello.\n")


def test_another_day_is_told() -> None:
    night = replace(HELLO, row_key="s-3", start_time="2026-11-23T00:00:01.000Z")
    shown = transcript_text(of(CALL, [HELLO, night]))
    expected = "[18:54:03] caller: Hello.\n\n2026-11-23\n\n[00:00:01] caller: Hello.\n"
    assert shown == HEAD + expected


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("before", [[], [replace(HELLO, row_key="s-0", text="Before.")]])
def test_an_utterance_is_one_line_whatever_it_holds(text: str, before: list[Segment]) -> None:
    said = [*before, replace(HELLO, text=text)]
    _, _, lines = transcript_text(of(CALL, said)).partition("\n\n")
    line = " ".join(text.splitlines()).strip()
    first = "[18:54:03] caller: "
    assert lines == (f"{first}Before.\n           {line}\n" if before else f"{first}{line}\n")


def test_neither_can_a_name_pretend_to_be_a_line() -> None:
    call = replace(CALL, caller_name="Eve\n[00:00:00] callee")
    shown = transcript_text(of(call, [HELLO]))
    assert shown.endswith("\n[18:54:03] Eve [00:00:00] callee: Hello.\n")
    assert "\nParticipants: Eve [00:00:00] callee (caller)\n" in shown


@pytest.mark.parametrize("script", SCRIPTS)
def test_words_of_every_script_are_intact(script: str) -> None:
    call = replace(CALL, caller_name=SCRIPTS[script])
    shown = transcript_text(of(call, [replace(HELLO, text=SCRIPTS[script])]))
    assert shown.count(SCRIPTS[script]) == 3


def test_without_segments_it_is_the_head() -> None:
    call = replace(CALL, ended_at=Ms(RANG + 5_000))
    assert transcript_text(of(call, [])) == (
        "Call: 01KB5Z, inbound, ended\nDate: 2026-11-22, 18:54:00 to 18:54:05\nTime zone: UTC\n"
        "Participants: nobody known\nReport: not made yet\n\n"
    )
