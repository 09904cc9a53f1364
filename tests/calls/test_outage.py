"""An outage of transcription counts from a moment of our own clock, and is told each minute."""

from dataclasses import replace

import pytest

from callscribe.calls.call import Call, HangUp, Machine, State
from callscribe.calls.decide import decide
from callscribe.calls.events import NotTold, Polled, Want, Woken
from callscribe.calls.outage import MINUTE, MOMENT, next_told, noted, out_for, to_tell
from callscribe.calls.transcription import SETTLED, Running, Transcribing
from callscribe.calls.wish import Change
from callscribe.foundation.moments import Ms, Seconds
from tests.calls.deciding import NOW, a_call, after, an_event
from tests.fakes.wishes import ENGLISH, GERMAN

SILENT = Polled("connected", transcribing=False, locale=None, asked_after=1)


def running(seconds: float, idle_since: Ms | None = None) -> Call:
    """Return a call that has been transcribed for so long."""
    runs = Running(ENGLISH, after(-seconds), by=1)
    part = Transcribing(runs=runs, number=1, good=ENGLISH)
    return a_call(machine=Machine(transcribing=part, idle_since=idle_since))


def idle(seconds: float, state: State = State.CONNECTED, *, on: bool = True) -> Call:
    """Return a call whose transcription has been out for so long."""
    return a_call(state, on=on, machine=Machine(idle_since=after(-seconds)))


class TestSinceWhen:
    @pytest.mark.parametrize("state", [State.ANSWERING, State.CONNECTING])
    def test_it_counts_from_when_the_call_was_connected(self, state: State) -> None:
        before = a_call(state, Transcribing())
        late = an_event("CallConnected", time=after(-100))
        assert decide(before, late, NOW).call.machine.idle_since == NOW

    def test_it_counts_anew_for_a_call_that_is_up_after_all(self) -> None:
        over = replace(idle(600, State.MISSED), connection_id=None)
        assert decide(over, an_event("CallConnected"), NOW).call.machine.idle_since == NOW

    @pytest.mark.parametrize("before", [running(3_600), running(SETTLED + 1, after(-3_600))])
    def test_it_counts_from_when_what_ran_broke(self, before: Call) -> None:
        assert decide(before, SILENT, NOW).call.machine.idle_since == NOW

    def test_the_first_run_may_have_been_short(self) -> None:
        assert decide(running(11), SILENT, NOW).call.machine.idle_since == NOW

    def test_a_short_run_ends_no_outage(self) -> None:
        before = running(SETTLED, after(-300))
        assert decide(before, SILENT, NOW).call.machine.idle_since == after(-300)

    def test_it_counts_anew_where_something_else_is_wanted(self) -> None:
        changed = decide(idle(300), Want(Change(language=GERMAN)), NOW).call
        assert changed.machine.idle_since == NOW

    def test_a_moment_ahead_is_of_before_the_clock_was_set(self) -> None:
        assert decide(idle(-1), Woken(), NOW).call.machine.idle_since == NOW
        assert out_for(idle(-1), NOW) == Seconds(0)

    @pytest.mark.parametrize("before", [running(3_600), idle(300), idle(0)])
    def test_what_changes_nothing_of_it_leaves_it(self, before: Call) -> None:
        assert noted(before, before, NOW) is before

    def test_a_call_that_is_over_has_no_outage(self) -> None:
        before = running(3_600)
        over = replace(before, state=State.ENDED, machine=Machine())
        assert noted(before, over, NOW) is over


class TestToTell:
    @pytest.mark.parametrize("seconds", [60, 61, 79.9, 120, 3_600, 3_619])
    def test_it_is_told_at_each_full_minute(self, seconds: float) -> None:
        assert to_tell(idle(seconds), NOW) == pytest.approx(seconds)

    @pytest.mark.parametrize("seconds", [0, 1, 59.9, 60 + MOMENT, 119.9, 3_599])
    def test_it_is_not_told_in_between(self, seconds: float) -> None:
        assert to_tell(idle(seconds), NOW) is None

    @pytest.mark.parametrize(
        ("seconds", "ahead"), [(0, 60), (1, 59), (59.9, 0.1), (60, 60), (3_599, 1), (-5, 60)]
    )
    def test_somebody_looks_at_the_next_full_minute(self, seconds: float, ahead: float) -> None:
        assert next_told(idle(seconds), NOW) == after(ahead)
        assert MOMENT < MINUTE

    @pytest.mark.parametrize(
        "call",
        [
            idle(300, on=False),
            idle(300, State.CONNECTING),
            idle(300, State.ENDED),
            replace(idle(300), hang_up=HangUp.LEAVE),
            running(5, after(-300)),
            a_call(machine=Machine()),
        ],
        ids=["not wanted", "not connected", "over", "to be hung up", "running", "not known"],
    )
    def test_what_is_as_it_should_be_is_no_outage(self, call: Call) -> None:
        assert (next_told(call, NOW), to_tell(call, NOW)) == (None, None)

    def test_the_watch_looks_then_though_the_next_try_is_far_ahead(self) -> None:
        part = Transcribing(number=1, blocked=1, next_at=after(280))
        call = a_call(machine=Machine(transcribing=part, idle_since=after(-20)))
        decision = decide(call, NotTold(503), NOW)
        assert decision.next_at == after(40)
        assert decision.soon == after(280)
