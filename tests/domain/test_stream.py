import base64
import itertools
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callscribe.domain.frames import Frame, Metadata, Speech, Unreadable
from callscribe.domain.identifiers import NO_TAG, connection_tag, lost_tag
from callscribe.domain.moments import LATEST, parse_iso
from callscribe.domain.stream import (
    AHEAD,
    BEHIND,
    CLOCK_FROM,
    LAST_TICK,
    TICKS_PER_MS,
    TICKS_PER_SECOND,
    UNIX_EPOCH_TICKS,
    Placed,
    StreamState,
    count_frame,
    count_gap,
    encode,
    mark_written,
    opened,
    opened_at,
    place,
    restore,
    start_clock,
)

ANY_TEXT = st.text(st.characters() | st.characters(categories=["Cs"]))

NOW = parse_iso("2026-11-22T18:54:03.123Z")
SECOND = NOW // 1000
METADATA = Metadata("en-US", "subscription")
COUNTS = st.integers(0, 2**31 - 1)
TICKS = st.none() | st.integers(-(10**17), 10**17)


def said(
    offset: int | None = 0, duration: int | None = TICKS_PER_SECOND, *, final: bool = True
) -> Speech:
    return Speech("Hello.", final, "8:acs:a_b", offset, duration, 0.9, (), ())


def state_with(*numbers: int | None, frame: Frame = METADATA) -> StreamState:
    """Return the state of a connection after frames with these event numbers."""
    state = opened(NOW, written=True)
    for number in numbers:
        state = count_frame(state, frame, number)
    return state


def encoded(document: object) -> str:
    return base64.b64encode(json.dumps(document).encode()).decode()


class TestTravelling:
    @given(
        st.builds(
            StreamState,
            tag=st.from_regex("[0-9]{13}", fullmatch=True),
            written=st.booleans(),
            last=COUNTS,
            seen=COUNTS,
            missing=COUNTS,
            metadata=COUNTS,
            locale=st.text(max_size=100),
            zero=TICKS,
            drift=TICKS,
        )
    )
    def test_the_state_survives_its_header(self, state: StreamState) -> None:
        assert restore(encode(state), "connection") == state

    def test_it_is_small_enough_for_a_header(self) -> None:
        large = 2**31 - 1
        state = StreamState(
            tag=connection_tag(LATEST),
            written=True,
            last=large,
            seen=large,
            missing=large,
            metadata=large,
            intermediates=large,
            finals=large,
            quarantined=large,
            locale="zh-Hant-TW",
            zero=10**17,
            drift=-(10**17),
        )
        assert len(encode(state)) < 400
        assert len(encode(opened(NOW, written=True))) < 80

    @pytest.mark.parametrize(
        "header",
        [
            "",
            "eyJrZXkiOiJhIn0=",
            "not base64!",
            "caf\xe9",
            "\ud800",
            "A" * 100_000,
            base64.b64encode(b"[" * 100_000).decode(),
            base64.b64encode(b'{"tag": "\xff"}').decode(),
            encoded([]),
            encoded({"tag": "1"}),
            encoded({"tag": NO_TAG + "\n"}),
            encoded({"tag": "../../../etc/p"}),
            encoded({"tag": NO_TAG, "seen": -1}),
            encoded({"tag": NO_TAG, "seen": 2**31}),
            encoded({"tag": NO_TAG, "seen": "1"}),
            encoded({"tag": NO_TAG, "zero": 10**18}),
            encoded({"tag": NO_TAG, "locale": "x" * 101}),
        ],
    )
    def test_one_that_is_lost_or_not_ours_starts_anew(self, header: str) -> None:
        assert restore(header, "one") == StreamState(tag=lost_tag("one"))
        assert restore(header, "one") != restore(header, "two")

    @given(ANY_TEXT | st.binary().map(lambda data: base64.b64encode(data).decode()))
    def test_no_header_raises(self, header: str) -> None:
        assert len(restore(header, "connection\udce9").tag) == 13

    def test_when_it_was_opened_is_known_unless_the_state_was_lost(self) -> None:
        assert opened_at(opened(NOW, written=False)) == NOW
        assert opened_at(restore("", "connection")) is None

    def test_whether_its_row_is_written_travels_too(self) -> None:
        unwritten = opened(NOW, written=False)
        assert not unwritten.written
        assert mark_written(unwritten) == opened(NOW, written=True)

    @given(st.integers(0, 2**31 - 1), st.integers(0, LATEST // 1000), st.integers(0, 10**17 - 1))
    def test_every_state_that_we_write_can_be_read(
        self, number: int, second: int, offset: int
    ) -> None:
        fullest = StreamState(tag=NO_TAG, seen=2**31 - 1, missing=2**31 - 1, finals=2**31 - 1)
        state = count_frame(fullest, said(), number)
        placed = place(state, said(offset, 24 * 3600 * TICKS_PER_SECOND), second)
        assert restore(encode(placed.state), "connection") == placed.state


class TestCounting:
    @pytest.mark.parametrize(
        ("frame", "name"),
        [
            (METADATA, "metadata"),
            (said(), "finals"),
            (said(final=False), "intermediates"),
            (Unreadable("not JSON"), "quarantined"),
        ],
    )
    def test_every_frame_counts_as_what_it_is(self, frame: Frame, name: str) -> None:
        state = state_with(2, 3, frame=frame)
        assert (state.seen, getattr(state, name), state.missing, state.last) == (2, 2, 0, 3)
        kinds = state.metadata + state.finals + state.intermediates + state.quarantined
        assert kinds == state.seen

    @pytest.mark.parametrize("first", [1, 2])
    def test_the_first_message_may_be_event_1_or_2(self, first: int) -> None:
        assert state_with(first, first + 1).missing == 0

    def test_a_jump_is_suspected_missing(self) -> None:
        assert state_with(3).missing == 1
        assert state_with(2, 4).missing == 1
        assert state_with(2, 4, 5, 8).missing == 3

    def test_a_redelivery_with_the_new_state_changes_nothing(self) -> None:
        state = state_with(2, 3)
        assert count_frame(state, METADATA, 3) == state
        assert count_frame(state, METADATA, 2) == state

    def test_a_redelivery_with_the_old_state_comes_to_the_same(self) -> None:
        before = state_with(2)
        assert count_frame(before, said(), 5) == count_frame(before, said(), 5)
        assert count_frame(count_frame(before, said(), 5), said(), 5).missing == 2

    @given(st.lists(st.integers(0, 50), min_size=1, unique=True).map(sorted), st.data())
    def test_repeated_events_count_once_and_the_sum_is_right(
        self, numbers: list[int], data: st.DataObject
    ) -> None:
        repeated = [
            number for number in numbers for _ in range(data.draw(st.integers(1, 3), label="times"))
        ]
        assert state_with(*repeated) == state_with(*numbers)
        gaps = sum(after - before - 1 for before, after in itertools.pairwise(numbers))
        assert state_with(*numbers).missing == gaps + max(0, numbers[0] - 2)

    def test_without_ids_frames_count_and_nothing_is_missing(self) -> None:
        state = state_with(None, None)
        assert (state.seen, state.missing, state.last) == (2, 0, 0)
        assert count_gap(state, None) == state

    def test_what_came_before_a_lost_state_is_not_missing(self) -> None:
        lost = count_frame(restore("", "connection"), said(), 57)
        assert (lost.seen, lost.missing, lost.last) == (1, 0, 57)
        assert count_frame(lost, said(), 59).missing == 1
        assert count_gap(restore("", "connection"), 57).missing == 0

    @pytest.mark.parametrize(("number", "missing"), [(4, 0), (6, 2), (3, 0), (None, 0)])
    def test_the_end_shows_what_is_missing_before_it(
        self, number: int | None, missing: int
    ) -> None:
        state = count_gap(state_with(2, 3), number)
        assert (state.missing, state.seen) == (missing, 2)

    def test_a_connection_without_frames_misses_none(self) -> None:
        assert count_gap(opened(NOW, written=True), 2).missing == 0


class TestClock:
    def test_the_inverted_clock_tells_the_time_by_itself(self) -> None:
        speech = said(2516998782481234400, None)
        placed = place(opened(NOW, written=True), speech, SECOND)
        assert placed.start // TICKS_PER_MS == parse_iso("2023-12-12T23:09:11.8765Z")
        assert (placed.end, placed.usable) == (None, True)

    def test_on_the_inverted_clock_later_offsets_are_smaller(self) -> None:
        state = opened(NOW, written=True)
        earlier = place(state, said(2516998782481234400), SECOND)
        later = place(state, said(2516998782481234400 - TICKS_PER_SECOND), SECOND)
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
            LAST_TICK - UNIX_EPOCH_TICKS - LATEST * TICKS_PER_MS - 1,
        ],
    )
    def test_an_offset_of_another_age_leaves_the_time_of_the_event(
        self, offset: int | None
    ) -> None:
        state = opened(NOW, written=True)
        start = SECOND * TICKS_PER_SECOND
        assert place(state, said(offset), SECOND) == Placed(start, None, state, usable=False)

    def test_the_zero_is_the_time_of_the_metadata(self) -> None:
        state = start_clock(opened(NOW, written=True), METADATA, SECOND)
        placed = place(state, said(212483227, 9600000), SECOND + 22)
        assert placed.start == SECOND * TICKS_PER_SECOND + 212483227
        assert placed.end == placed.start + 9600000
        assert placed.state == state

    def test_without_metadata_the_first_frame_ends_at_the_time_of_its_event(self) -> None:
        placed = place(opened(NOW, written=True), said(212483227, 9600000), SECOND)
        assert placed.end == SECOND * TICKS_PER_SECOND
        following = place(placed.state, said(222083227, 9600000), SECOND + 1)
        assert following.start == placed.end
        assert following.state == placed.state

    def test_without_a_duration_it_is_its_beginning_that_ends_there(self) -> None:
        placed = place(opened(NOW, written=True), said(212483227, None), SECOND)
        assert (placed.start, placed.end) == (SECOND * TICKS_PER_SECOND, None)

    @pytest.mark.parametrize(
        ("ends", "fits"),
        [(AHEAD, True), (AHEAD + 1, False), (-BEHIND, True), (-BEHIND - 1, False), (0, True)],
    )
    def test_how_far_a_frame_may_end_from_its_event(self, ends: int, *, fits: bool) -> None:
        state = start_clock(opened(NOW, written=True), METADATA, SECOND)
        later = SECOND + 600
        until = 600 * TICKS_PER_SECOND + ends
        placed = place(state, said(until - 1, 1), later)
        assert (placed.state == state) == fits
        if not fits:
            assert placed.end == later * TICKS_PER_SECOND

    def test_offsets_that_go_on_after_a_reconnect_set_the_zero_anew_once(self) -> None:
        state = start_clock(opened(NOW, written=True), METADATA, SECOND)
        minute = 60 * TICKS_PER_SECOND
        first = place(state, said(minute, 0), SECOND + 1)
        second = place(first.state, said(minute + TICKS_PER_SECOND, 0), SECOND + 2)
        assert first.start == (SECOND + 1) * TICKS_PER_SECOND
        assert second.start == (SECOND + 2) * TICKS_PER_SECOND
        assert second.state == first.state

    def test_a_frame_said_again_does_not_spoil_the_ones_that_follow(self) -> None:
        state = start_clock(opened(NOW, written=True), METADATA, SECOND)
        again = place(state, said(60 * TICKS_PER_SECOND, 0), SECOND + 1)
        fresh = place(again.state, said(2 * TICKS_PER_SECOND, 0), SECOND + 2)
        assert fresh.start == (SECOND + 2) * TICKS_PER_SECOND

    def test_metadata_starts_the_clock_anew_and_names_the_locale(self) -> None:
        state = place(opened(NOW, written=True), said(), SECOND).state
        assert state.drift is not None
        started = start_clock(state, Metadata("de-DE" + "x" * 200, ""), SECOND)
        assert (started.zero, started.drift) == (SECOND * TICKS_PER_SECOND, None)
        assert len(started.locale) == 100
        assert start_clock(started, Metadata("", ""), SECOND) == started

    def test_nothing_is_said_before_1970(self) -> None:
        placed = place(opened(NOW, written=True), said(0, TICKS_PER_SECOND), 0)
        assert (placed.start, placed.end) == (0, TICKS_PER_SECOND)

    @given(
        st.none() | st.integers(0, 2**63 - 1),
        st.none() | st.integers(0, 24 * 3600 * TICKS_PER_SECOND),
        st.integers(0, LATEST // 1000),
        TICKS,
    )
    def test_whatever_the_offset_the_time_can_be_written(
        self, offset: int | None, duration: int | None, second: int, zero: int | None
    ) -> None:
        state = StreamState(tag=NO_TAG, zero=zero)
        placed = place(state, said(offset, duration), second)
        assert 0 <= placed.start <= (LATEST + 10_000) * TICKS_PER_MS
        assert placed.end is None or placed.end >= placed.start
