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
    ms_of,
    parse_iso,
    ticks_of,
)
from callscribe.stream.frames import Metadata
from callscribe.stream.state import (
    AHEAD,
    BEHIND,
    CLOCK_FROM,
    LAST_TICK,
    UNIX_EPOCH_TICKS,
    Placed,
    StreamState,
    opened,
    place,
    start_clock,
)
from tests.stream.streaming import METADATA, NOW, TICKS, at, said


class TestClock:
    def test_the_inverted_clock_tells_the_time_by_itself(self) -> None:
        speech = said(2516998782481234400, None)
        placed = place(opened(NOW, "connection", written=True), speech, at(0))
        assert ms_of(placed.start) == parse_iso("2023-12-12T23:09:11.8765Z")
        assert (placed.end, placed.usable) == (None, True)

    def test_on_the_inverted_clock_later_offsets_are_smaller(self) -> None:
        state = opened(NOW, "connection", written=True)
        earlier = place(state, said(2516998782481234400), at(0))
        later = place(state, said(2516998782481234400 - TICKS_PER_SECOND), at(0))
        assert later.start - earlier.start == TICKS_PER_SECOND
        assert later.start == earlier.end

    @pytest.mark.parametrize(
        "offset",
        [
            None,
            CLOCK_FROM,
            LAST_TICK,
            2**63 - 1,
            LAST_TICK - UNIX_EPOCH_TICKS + 1,
            LAST_TICK - UNIX_EPOCH_TICKS - ticks_of(LATEST) - 1,
        ],
    )
    def test_an_offset_of_another_age_leaves_the_time_of_the_event(
        self, offset: int | None
    ) -> None:
        state = opened(NOW, "connection", written=True)
        start = ticks_of(at(0))
        assert place(state, said(offset), at(0)) == Placed(start, None, state, usable=False)

    def test_the_zero_is_the_time_of_the_metadata(self) -> None:
        state = start_clock(opened(NOW, "connection", written=True), METADATA, at(0))
        placed = place(state, said(212483227, 9600000), at(22))
        assert placed.start == ticks_of(at(0)) + 212483227
        assert placed.end == placed.start + 9600000
        assert placed.state == state

    def test_without_metadata_the_first_frame_ends_at_the_time_of_its_event(self) -> None:
        placed = place(opened(NOW, "connection", written=True), said(212483227, 9600000), at(0))
        assert placed.end == ticks_of(at(0))
        following = place(placed.state, said(222083227, 9600000), at(1))
        assert following.start == placed.end
        assert following.state == placed.state

    def test_without_a_duration_it_is_its_beginning_that_ends_there(self) -> None:
        placed = place(opened(NOW, "connection", written=True), said(212483227, None), at(0))
        assert (placed.start, placed.end) == (ticks_of(at(0)), None)

    @pytest.mark.parametrize(
        ("ends", "fits"),
        [(AHEAD, True), (AHEAD + 1, False), (-BEHIND, True), (-BEHIND - 1, False), (0, True)],
    )
    def test_how_far_a_frame_may_end_from_its_event(self, ends: int, *, fits: bool) -> None:
        state = start_clock(opened(NOW, "connection", written=True), METADATA, at(0))
        later = at(600)
        until = 600 * TICKS_PER_SECOND + ends
        placed = place(state, said(until - 1, 1), later)
        assert (placed.state == state) == fits
        if not fits:
            assert placed.end == ticks_of(later)

    def test_offsets_that_go_on_after_a_reconnect_set_the_zero_anew_once(self) -> None:
        state = start_clock(opened(NOW, "connection", written=True), METADATA, at(0))
        minute = 60 * TICKS_PER_SECOND
        first = place(state, said(minute, 0), at(1))
        second = place(first.state, said(minute + TICKS_PER_SECOND, 0), at(2))
        assert first.start == ticks_of(at(1))
        assert second.start == ticks_of(at(2))
        assert second.state == first.state

    def test_a_frame_said_again_does_not_spoil_the_ones_that_follow(self) -> None:
        state = start_clock(opened(NOW, "connection", written=True), METADATA, at(0))
        again = place(state, said(60 * TICKS_PER_SECOND, 0), at(1))
        fresh = place(again.state, said(2 * TICKS_PER_SECOND, 0), at(2))
        assert fresh.start == ticks_of(at(2))

    def test_metadata_starts_the_clock_anew_and_names_the_locale(self) -> None:
        state = place(opened(NOW, "connection", written=True), said(), at(0)).state
        assert state.drift is not None
        started = start_clock(state, Metadata("de-DE" + "x" * 200, None), at(0))
        assert (started.zero, started.drift) == (ticks_of(at(0)), None)
        assert len(started.locale or "") == 100
        assert start_clock(started, Metadata(None, None), at(0)) == started

    def test_nothing_is_said_before_1970(self) -> None:
        placed = place(opened(NOW, "connection", written=True), said(0, TICKS_PER_SECOND), Ms(0))
        assert (placed.start, placed.end) == (0, TICKS_PER_SECOND)

    @given(
        st.none() | st.integers(0, 2**63 - 1),
        st.none() | st.integers(0, 24 * 3600 * TICKS_PER_SECOND),
        st.integers(0, LATEST).map(Ms),
        TICKS,
    )
    def test_whatever_the_offset_the_time_can_be_written(
        self, offset: int | None, duration: int | None, moment: Ms, zero: Ticks | None
    ) -> None:
        state = StreamState(stream_id=NO_STREAM, zero=zero)
        placed = place(state, said(offset, duration), moment)
        assert 0 <= placed.start <= ticks_of(later(LATEST, Seconds(10)))
        assert placed.end is None or placed.end >= placed.start
