"""Random conversations: their transcripts are in the order in which they were spoken.

A short run; `make storms` has the long one.
"""

from collections import Counter

import pytest

from tests.stream.conversations import Conversation
from tests.stream.spoken_order import Transcript, told

HOW_MANY = 400
STEP = 100


@pytest.mark.parametrize("first", range(0, HOW_MANY, STEP))
def test_what_is_shown_is_in_the_order_in_which_it_was_spoken(first: int) -> None:
    for seed in range(first, first + STEP):
        assert Transcript(Conversation(seed)).faults() == [], f"seed {seed}"


def test_a_seed_says_all_of_a_conversation() -> None:
    one, other = (Transcript(Conversation(7)) for _ in range(2))
    assert one.rows == other.rows


def test_the_oracle_asks_for_each_kind_of_order() -> None:
    compared: Counter[str] = Counter()
    for seed in range(60):
        transcript = Transcript(Conversation(seed))
        transcript.faults()
        compared += transcript.compared
    assert min(compared[kind] for kind in ("speaker", "beginning", "ce-time")) > 1_000


def test_an_order_that_is_wrong_is_found() -> None:
    transcript = Transcript(Conversation(2))
    shown = [transcript.of_row[segment.row_key] for segment in transcript.segments()]
    assert told(shown[0], shown[-1]) is not None
    last = max(transcript.rows)
    transcript.rows[last] = transcript.rows[last] | {"StartTime": "2026-11-22T00:00:00.000Z"}
    assert transcript.faults() != []
