"""The rules of the clock, one by one; test_clock_conversations.py holds it to what they promise."""

from dataclasses import dataclass, field

import pytest

from callscribe.foundation.moments import LATEST, TICKS_PER_SECOND, Ms, Ticks, ms_of, ticks_of
from callscribe.stream.clock import (
    AHEAD,
    CLOCK_FROM,
    LAST_TICK,
    LONGEST_WAIT,
    MOST_BENDS,
    MOST_VOICES,
    UNIX_EPOCH_TICKS,
    UNKNOWN,
    Clock,
    Place,
    find,
)
from callscribe.stream.frames import Speech, Word
from tests.stream.streaming import at, said

ANN, BOB = 1, 2
DOCUMENTED = 2_516_998_782_481_234_400


def ticks(seconds: float) -> Ticks:
    """Return seconds as ticks."""
    return Ticks(round(seconds * TICKS_PER_SECOND))


def spoke(offset: float | None, lasts: float | None = 1, *words: float) -> Speech:
    """Return a final; its words begin at these seconds, and take a quarter of one each."""
    return said(
        None if offset is None else ticks(offset),
        None if lasts is None else ticks(lasts),
        words=tuple(Word("word", ticks(word), ticks(0.25)) for word in words),
    )


def absolute(seconds: float, lasts: float | None = 1) -> Speech:
    """Return a final of the inverted clock, said so many seconds after the stream's opening."""
    offset = LAST_TICK - UNIX_EPOCH_TICKS - ticks_of(at(0)) - ticks(seconds)
    return said(offset, None if lasts is None else ticks(lasts))


@dataclass
class Stream:
    """A stream that was opened at second 0, and what its finals are placed at, in seconds."""

    clock: Clock = field(default_factory=lambda: Clock(zero=ticks_of(at(0)), floor=ticks_of(at(0))))
    waited: float = 0

    def place(self, came: float, speech: Speech, who: int = ANN) -> Place:
        """Place something whose event came at that second."""
        found = find(self.clock, speech, who, ticks_of(at(came)), ticks(self.waited))
        self.clock = found.clock
        return found

    def start(self, came: float, speech: Speech, who: int = ANN) -> tuple[float, tuple[str, ...]]:
        """Return the second at which something is placed, and which choices are named."""
        found = self.place(came, speech, who)
        return (found.start - ticks_of(at(0))) / TICKS_PER_SECOND, found.repaired


class TestOneBeginning:
    def test_offsets_count_from_the_metadata(self) -> None:
        stream = Stream()
        assert stream.start(3, spoke(1)) == (1, ())
        assert stream.start(5, spoke(2.5), BOB) == (2.5, ())

    def test_a_final_may_be_as_late_as_its_place_allows(self) -> None:
        assert Stream().start(18, spoke(1)) == (1, ())
        assert Stream().start(18.1, spoke(1)) == (17.1, ("zero",))

    def test_metadata_may_have_come_late_too(self) -> None:
        assert Stream().start(3, spoke(7)) == (7, ())
        assert Stream().start(3, spoke(7.1)) == (2, ("zero",))
        assert ticks(5) == AHEAD

    def test_what_may_have_waited_may_be_later(self) -> None:
        assert Stream(waited=40).start(58, spoke(1)) == (1, ())
        assert Stream(waited=40).start(59, spoke(1)) == (58, ("zero",))

    def test_a_hypothesis_changes_nothing(self) -> None:
        stream = Stream()
        before = stream.clock
        hypothesis = said(ticks(1), final=False)
        assert stream.start(3, hypothesis) == (1, ())
        assert stream.clock == before

    def test_without_metadata_the_first_final_ends_with_its_event(self) -> None:
        stream = Stream(Clock())
        assert stream.start(60, spoke(200)) == (59, ("zero",))
        assert stream.start(62, spoke(202), BOB) == (61, ())

    def test_without_a_duration_its_words_tell_it(self) -> None:
        stream = Stream(Clock())
        assert stream.start(60, spoke(200, None, 200, 203.75)) == (56, ("zero",))
        untimed = said(ticks(205), None, words=(Word("a"), Word("b")))
        assert stream.start(62, untimed)[0] == 61
        assert Stream(Clock()).start(60, untimed) == (60, ("zero",))
        last = said(ticks(5), None, words=(Word("a", ticks(5)), Word("b")))
        assert Stream(Clock()).start(60, last) == (60, ("zero",))

    def test_nothing_is_said_before_1970_or_after_2286(self) -> None:
        old = find(Clock(), spoke(0), ANN, Ticks(0), Ticks(0))
        assert (old.start, old.end) == (0, TICKS_PER_SECOND)
        late = find(Clock(zero=ticks_of(LATEST)), spoke(2), ANN, ticks_of(LATEST), Ticks(0))
        assert late.start == ticks_of(LATEST)


class TestOwnBeginnings:
    """Offsets may count one person's own audio, or begin anew (F2, F3)."""

    def test_an_offset_that_runs_backwards_is_a_new_zero(self) -> None:
        stream = Stream()
        told = [
            stream.start(1, spoke(0, 0.8)),
            stream.start(2, spoke(1, 0.8)),
            stream.start(3, spoke(2.3, 0.6)),
            stream.start(69, spoke(0, 0.8)),
            stream.start(70, spoke(1.2, 0.5)),
        ]
        assert told == [(0, ()), (1, ()), (2.3, ()), (68.2, ("zero",)), (69.4, ())]

    def test_the_same_offset_a_minute_later_is_a_new_zero_too(self) -> None:
        stream = Stream()
        stream.place(1, spoke(0))
        assert stream.start(67, spoke(0)) == (66, ("zero",))

    def test_who_joins_late_has_a_zero_of_their_own(self) -> None:
        stream = Stream()
        told = [
            stream.start(1, spoke(0)),
            stream.start(22, spoke(0.5), BOB),
            stream.start(24, spoke(23)),
            stream.start(26, spoke(4.6), BOB),
        ]
        assert told == [(0, ()), (20.5 + 0.5, ("zero",)), (23, ()), (25.1, ())]

    def test_who_was_muted_for_long_has_a_later_zero(self) -> None:
        stream = Stream()
        stream.place(2, spoke(1))
        assert stream.start(63, spoke(2)) == (62, ("zero",))
        assert stream.start(65, spoke(3.5)) == (63.5, ())

    def test_a_zero_that_proves_too_late_is_set_earlier(self) -> None:
        stream = Stream()
        stream.place(2, spoke(1))
        assert stream.start(75, spoke(2)) == (74, ("zero",))  # ten seconds late
        assert stream.start(76, spoke(12)) == (75, ("zero",))
        assert stream.start(78, spoke(14)) == (77, ())

    def test_a_new_zero_is_not_certain_if_the_frame_may_have_waited_unseen(self) -> None:
        stream = Stream()
        assert not stream.place(22, spoke(0.5), BOB).sure
        assert stream.place(26, spoke(4.6), BOB).sure
        assert stream.place(40, spoke(60)).sure


class TestFormerStreams:
    """After a cut offsets may go on, from a zero that nobody on this stream has told."""

    def test_who_comes_second_takes_the_zero_of_the_first(self) -> None:
        stream = Stream()
        assert stream.start(5, spoke(3_600)) == (4, ("zero",))
        assert stream.start(8, spoke(3_601.5), BOB) == (5.5, ())

    def test_the_metadata_is_tried_first_again(self) -> None:
        stream = Stream()
        stream.place(5, spoke(3_600))
        assert stream.start(9, spoke(3_604), BOB) == (8, ())
        assert stream.start(12, spoke(10), BOB) == (10, ())
        assert stream.start(14, spoke(3_609)) == (13, ())

    def test_of_several_the_earliest_that_fits_is_taken(self) -> None:
        stream = Stream()
        stream.place(5, spoke(3_600))
        stream.place(40, spoke(3_610), BOB)  # muted for 24 s
        assert stream.start(45, spoke(3_632), 3) == (36, ())

    def test_one_that_proves_too_late_is_set_earlier_for_all_and_order_stays(self) -> None:
        stream = Stream()
        assert stream.start(15, spoke(3_600)) == (14, ("zero",))  # ten seconds late
        early = Stream()
        early.place(15, spoke(3_600))
        early.place(16, spoke(3_601), BOB)
        assert early.start(18, spoke(3_612), 3) == (17, ("zero",))
        # Said between the two that are stored, and before the third.
        assert early.start(19, spoke(3_600.5, 12), 4) == (14.5, ("order",))
        assert 15 < early.start(20, spoke(3_604, 12), 5)[0] < 17
        assert early.start(22, spoke(3_613)) == (18, ())
        assert len(early.clock.bends) == 1

    def test_what_was_set_earlier_several_times_keeps_its_order_too(self) -> None:
        stream = Stream()
        came, offset, starts = 16.0, 3_600.0, []
        for who in range(6):
            starts.append(stream.start(came, spoke(offset), who + 1)[0])
            came, offset = came + 0.5, offset + 4.5
        assert starts == sorted(starts)
        assert 1 <= len(stream.clock.bends) <= MOST_BENDS

    def test_nothing_is_before_the_opening(self) -> None:
        assert Stream().start(1, spoke(3_600, 20)) == (0, ("zero",))


class TestWords:
    """The words' offsets may go on where that of the utterance has begun anew (F4)."""

    def test_the_ones_that_fit_the_ce_time_are_taken(self) -> None:
        found = Stream().place(76, spoke(3, 0.75, 75, 75.25, 75.5))
        assert found.start == ticks_of(at(75))
        assert (found.repaired, found.offset) == (("offset",), ticks(75))

    def test_where_that_of_the_utterance_fits_it_stands_and_the_words_are_named(self) -> None:
        found = Stream().place(5, spoke(3, 1, 0, 0.25))
        assert found.start == ticks_of(at(3))
        assert (found.repaired, found.offset) == (("words",), 0)

    def test_where_none_fits_it_ends_with_its_event(self) -> None:
        assert Stream().start(200, spoke(3, 1, 75)) == (199, ("words", "zero"))

    def test_without_one_of_the_utterance_they_tell(self) -> None:
        assert Stream().start(5, spoke(None, 1, 3)) == (3, ("offset",))

    @pytest.mark.parametrize(
        ("word", "disagrees"), [(2, False), (1.9, True), (5, False), (5.1, True)]
    )
    def test_a_second_more_or_less_is_agreed(self, word: float, *, disagrees: bool) -> None:
        assert Stream().place(5, spoke(3, 1, word)).repaired == (("words",) if disagrees else ())

    def test_without_a_duration_the_first_word_is_near(self) -> None:
        assert Stream().place(18, spoke(3, None, 20)).repaired == ()
        assert Stream().place(18, spoke(3, None, 20.1)).repaired == ("words",)

    def test_words_without_an_offset_tell_nothing(self) -> None:
        plain = said(ticks(3), words=(Word("a"),))
        assert Stream().start(5, plain) == (3, ())

    def test_on_the_inverted_clock_later_words_have_smaller_offsets(self) -> None:
        speech = absolute(3)
        assert speech.offset is not None
        words = Word("a", Ticks(speech.offset - ticks(0.5))), Word("b", Ticks(speech.offset + 9))
        for word in words:
            told = said(speech.offset, words=(word,))
            assert Stream().start(5, told) == (3, ())


class TestInvertedClock:
    def test_it_tells_the_time_by_itself(self) -> None:
        stream = Stream(Clock())
        assert stream.start(5, absolute(3.25)) == (3.25, ())
        assert stream.start(7, absolute(5)) == (5, ())

    def test_its_documented_example_is_of_2023(self) -> None:
        moment = ticks_of(Ms(1_702_422_552_000))
        found = find(Clock(), said(DOCUMENTED, None), ANN, moment, Ticks(0))
        assert ms_of(found.start) == 1_702_422_551_876
        assert (found.end, found.usable) == (None, True)

    @pytest.mark.parametrize("away", [LONGEST_WAIT, -LONGEST_WAIT])
    def test_minutes_away_from_the_ce_time_it_is_not_usable(self, away: int) -> None:
        seconds = away / TICKS_PER_SECOND
        assert Stream().place(0, absolute(seconds - 1)).usable
        beyond = seconds + (1 if away > 0 else -1)
        assert not Stream().place(0, absolute(beyond - 1)).usable

    @pytest.mark.parametrize(
        "offset",
        [CLOCK_FROM, LAST_TICK, 2**63 - 1, LAST_TICK - UNIX_EPOCH_TICKS + 1, DOCUMENTED],
    )
    def test_an_offset_of_another_age_leaves_the_time_of_the_event(self, offset: int) -> None:
        found = Stream().place(9, said(offset))
        assert found.start == ticks_of(at(8))
        assert (found.end, found.repaired) == (None, ("offset",))
        assert (found.usable, found.sure) == (False, False)


class TestOrder:
    """Within a speaker order never breaks."""

    def test_what_only_the_event_tells_is_after_what_was_said_before(self) -> None:
        stream = Stream()
        stream.place(10, spoke(8))
        assert stream.start(10, said(DOCUMENTED, ticks(3))) == (8.001, ("offset", "order"))
        assert stream.start(11, spoke(8.0005, 0.1)) == (8.002, ("order",))
        assert stream.start(12, spoke(10)) == (10, ())

    def test_what_follows_it_has_the_zero_that_was_there(self) -> None:
        stream = Stream()
        stream.place(22, spoke(0.5))
        stream.place(24, spoke(None))
        assert stream.start(25, spoke(4)) == (24.5, ())

    def test_the_same_offset_again_is_the_same_moment(self) -> None:
        stream = Stream()
        assert [stream.start(10, spoke(8)) for _ in range(2)] == [(8, ())] * 2

    def test_a_new_zero_is_after_what_was_said_before(self) -> None:
        stream = Stream()
        stream.place(100, spoke(97))
        assert stream.start(101, spoke(3, 10)) == (97.001, ("zero",))

    def test_others_are_not_held_up(self) -> None:
        stream = Stream()
        stream.place(100, spoke(97))
        assert stream.start(101, spoke(90, 10), BOB) == (90, ())

    def test_where_ce_times_run_backwards_offsets_go_on(self) -> None:
        stream = Stream()
        stream.place(100, spoke(97))
        assert stream.start(-3_000, spoke(105)) == (105, ())
        assert stream.start(-2_990, spoke(2)) == (105.001, ("zero",))
        assert stream.start(-2_980, spoke(2)) == (105.002, ("zero",))

    def test_of_who_has_no_raw_id_no_order_is_known(self) -> None:
        stream = Stream(Clock())
        assert stream.start(60, spoke(200), UNKNOWN) == (59, ("zero",))
        assert stream.start(61, spoke(197), UNKNOWN) == (56, ())

    def test_of_too_many_the_one_longest_silent_is_forgotten_and_not_overtaken(self) -> None:
        stream = Stream()
        for who in range(MOST_VOICES + 1):
            stream.place(11, spoke(9 + who / 10), who)
        assert len(stream.clock.voices) == MOST_VOICES
        assert stream.clock.floor == ticks_of(at(9))
        assert stream.start(12, spoke(3), 0) == (9, ("order",))
