import base64
import itertools
import json
from copy import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callscribe.foundation.identifiers import NO_STREAM, lost_stream_id, new_stream_id
from callscribe.foundation.moments import LATEST, TICKS_PER_SECOND, Ms, Ticks, ticks_of
from callscribe.stream.clock import MOST_BENDS, MOST_VOICES, UNKNOWN, Bend, Clock, Voice
from callscribe.stream.frames import Frame, Media, Unreadable
from callscribe.stream.state import (
    LONGEST_MARK,
    StreamState,
    count_frame,
    count_gap,
    encode,
    handled,
    hear,
    heard_until,
    jump_to,
    kept,
    knows_no_event,
    lost,
    mark_written,
    opened,
    opened_at,
    place,
    restore,
    start_clock,
    with_mark,
)
from tests.stream.streaming import CLOCKS, METADATA, MOMENTS, NOW, at, said
from tests.wire_strategies import ANY_TEXT

COUNTS = st.integers(0, 2**31 - 1)


def state_with(*numbers: int | None, frame: Frame = METADATA) -> StreamState:
    """Return the state of a connection after frames with these event numbers."""
    state = opened(NOW, "connection", written=True)
    for number in numbers:
        state = count_frame(state, frame, number)
    return state


def encoded(document: object) -> str:
    return base64.b64encode(json.dumps(document).encode()).decode()


class TestTravelling:
    @given(
        st.builds(
            StreamState,
            stream_id=st.from_regex("[0-9]{19}", fullmatch=True),
            written=st.booleans(),
            last=COUNTS,
            seen=COUNTS,
            missing=COUNTS,
            metadata=COUNTS,
            heard=st.none() | st.integers(0, LATEST).map(Ms),
            locale=st.none() | st.text(min_size=1, max_size=100),
            media=COUNTS,
            clock=CLOCKS,
            held=st.none() | st.tuples(MOMENTS, MOMENTS),
            mark=st.none() | st.text(min_size=1, max_size=31),
        )
    )
    def test_the_state_survives_its_header(self, state: StreamState) -> None:
        assert restore(encode(state), "connection") == state

    def test_it_is_small_enough_for_a_header(self) -> None:
        large = 2**31 - 1
        state = StreamState(
            stream_id=new_stream_id(LATEST, "connection"),
            written=True,
            last=large,
            seen=large,
            missing=large,
            metadata=large,
            intermediates=large,
            finals=large,
            quarantined=large,
            locale="zh-Hant-TW",
            heard=LATEST,
            media=large,
            clock=Clock(
                zero=Ticks(10**17),
                voices=tuple(
                    Voice(UNKNOWN - each, Ticks(-(10**17)), Ticks(10**17), ticks_of(LATEST))
                    for each in range(MOST_VOICES)
                ),
                bends=(Bend(Ticks(-(10**17)), Ticks(-(10**17)), Ticks(10**17)),) * MOST_BENDS,
                floor=ticks_of(LATEST),
            ),
            held=(LATEST, LATEST),
            mark="x" * LONGEST_MARK,
        )
        assert len(encode(state)) <= 1_500
        assert len(encode(opened(NOW, "connection", written=True))) < 120

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
            base64.b64encode(b'{"stream_id": "\xff"}').decode(),
            encoded([]),
            encoded({"stream_id": "1"}),
            encoded({"stream_id": NO_STREAM + "\n"}),
            encoded({"stream_id": "../../../etc/p"}),
            encoded({"stream_id": NO_STREAM, "seen": -1}),
            encoded({"stream_id": NO_STREAM, "seen": 2**31}),
            encoded({"stream_id": NO_STREAM, "seen": "1"}),
            encoded({"stream_id": NO_STREAM, "clock": {"z": 10**18}}),
            encoded({"stream_id": NO_STREAM, "clock": {"v": [[1, 1, 1, 1]] * 9}}),
            encoded({"stream_id": NO_STREAM, "locale": "x" * 101}),
            encoded({"stream_id": NO_STREAM, "locale": ""}),
            encoded({"stream_id": NO_STREAM, "mark": "x" * (LONGEST_MARK + 1)}),
            encoded({"stream_id": NO_STREAM, "mark": 5}),
        ],
    )
    def test_one_that_is_lost_or_not_ours_starts_anew(self, header: str) -> None:
        assert restore(header, "one") == StreamState(stream_id=lost_stream_id("one"))
        assert restore(header, "one") != restore(header, "two")

    @given(ANY_TEXT | st.binary().map(lambda data: base64.b64encode(data).decode()))
    def test_no_header_raises(self, header: str) -> None:
        assert len(restore(header, "connection\udce9").stream_id) == 19

    def test_when_it_was_opened_is_known_unless_the_state_was_lost(self) -> None:
        assert opened_at(opened(NOW, "connection", written=False)) == NOW
        assert opened_at(restore("", "connection")) is None

    def test_its_mark_travels_too_and_is_lost_with_it(self) -> None:
        marked = with_mark(opened(NOW, "connection", written=True), "mark")
        assert restore(encode(marked), "connection").mark == "mark"
        assert lost("connection").mark is None
        assert with_mark(marked, "another") == with_mark(
            opened(NOW, "connection", written=True), "another"
        )

    def test_whether_its_row_is_written_travels_too(self) -> None:
        unwritten = opened(NOW, "connection", written=False)
        assert not unwritten.written
        assert mark_written(unwritten) == opened(NOW, "connection", written=True)

    @given(COUNTS, st.integers(0, LATEST).map(Ms), st.integers(0, 10**17 - 1))
    def test_every_state_that_we_write_can_be_read(
        self, number: int, moment: Ms, offset: int
    ) -> None:
        fullest = StreamState(
            stream_id=NO_STREAM, seen=2**31 - 1, missing=2**31 - 1, finals=2**31 - 1
        )
        state = count_frame(fullest, said(), number)
        placed = place(state, said(offset, 24 * 3600 * TICKS_PER_SECOND), moment)
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
        assert jump_to(state, None) == 0

    def test_only_a_lost_state_without_a_frame_knows_no_event(self) -> None:
        lost = restore("", "connection")
        assert knows_no_event(lost)
        assert not knows_no_event(count_frame(lost, said(), 57))
        assert not knows_no_event(opened(NOW, "connection", written=True))

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

    def test_media_is_counted_beside_what_is_seen(self) -> None:
        before = opened(NOW, "connection", written=True)
        state = count_frame(before, Media(), 2)
        assert (state.media, state.seen, state.last, state.missing) == (1, 0, 2, 0)
        assert count_frame(state, Media(), 2) == state
        assert count_frame(state, METADATA, 4).missing == 1
        assert not knows_no_event(count_frame(lost("one"), Media(), 9))
        most = replace(state, media=2**31 - 1)
        assert count_frame(most, Media(), 3).media == 2**31 - 1

    def test_a_connection_without_frames_misses_none(self) -> None:
        assert count_gap(opened(NOW, "connection", written=True), 2).missing == 0

    @pytest.mark.parametrize("number", [10_005, 2**31 - 1])
    def test_a_jump_that_is_absurd_is_not_missing(self, number: int) -> None:
        assert state_with(2, 3, number) == replace(state_with(2, 3, 4), last=number)
        assert state_with(number).missing == jump_to(state_with(), number) == 0

    def test_the_largest_jump_that_is_believed(self) -> None:
        assert state_with(2, 3, 10_004).missing == jump_to(state_with(2, 3), 10_004) == 10_000
        assert state_with(2, 20_000, 20_002).missing == 1

    def test_no_more_is_counted_than_fits_a_column(self) -> None:
        largest = 2**31 - 1
        state = replace(state_with(2), missing=largest, finals=largest, quarantined=largest)
        assert count_gap(state, 9).missing == kept(state) == largest


class TestHearing:
    """A frame is counted once, whatever it is, and the clock is set or read by it."""

    def test_metadata_is_counted_and_sets_the_clock(self) -> None:
        before = state_with(2)
        heard = hear(before, METADATA, 3, at(1))
        told = start_clock(count_frame(before, METADATA, 3), METADATA, at(1))
        assert heard.state == replace(told, heard=at(1 - 120))
        assert (heard.start, heard.end, heard.usable) == (ticks_of(at(1)), None, False)

    def test_speech_is_counted_and_placed(self) -> None:
        before = start_clock(state_with(2), METADATA, at(0))
        counted = count_frame(before, said(TICKS_PER_SECOND), 3)
        heard = hear(before, said(TICKS_PER_SECOND), 3, at(2))
        placed = place(counted, said(TICKS_PER_SECOND), at(2))
        assert heard == replace(placed, state=replace(placed.state, heard=at(2)))
        assert heard.state.finals == 1

    def test_what_cannot_be_read_is_counted_and_leaves_the_clock(self) -> None:
        before = start_clock(state_with(2), METADATA, at(0))
        unreadable = Unreadable("not JSON")
        heard = hear(before, unreadable, 3, at(1))
        assert heard.state == replace(count_frame(before, unreadable, 3), heard=at(1 - 120))
        assert (heard.start, heard.end, heard.usable) == (ticks_of(at(1)), None, False)

    def test_frames_that_waited_tell_when_they_were_said(self) -> None:
        """What comes after them was said before their events: while they waited for storage."""
        before = handled(start_clock(state_with(2), METADATA, at(0)), at(0), at(45))
        spoken = said(4 * TICKS_PER_SECOND)
        assert hear(before, spoken, 3, at(45)).state.heard == at(5)

    def test_what_came_late_without_having_waited_for_another_does_not_tell(self) -> None:
        before = start_clock(state_with(2), METADATA, at(0))
        assert hear(before, said(4 * TICKS_PER_SECOND), 3, at(45)).state.heard == at(45 - 120)

    def test_the_first_frame_has_waited_for_none(self) -> None:
        assert hear(opened(NOW, "one", written=True), METADATA, 2, at(10)).state.heard == at(10)
        lost = restore("", "one")
        assert hear(lost, METADATA, 2, at(10)).state.heard == at(10 - 120)

    def test_without_an_end_the_start_tells_when_something_was_said(self) -> None:
        before = start_clock(state_with(2), METADATA, at(0))
        assert hear(before, said(4 * TICKS_PER_SECOND, None), 3, at(9)).state.heard == at(4)
        assert hear(before, said(None), 3, at(45)).state.heard == at(45 - 120)

    def test_what_was_heard_once_stays_heard(self) -> None:
        before = hear(opened(NOW, "one", written=True), METADATA, 2, at(10)).state
        after = hear(before, said(TICKS_PER_SECOND), 3, at(12)).state
        assert after.heard == at(12)
        assert hear(after, METADATA, 3, at(10)).state.heard == at(12)

    @pytest.mark.parametrize(
        ("spoken", "until"), [(None, -70), (49, 49), (51, 50), (-69, -69), (-71, -70)]
    )
    def test_what_does_not_tell_when_it_was_said_may_have_waited_long(
        self, spoken: int | None, until: int
    ) -> None:
        assert heard_until(at(50), None if spoken is None else at(spoken)) == at(until)
