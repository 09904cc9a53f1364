"""Captions of utterances; what readers make of their files is in test_caption_files.py."""

from dataclasses import replace
from itertools import pairwise

import pytest

from callscribe.foundation.moments import Ms
from callscribe.stream.segments import Segment, TimedWord
from callscribe.transcripts.rendering.cues import LONGEST_MS, Cue, clock, cues
from callscribe.transcripts.rendering.lines import COLUMNS, columns_of
from callscribe.transcripts.rendering.plain import utterance
from tests.transcripts.said import BARE, CALL, HELLO, SCRIPTS, of

STORY = (
    "Well, I wanted to ask about the order that I placed last week, because only one of my two "
    "books arrived. The other one should have been in the same parcel, I think, and nobody told "
    "me anything; so I called the number on the website and waited for about twenty minutes. "
    "Could you please tell me where it is now?"
)


def at(segment: Segment, second: float, **changes: object) -> Segment:
    time = f"2026-11-22T18:54:{second:06.3f}Z"
    return replace(segment, start_time=time, **changes)  # type: ignore[arg-type] # named by tests


def spoken(text: str, *, pause: int = 60, timed: bool = True) -> Segment:
    """Return a text as it is heard: 50 ms a character, with pauses after sentences."""
    words: list[TimedWord] = []
    now = 0
    for word in text.split():
        words.append((word.strip(".,;?").lower(), now, 50 * len(word)))
        now += 50 * len(word) + (pause * 10 if word.endswith(".") else pause)
    lasts = {"duration_ms": now - pause, "words": tuple(words) if timed else ()}
    return replace(HELLO, text=text, end_time=None, **lasts)  # type: ignore[arg-type]


def named(_: Segment, line: str) -> str:
    return utterance("Front desk", line)


def shown(captions: list[Cue]) -> list[str]:
    return ["/".join(cue.lines) for cue in captions]


def times(*segments: Segment) -> list[tuple[int, int]]:
    return [(cue.start, cue.end) for cue in cues(of(CALL, segments))]


def test_times_count_from_when_the_call_rang() -> None:
    assert times(HELLO) == [(3_000, 3_500)]


def test_cues_are_in_order_and_know_their_segments() -> None:
    assert [cue.segment for cue in cues(of(CALL, [BARE, HELLO]))] == [HELLO, BARE]
    assert shown(cues(of(CALL, [BARE, HELLO]))) == ["Hello.", "Hi."]
    assert times() == []


@pytest.mark.parametrize(
    ("changes", "end"),
    [
        ({"duration_ms": 1_500}, 4_500),
        ({"words": (("a", 0, 200), ("b", 300, None), ("c", None, None))}, 3_300),
        ({"words": (("a", None, None),), "text": "a" * 20}, 4_300),
        ({"text": "short"}, 4_000),
        ({"end_time": "2026-11-22T18:54:02.000Z", "duration_ms": 400}, 3_400),
        ({"end_time": "2026-11-22T18:54:03.000Z", "duration_ms": 0}, 4_000),
        ({"end_time": "nonsense"}, 4_000),
    ],
)
def test_an_end_that_is_missing_or_impossible_is_estimated(
    changes: dict[str, object], end: int
) -> None:
    assert times(at(BARE, 3, **changes)) == [(3_000, end)]


def test_an_estimate_ends_where_the_next_begins() -> None:
    assert times(at(BARE, 3), at(HELLO, 3.4)) == [(3_000, 3_400), (3_400, 3_500)]
    assert times(at(BARE, 3), at(BARE, 3, row_key="s-3"))[0] == (3_000, 4_000)


def test_no_time_is_before_the_ring_whatever_a_row_says() -> None:
    early = replace(BARE, start_time="2026-11-22T18:53:00.000Z")
    assert times(early, replace(BARE, start_time=None, text="Ho.")) == [(0, 1_000)] * 2


@pytest.mark.parametrize(
    ("milliseconds", "written"),
    [(0, "00:00:00.000"), (3_723_004, "01:02:03.004"), (360_000_000, "100:00:00.000")],
)
def test_a_time_is_written_as_captions_do(milliseconds: int, written: str) -> None:
    assert clock(Ms(milliseconds), ".") == written
    assert clock(Ms(milliseconds), ",") == written.replace(".", ",")


def test_an_utterance_without_times_is_shown_for_as_long_as_it_takes_to_read() -> None:
    captions = cues(of(CALL, [at(BARE, 3, text=STORY)]))
    assert captions[-1].end - captions[0].start == 65 * len(STORY)
    assert len(captions) > 4


def test_a_long_utterance_is_cut_after_sentences_and_clauses() -> None:
    assert shown(cues(of(CALL, [spoken(STORY)]))) == [
        "Well, I wanted to ask about the/order that I placed last week,",
        "because only one of my two books arrived.",
        "The other one should have been/in the same parcel, I think,",
        "and nobody told me anything;/so I called the number",
        "on the website and waited/for about twenty minutes.",
        "Could you please tell me where it is now?",
    ]


@pytest.mark.parametrize("pause", [0, 60, 400])
def test_captions_begin_and_end_with_their_words(pause: int) -> None:
    segment = spoken(STORY, pause=pause)
    starts = {3_000 + start for _, start, _ in segment.words if start is not None}
    ends = {
        3_000 + start + length for _, start, length in segment.words if start is not None and length
    }
    captions = cues(of(CALL, [segment]))
    assert {cue.start for cue in captions} <= starts
    # What follows a word's last letter is said when the word ends, or a little later.
    assert all(any(0 <= cue.end - end <= 10 * pause for end in ends) for cue in captions)
    assert all(cue.end - cue.start <= LONGEST_MS for cue in captions)


def test_a_silence_is_shown_by_no_caption() -> None:
    words = (("wait", 0, 500), ("there", 60_000, 400))
    segment = at(BARE, 3, text="Wait … there.", words=words, duration_ms=60_400)
    assert times(segment)[-1] == (63_000, 63_400)
    assert times(segment)[0][0] == 3_000
    assert max(end - start for start, end in times(segment)) <= LONGEST_MS


def test_without_timings_captions_have_their_share() -> None:
    captions = cues(of(CALL, [spoken(STORY, timed=False)]))
    whole = sum(len(line) for cue in captions for line in cue.lines)
    span = captions[-1].end - captions[0].start
    for cue in captions:
        share = sum(map(len, cue.lines)) / whole
        assert (cue.end - cue.start) / span == pytest.approx(share, abs=0.03)


def test_one_word_is_shown_for_seven_seconds_at_most() -> None:
    assert times(at(BARE, 3, text="Hm.", duration_ms=57_000)) == [(3_000, 10_000)]


def test_words_that_come_at_once_are_shown_one_after_the_other() -> None:
    words = tuple((word, 0, 0) for word in STORY.split())
    captions = cues(of(CALL, [at(BARE, 3, text=STORY, words=words, duration_ms=1)]))
    assert len(captions) > 4
    for before, after in pairwise(captions):
        assert before.start < before.end <= after.start


def test_people_who_talk_at_the_same_time_are_shown_by_start() -> None:
    captions = cues(of(CALL, [spoken(STORY), at(BARE, 8, text="Sorry?")]))
    assert [cue.start for cue in captions] == sorted(cue.start for cue in captions)
    assert "Sorry?" in shown(captions)[1:-1]


def test_the_same_words_at_the_same_time_differ_in_their_end() -> None:
    """Some readers take two captions that are equal in all for one."""
    again = [replace(HELLO, row_key=f"s-{number}") for number in range(3)]
    assert times(*again) == [(3_000, 3_500), (3_000, 3_501), (3_000, 3_502)]


def test_a_name_has_room_in_the_first_caption_alone() -> None:
    first, *others = cues(of(CALL, [spoken(STORY)]), named)
    assert first.lines[0].startswith("Front desk: Well, ")
    assert not any("Front desk" in line for cue in others for line in cue.lines)
    assert max(columns_of(line) for cue in (first, *others) for line in cue.lines) <= COLUMNS
    assert shown(cues(of(CALL, [HELLO]), named)) == ["Front desk: Hello."]


@pytest.mark.parametrize("long", ["a" * 42, "1" * 42])
def test_a_name_has_a_line_of_its_own_where_no_word_has_room_beside_it(long: str) -> None:
    assert shown(cues(of(CALL, [replace(HELLO, text=long)]), named)) == [f"Front desk:/{long}"]
    slow = replace(HELLO, text=long, end_time=None, duration_ms=20_000)
    assert shown(cues(of(CALL, [slow]), named)) == [f"Front desk:/{long}"]


def test_a_number_is_no_line_of_its_own() -> None:
    """Some readers take a last line of digits for the number of a caption."""
    assert shown(cues(of(CALL, [replace(HELLO, text=f"{'a' * 42} 42")]))) == ["a" * 42, "42"]
    more = replace(HELLO, text=f"{'a' * 42} 4 2 {'b' * 40}")
    assert shown(cues(of(CALL, [more]))) == ["a" * 42, f"4 2/{'b' * 40}"]


@pytest.mark.parametrize("script", SCRIPTS)
def test_captions_of_every_script_have_all_words(script: str) -> None:
    text = f"{SCRIPTS[script]}. " * 40
    captions = cues(of(CALL, [replace(HELLO, text=text, end_time=None, duration_ms=90_000)]), named)
    found = (
        "".join("".join(cue.lines) for cue in captions).replace("\u2068", "").replace("\u2069", "")
    )
    assert found.replace(" ", "") == f"Front desk:{text}".replace(" ", "")
    assert max(columns_of(line) for cue in captions for line in cue.lines) <= COLUMNS
