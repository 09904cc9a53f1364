from collections.abc import Mapping
from copy import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callscribe.foundation.columns import BUDGET, Columns, Value, entity_size
from callscribe.foundation.identifiers import new_call_id
from callscribe.foundation.moments import (
    Seconds,
    Ticks,
    later,
    parse_iso,
    ticks_of,
    whole_second,
)
from callscribe.stream.clock import Clock
from callscribe.stream.frames import LONGEST, Frame, Media, Metadata, Speech, Unreadable, Word
from callscribe.stream.segments import (
    Kept,
    Row,
    Segment,
    fits,
    keep,
    new_segment,
    read_segment,
    segment_columns,
    spoken_json,
)
from callscribe.stream.state import Placed, StreamState, hear, opened, place
from callscribe.stream.upstream import Kind, UpstreamEvent
from tests.stream.streaming import STREAM_ID

ANY_TEXT = st.text(st.characters() | st.characters(categories=["Cs"]))

NOW = parse_iso("2026-11-22T18:54:03.123Z")
AT = whole_second(NOW)
CLOCK = Ticks(2516998782481234400)
EVENT = UpstreamEvent(
    kind=Kind.MESSAGE,
    call_id=new_call_id(NOW, "call"),
    connection_id="connection",
    number=7,
    sequence="0000000007",
    at=AT,
    state=opened(NOW, "connection", written=True),
    body=b"frame",
)
STATE = StreamState(
    stream_id=STREAM_ID,
    seen=5,
    missing=1,
    finals=2,
    quarantined=1,
    locale="en-US",
    clock=Clock(zero=ticks_of(later(AT, Seconds(-60)))),
)


def word(text: str, offset: int | None, duration: int | None) -> Word:
    """Return a word with its place in ticks."""
    return Word(
        text,
        None if offset is None else Ticks(offset),
        None if duration is None else Ticks(duration),
    )


KEY = f"s-{AT // 1000}-{STREAM_ID}-0000000007"
SPEECH = Speech(
    text="Hello everyone.",
    final=True,
    speaker="4:+14255550111",
    offset=Ticks(590_000_000),
    duration=Ticks(9_600_000),
    confidence=0.9,
    words=(word("hello", 590_000_000, 2_800_000), word("everyone", 592_800_000, 6_800_000)),
    repaired=(),
)


def row(speech: Speech = SPEECH, state: StreamState = STATE) -> Columns:
    placed = place(state, speech, AT)
    return segment_columns(new_segment(EVENT, speech, placed), EVENT, speech, placed, NOW)


class TestSegmentRow:
    def test_its_columns_are_the_contract(self) -> None:
        assert row() == {
            "ConnectionId": "connection",
            "Sequence": 7,
            "ReceivedAt": "2026-11-22T18:54:03.123Z",
            "Seen": 5,
            "Missing": 1,
            "Kept": 3,
            "Text": "Hello everyone.",
            "SpeakerId": "4:+14255550111",
            "StartTime": "2026-11-22T18:54:02.000Z",
            "EndTime": "2026-11-22T18:54:02.960Z",
            "DurationMs": 960,
            "Confidence": 0.9,
            "Locale": "en-US",
            "WireOffset": 590_000_000,
            "Words": '[["hello",0,280],["everyone",280,680]]',
        }

    def test_what_the_wire_did_not_tell_is_left_out_and_named(self) -> None:
        bare = Speech("Hi.", True, None, None, None, None, (), ("offset", "duration"))
        assert row(bare, opened(NOW, "connection", written=True)) == {
            "ConnectionId": "connection",
            "Sequence": 7,
            "ReceivedAt": "2026-11-22T18:54:03.123Z",
            "Seen": 0,
            "Missing": 0,
            "Kept": 0,
            "Text": "Hi.",
            "StartTime": "2026-11-22T18:54:03.000Z",
            "Repaired": "offset,duration",
        }

    def test_an_offset_of_another_age_is_kept_and_named_and_tells_nothing(self) -> None:
        columns = row(replace(SPEECH, offset=Ticks(10**17), words=()))
        assert columns["WireOffset"] == 10**17
        assert columns["Repaired"] == "offset"
        assert columns["StartTime"] == "2026-11-22T18:54:02.040Z"
        assert "EndTime" not in columns

    def test_timings_that_do_not_fit_are_named(self) -> None:
        late = word("everyone", 592_800_000, 9_000_000)
        columns = row(replace(SPEECH, words=(SPEECH.words[0], late)))
        assert columns["Words"] == '[["hello",0,280],["everyone",null,null]]'
        assert columns["Repaired"] == "words"

    def test_the_language_that_was_identified_is_that_of_the_segment(self) -> None:
        assert row(replace(SPEECH, language="es-ES"))["Locale"] == "es-ES"

    def test_a_large_offset_is_kept_exactly(self) -> None:
        assert row(replace(SPEECH, offset=CLOCK, words=()))["WireOffset"] == CLOCK

    def test_a_second_of_confidence_zero_and_duration_zero_are_known(self) -> None:
        columns = row(replace(SPEECH, confidence=0.0, duration=Ticks(0), words=()))
        assert (columns["Confidence"], columns["DurationMs"]) == (0.0, 0)

    def test_long_text_goes_on_in_further_columns(self) -> None:
        columns = row(replace(SPEECH, text="a" * 200_000, words=()))
        assert len([name for name in columns if name.startswith("Text")]) == 7
        assert fits(columns)

    def test_word_timings_go_first_where_the_row_would_be_too_large(self) -> None:
        words = (word("word", 590_000_000, 1),) * 30_000
        columns = row(replace(SPEECH, text="a" * 200_000, words=words))
        assert "Words" not in columns
        assert columns["Repaired"] == "words"
        assert fits(columns)

    def test_text_beyond_the_budget_does_not_fit(self) -> None:
        assert fits(row(replace(SPEECH, text="a" * 400_000)))
        assert not fits(row(replace(SPEECH, text="a" * 500_000)))

    @given(ANY_TEXT, st.lists(st.text(), max_size=3), st.integers(0, 2**63 - 1).map(Ticks))
    def test_any_speech_is_a_row_that_reads_back(
        self, text: str, words: list[str], offset: Ticks
    ) -> None:
        spoken = tuple(Word(each, offset, Ticks(0)) for each in words)
        speech = replace(SPEECH, text=text, offset=offset, words=spoken)
        segment = read_segment("key", row(speech))
        assert segment.text == text.encode("utf-16-le", "replace").decode("utf-16-le")
        assert segment.words == tuple((each, 0, 0) for each in words)


class TestKeeping:
    def kept(self, frame: Frame) -> Kept:
        placed = hear(STATE, frame, EVENT.number, EVENT.at)
        kept = keep(EVENT, frame, placed, NOW)
        assert kept.row is None or kept.row.whole
        return kept

    @pytest.mark.parametrize("frame", [Metadata("en-US", None), Media()])
    def test_of_what_says_nothing_nothing_is_kept(self, frame: Frame) -> None:
        assert self.kept(frame) == Kept()

    def test_a_hypothesis_is_shown_and_not_stored(self) -> None:
        kept = self.kept(replace(SPEECH, final=False))
        assert (kept.row, kept.quarantined) == (None, None)
        assert kept.live is not None
        assert (kept.live["type"], kept.live["rowKey"]) == ("intermediate", KEY)

    def test_a_final_is_stored_and_shown_under_the_same_key(self) -> None:
        kept = self.kept(SPEECH)
        placed = hear(STATE, SPEECH, EVENT.number, EVENT.at)
        segment = new_segment(EVENT, SPEECH, placed)
        assert kept == Kept(
            Row(KEY, segment_columns(segment, EVENT, SPEECH, placed, NOW)),
            spoken_json(segment, final=True),
        )

    def test_what_is_too_large_for_a_row_is_shown_and_must_be_put_aside(self) -> None:
        kept = self.kept(replace(SPEECH, text="a" * 500_000))
        assert (kept.row, kept.quarantined) == (None, "too large for an entity")
        assert kept.live is not None
        assert kept.live["type"] == "segment"

    def test_what_cannot_be_read_must_be_put_aside_and_is_not_shown(self) -> None:
        assert self.kept(Unreadable("not JSON")) == Kept(quarantined="not JSON")


class TestWords:
    def times(
        self, *words: Word, offset: int | None = 100_000, longest: int | None = 50_000
    ) -> list[tuple[int | None, int | None]]:
        speech = replace(
            SPEECH,
            offset=None if offset is None else Ticks(offset),
            duration=None if longest is None else Ticks(longest),
            words=words,
        )
        segment = new_segment(EVENT, speech, place(STATE, speech, AT))
        return [(start, duration) for _, start, duration in segment.words]

    def test_are_told_from_the_beginning_of_the_segment(self) -> None:
        words = word("a", 100_000, 20_000), word("b", 120_000, 30_000)
        assert self.times(*words) == [(0, 2), (2, 3)]

    def test_run_the_other_way_on_the_inverted_clock(self) -> None:
        words = word("a", CLOCK, 20_000), word("b", CLOCK - 20_000, 30_000)
        assert self.times(*words, offset=CLOCK) == [(0, 2), (2, 3)]

    @pytest.mark.parametrize(
        "timed",
        [
            word("a", None, 10_000),
            word("a", 99_999, 10_000),
            word("a", 140_001, 10_000),
            word("a", 150_001, None),
            word("a", 100_000, -1),
            word("a", 100_000, 50_001),
        ],
    )
    def test_times_that_do_not_fit_the_segment_are_none(self, timed: Word) -> None:
        assert self.times(timed) == [(None, None)]

    def test_without_the_segments_own_place_they_begin_with_the_first(self) -> None:
        words = word("a", 100_000, 10_000), word("b", 120_000, 10_000)
        assert self.times(*words, offset=None) == [(0, 1), (2, 1)]
        assert self.times(word("a", None, 10_000), offset=None) == [(None, None)]

    def test_a_beginning_without_a_duration_is_kept(self) -> None:
        assert self.times(word("a", 120_000, None)) == [(2, None)]

    def test_without_the_segments_duration_a_day_is_the_limit(self) -> None:
        late = word("b", 100_000 + LONGEST, 1)
        assert self.times(word("a", 200_000, 10_000), late, longest=None) == [
            (10, 1),
            (None, None),
        ]


class TestReadingBack:
    def test_what_is_said_is_the_segment_that_its_row_reads_back_as(self) -> None:
        segment = new_segment(EVENT, SPEECH, place(STATE, SPEECH, AT))
        assert segment == read_segment(KEY, row())

    def test_a_row_is_the_segment_that_it_was_written_for(self) -> None:
        assert read_segment("key", row()) == Segment(
            row_key="key",
            text="Hello everyone.",
            speaker_id="4:+14255550111",
            start_time="2026-11-22T18:54:02.000Z",
            end_time="2026-11-22T18:54:02.960Z",
            duration_ms=960,
            confidence=0.9,
            locale="en-US",
            words=(("hello", 0, 280), ("everyone", 280, 680)),
            duplicate_of=None,
        )

    def test_columns_that_are_not_there_are_unknown(self) -> None:
        empty: Mapping[str, Value] = {"DurationMs": "odd", "Confidence": "odd"}
        expected = Segment("key", "", None, None, None, None, None, None, (), None)
        assert read_segment("key", empty) == expected

    def test_text_that_is_empty_is_unknown(self) -> None:
        names = "SpeakerId", "StartTime", "EndTime", "Locale", "DuplicateOf"
        expected = Segment("key", "", None, None, None, None, None, None, (), None)
        assert read_segment("key", dict.fromkeys(names, "")) == expected

    def test_a_whole_confidence_may_come_back_as_an_integer(self) -> None:
        assert read_segment("key", {"Confidence": 1}).confidence == 1.0

    @pytest.mark.parametrize(
        "words", ["[[", "{}", '[["a"]]', '[["a",1.5,1]]', '[["\ud800",1,1]]', 7]
    )
    def test_words_that_another_hand_wrote_are_left_out(self, words: Value) -> None:
        assert read_segment("key", row() | {"Words": words}) == replace(
            read_segment("key", row()), words=()
        )

    def test_what_was_said_again_names_the_first(self) -> None:
        assert read_segment("key", {"DuplicateOf": "first"}).duplicate_of == "first"


def test_a_row_fits_up_to_the_budget_and_no_further() -> None:
    room = BUDGET - entity_size({"Body": b""})
    assert fits({"Body": bytes(room)})
    assert not fits({"Body": bytes(room + 1)})


def test_a_place_without_an_end_has_no_end_time() -> None:
    placed = Placed(ticks_of(AT), None, STATE)
    segment = new_segment(EVENT, SPEECH, placed)
    assert segment.end_time is None
    assert "EndTime" not in segment_columns(segment, EVENT, SPEECH, placed, NOW)
