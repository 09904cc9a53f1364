"""How long is waited before the next try."""

from dataclasses import replace

import pytest

from callscribe.calls.transcription import (
    delay,
    failed,
)
from tests.calls.deciding import after
from tests.calls.transcribing import (
    ON,
    RETRY,
    RUNS,
)


@pytest.mark.parametrize(("ran", "tries"), [(60, 5), (60.001, 1)])
def test_what_ran_for_a_minute_is_tried_as_if_for_the_first_time(ran: float, tries: int) -> None:
    assert RUNS.runs
    part = replace(RUNS, tries=4, runs=replace(RUNS.runs, since=after(-ran)))
    assert failed(part, 3, RETRY, ON).tries == tries


def test_pauses_grow_to_25_seconds_and_the_first_two_are_spread_widely() -> None:
    longest = (4, 4, 4, 8, 16, 25, 25)
    for tries, most in enumerate(longest, start=1):
        found = [delay(f"call {number}", tries) for number in range(1_000)]
        least = 0.2 if tries <= 2 else 0.8
        assert least * most <= min(found) < (least + 0.02) * most
        assert 0.98 * most < max(found) <= most
    assert delay("call", 1_000) <= 25


def test_a_pause_is_the_same_however_often_it_is_decided_upon() -> None:
    assert delay("call", 3) == delay("call", 3) != delay("other", 3)
