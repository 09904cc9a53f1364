"""The clock as a stream's state has it: what is plain is told without the clock's other rules."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callscribe.foundation.identifiers import NO_STREAM
from callscribe.foundation.moments import (
    LATEST,
    TICKS_PER_SECOND,
    Ms,
    Seconds,
    Ticks,
    later,
    ticks_of,
)
from callscribe.stream.clock import LATE, UNKNOWN, Clock, find
from callscribe.stream.frames import Media, Metadata, Speech, Word
from callscribe.stream.state import (
    PROMPT,
    StreamState,
    handled,
    hear,
    opened,
    place,
    start_clock,
)
from tests.stream.streaming import CLOCKS, METADATA, MOMENTS, NOW, at, said

SECOND = TICKS_PER_SECOND
OPEN = start_clock(opened(NOW, "connection", written=True), METADATA, at(0))


def after(*frames: tuple[float, Speech]) -> StreamState:
    """Return the state after finals; each came so many seconds after the metadata."""
    state = OPEN
    for came, frame in frames:
        state = place(state, frame, at(came)).state
    return state


class TestMetadata:
    def test_the_zero_is_the_time_of_the_latest_metadata(self) -> None:
        assert OPEN.clock.zero == ticks_of(at(0))
        assert start_clock(OPEN, METADATA, at(9)).clock.zero == ticks_of(at(9))

    def test_voices_stay_known_so_that_their_order_holds(self) -> None:
        spoken = after((2, said(SECOND)))
        assert start_clock(spoken, METADATA, at(9)).clock.voices == spoken.clock.voices

    def test_it_names_the_language(self) -> None:
        started = start_clock(OPEN, Metadata("de-DE" + "x" * 200, None), at(0))
        assert len(started.locale or "") == 100
        assert start_clock(started, Metadata(None, None), at(0)) == started

    def test_nothing_on_a_connection_is_before_its_opening(self) -> None:
        assert opened(NOW, "connection", written=True).clock.floor == ticks_of(at(0))


class TestPlain:
    def test_a_second_final_is_at_its_offset(self) -> None:
        placed = place(after((2, said(SECOND))), said(3 * SECOND), at(5))
        assert placed.start == ticks_of(at(3))
        assert placed.end == ticks_of(at(4))
        assert (placed.repaired, placed.usable, placed.sure) == ((), True, True)
        (voice,) = placed.state.clock.voices
        assert (voice.offset, voice.start) == (3 * SECOND, ticks_of(at(3)))

    def test_the_voice_that_was_heard_last_is_the_last_one(self) -> None:
        both = after((2, said(SECOND)), (3, said(2 * SECOND, who="b")), (5, said(3 * SECOND)))
        assert [voice.offset for voice in both.clock.voices] == [2 * SECOND, 3 * SECOND]

    def test_a_hypothesis_changes_nothing(self) -> None:
        before = after((2, said(SECOND)))
        placed = place(before, said(3 * SECOND, final=False), at(5))
        assert (placed.start, placed.state) == (ticks_of(at(3)), before)

    @given(
        CLOCKS,
        st.none() | st.integers(0, 60 * SECOND),
        st.none() | st.integers(0, 20 * SECOND),
        st.integers(0, 60),
        st.booleans(),
        st.sampled_from([None, "8:acs:a_b"]),
        st.none() | st.integers(0, 60 * SECOND),
    )
    def test_what_is_plain_is_placed_as_by_the_rules_of_the_clock(
        self,
        clock: Clock,
        offset: int | None,
        duration: int | None,
        second: int,
        final: bool,  # noqa: FBT001 - drawn by Hypothesis
        who: str | None,
        word: int | None,
    ) -> None:
        words = () if word is None else (Word("a", Ticks(word)),)
        speech = said(offset, duration, final=final, who=who, words=words)
        spoken = after((3, said(SECOND)), (3, said(2 * SECOND, who="b")))
        for state in (spoken, StreamState(NO_STREAM, clock=clock), opened(NOW, "c", written=True)):
            placed = place(state, speech, at(second))
            number = next(
                (each.who for each in spoken.clock.voices if each.offset == SECOND), UNKNOWN
            )
            number = UNKNOWN if who is None else number
            found = find(state.clock, speech, number, ticks_of(at(second)), Ticks(0))
            assert (placed.start, placed.end, placed.repaired) == (
                found.start,
                found.end,
                found.repaired,
            )
            assert (placed.usable, placed.sure) == (found.usable, found.sure)
            assert placed.state.clock == found.clock


class TestWaiting:
    """A frame that took long to store holds up those behind it, whose events are late then."""

    def test_what_waited_keeps_its_place(self) -> None:
        state = handled(after((2, said(SECOND))), at(2), at(42))
        placed = hear(state, said(4 * SECOND), 3, at(42))
        assert (placed.start, placed.repaired) == (ticks_of(at(4)), ())

    def test_without_that_it_has_a_new_zero(self) -> None:
        state = handled(after((2, said(SECOND))), at(2), later(at(2), PROMPT))
        placed = hear(state, said(4 * SECOND), 3, at(42))
        assert (placed.start, placed.repaired) == (ticks_of(at(41)), ("zero",))

    def test_after_a_pause_nothing_waits(self) -> None:
        state = handled(after((2, said(SECOND))), at(2), at(42))
        assert hear(state, said(4 * SECOND), 3, at(45)).repaired == ("zero",)
        assert hear(state, said(4 * SECOND), 3, at(44)).repaired == ()

    def test_what_came_behind_a_frame_was_sent_after_that_was_said(self) -> None:
        state = handled(after((2, said(SECOND))), at(2), at(42))
        state = hear(state, said(39 * SECOND, who="b"), 3, at(42)).state
        assert state.held == (at(40), at(42))
        assert hear(state, said(4 * SECOND), 4, at(42)).repaired == ("zero",)
        assert hear(state, said(25 * SECOND), 4, at(42)).repaired == ()

    def test_the_next_ones_are_waited_for_since_the_first(self) -> None:
        state = handled(OPEN, at(2), at(42))
        assert handled(state, at(42), at(43)).held == (at(2), at(43))

    def test_a_time_that_is_not_certain_tells_nothing_of_that(self) -> None:
        state = handled(opened(NOW, "connection", written=True), at(2), at(42))
        for frame in (said(4 * SECOND), said(None), Media()):
            assert hear(state, frame, 3, at(42)).state.held == (at(2), at(42))

    def test_nothing_waits_longer_than_two_minutes(self) -> None:
        state = handled(OPEN, at(2), at(125))
        assert hear(state, Media(), 3, at(122)).state.held == (at(2), at(125))
        assert hear(state, Media(), 3, at(123)).state.held is None


@pytest.mark.parametrize("late", [0, 1])
def test_a_final_may_come_so_late(late: int) -> None:
    placed = place(after((2, said(SECOND))), said(60 * SECOND - LATE - late, 0), at(60))
    assert (placed.repaired == ("zero",)) == bool(late)


@given(
    CLOCKS,
    st.none() | st.integers(0, 2**63 - 1),
    st.none() | st.integers(0, 24 * 3600 * SECOND),
    MOMENTS,
    st.none() | st.tuples(MOMENTS, MOMENTS),
)
def test_whatever_the_offset_the_time_can_be_written(
    clock: Clock,
    offset: int | None,
    duration: int | None,
    moment: Ms,
    held: tuple[Ms, Ms] | None,
) -> None:
    state = StreamState(NO_STREAM, clock=clock, held=held)
    placed = hear(state, said(offset, duration), 3, moment)
    assert 0 <= placed.start <= ticks_of(later(LATEST, Seconds(10)))
    assert placed.end is None or placed.end >= placed.start
