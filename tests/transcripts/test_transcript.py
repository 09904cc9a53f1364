"""Which segments are shown of a call, and in which order."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callscribe.stream.segments import Segment
from callscribe.transcripts.transcript import in_order
from tests.transcripts.said import BARE, CALL, CALLER, HELLO, SILENT, of


def test_order_is_by_start_then_by_key() -> None:
    late = replace(HELLO, row_key="s-0", start_time="2026-11-22T18:54:09.000Z")
    same = replace(HELLO, row_key="s-3")
    assert in_order([late, same, HELLO]) == [HELLO, same, late]


def test_what_has_no_start_comes_first() -> None:
    unknown = replace(BARE, start_time=None)
    assert in_order([HELLO, unknown]) == [unknown, HELLO]


def test_what_was_said_again_is_left_out() -> None:
    assert in_order([HELLO, replace(BARE, duplicate_of="s-1")]) == [HELLO]


@pytest.mark.parametrize("silent", SILENT)
def test_what_shows_nothing_is_left_out(silent: str) -> None:
    assert in_order([replace(HELLO, text=silent), BARE]) == [BARE]


@given(st.permutations([HELLO, BARE, replace(HELLO, row_key="s-9", duplicate_of="s-1")]))
def test_rows_in_any_order_are_one_transcript(segments: list[Segment]) -> None:
    assert in_order(segments) == [HELLO, BARE]


def test_names_are_of_the_whole_call_whatever_is_sought() -> None:
    other = replace(BARE, speaker_id="8:acs:a_b", text="other")
    whole, some = of(CALL, [HELLO, other]), of(CALL, [HELLO, other], sought="other")
    assert some.segments == [other]
    assert some.names == whole.names
    assert whole.names.of(CALLER) == "caller"
