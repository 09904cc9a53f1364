"""Calls that another application keeps: up with their first stream, over when they fell silent."""

from dataclasses import replace
from typing import Any

import pytest

from callscribe.calls.beginnings import expect
from callscribe.calls.call import Call, EndedBy, HangUp, Own, State, Transcription
from callscribe.calls.decide import decide
from callscribe.calls.events import (
    Ask,
    End,
    Event,
    HungUp,
    Leave,
    NotKnown,
    NotTold,
    Polled,
    StreamClosed,
    StreamOpened,
    Want,
    Woken,
)
from callscribe.calls.transcription_steps import Look
from callscribe.calls.wish import Change
from callscribe.foundation.moments import Ms, Seconds
from tests.calls.deciding import NOW, after, an_event
from tests.fakes.wishes import OFF

WAIT, IDLE = 600, 60
OWN = Own(wait=Seconds(WAIT), idle=Seconds(IDLE))
OPENED = StreamOpened("connection", "correlation")
UP = Polled("connected", transcribing=True, locale="en-US", asked_after=0)
GONE = Polled("disconnected", transcribing=False, locale=None, asked_after=0)


def expected(**changes: Any) -> Call:
    """Return a call whose first stream is waited for."""
    return replace(expect("id", (None, None), OWN, replace(OFF, at=NOW)), **changes)


def told(call: Call, *events: tuple[float, Event]) -> Call:
    """Tell a call what happened, each some seconds from now."""
    for seconds, event in events:
        call = decide(call, event, after(seconds)).call
    return call


def streaming() -> Call:
    return told(expected(), (5, OPENED))


def silent() -> Call:
    """Return a call whose stream was closed ten seconds from now."""
    return told(streaming(), (10, StreamClosed(after(9))))


class TestUp:
    def test_the_first_stream_tells_that_it_is_up(self) -> None:
        call = streaming()
        assert (call.state, call.connection_id, call.correlation_id) == (
            State.CONNECTED,
            "connection",
            "correlation",
        )
        assert (call.answered_at, call.connected_at) == (after(5), after(5))
        assert call.transcription is Transcription.ACTIVE

    def test_a_stream_that_names_no_connection_tells_it_too(self) -> None:
        assert told(expected(), (5, StreamOpened())).state is State.CONNECTED

    def test_ids_that_are_known_stay(self) -> None:
        again = told(streaming(), (6, StreamOpened("other", "other")))
        assert (again.connection_id, again.correlation_id) == ("connection", "correlation")

    def test_one_that_never_came_was_missed(self) -> None:
        assert decide(expected(), Woken(), NOW).next_at == after(WAIT)
        waiting = told(expected(), (WAIT - 1, Woken()))
        assert waiting == expected()
        missed = decide(waiting, Woken(), after(WAIT))
        assert (missed.call.state, missed.call.ended_by) == (State.MISSED, EndedBy.INFERRED)
        assert missed.steps == (Ask.FINISH,)

    def test_one_that_comes_later_opens_it_again(self) -> None:
        call = told(expected(), (WAIT, Woken()))
        decision = decide(call, OPENED, after(WAIT + 60))
        assert (decision.call.state, decision.reopened) == (State.CONNECTED, True)


class TestNothingIsDone:
    @pytest.mark.parametrize(
        "event",
        [
            Woken(),
            HungUp(),
            Want(Change(on=True)),
            Leave(HangUp.EVERYONE),
            an_event("TranscriptionStarted"),
            an_event("CallDisconnected"),
        ],
    )
    def test_whatever_is_asked_or_told(self, event: Event) -> None:
        decision = decide(streaming(), event, after(20))
        assert (decision.call, decision.steps, decision.next_at) == (streaming(), (), None)

    @pytest.mark.parametrize("event", [UP, GONE, NotKnown(), NotTold(404, streams=False)])
    def test_while_it_streams_nobody_else_is_believed(self, event: Event) -> None:
        """The application may be of another resource than ours, which does not know its calls."""
        assert told(streaming(), (20, event)) == streaming()


class TestSilence:
    def test_after_a_while_acs_is_asked(self) -> None:
        assert decide(streaming(), StreamClosed(after(9)), after(10)).next_at == after(10 + IDLE)
        assert decide(silent(), Woken(), after(9 + IDLE)).steps == ()
        asked = decide(silent(), Woken(), after(10 + IDLE))
        assert asked.steps == (Look(0),)
        assert asked.next_at == after(10 + IDLE + 10)
        assert asked.call.transcription is Transcription.STOPPED

    def test_it_is_asked_again_where_the_worker_died(self) -> None:
        asked = told(silent(), (10 + IDLE, Woken()))
        assert decide(asked, Woken(), after(20 + IDLE)).steps == (Look(0),)

    def test_a_moment_that_another_clock_made_has_come(self) -> None:
        ahead = told(streaming(), (3_600, StreamClosed()))
        assert decide(ahead, Woken(), after(30)).steps == (Look(0),)

    def test_one_that_streams_again_is_not_asked_about(self) -> None:
        again = told(silent(), (20, OPENED))
        assert decide(again, Woken(), after(10 + IDLE)).steps == ()
        assert again.transcription is Transcription.ACTIVE

    @pytest.mark.parametrize("event", [GONE, NotKnown()])
    def test_one_that_acs_says_is_over_is_over_by_inference(self, event: Event) -> None:
        over = decide(silent(), event, after(80))
        assert (over.call.state, over.call.ended_by) == (State.ENDED, EndedBy.INFERRED)
        assert over.call.ended_at == after(9)
        assert over.steps == (Ask.FINISH,)
        assert over.call.transcription is Transcription.STOPPED

    @pytest.mark.parametrize("event", [UP, NotTold(403), NotTold(None, streams=True)])
    def test_one_that_may_be_up_is_asked_about_again(self, event: Event) -> None:
        call = decide(silent(), event, after(80))
        assert (call.steps, call.next_at) == ((), after(80 + IDLE))

    def test_where_acs_will_not_tell_the_streams_do(self) -> None:
        call = told(silent(), (80, NotTold(403, streams=False)))
        assert (call.state, call.ended_by, call.ended_at) == (
            State.ENDED,
            EndedBy.INFERRED,
            after(9),
        )

    def test_a_stream_that_was_cut_does_not_tell_when_the_call_ended(self) -> None:
        cut = told(streaming(), (10, StreamClosed(None)))
        assert told(cut, (80, NotTold(403, streams=False))).ended_at == after(10)

    def test_a_good_address_opens_it_again(self) -> None:
        over = told(silent(), (80, NotKnown()))
        assert decide(over, OPENED, after(90)).reopened


class TestEnd:
    @pytest.mark.parametrize("call", [expected(), streaming(), silent()])
    def test_the_application_says_so(self, call: Call) -> None:
        over = decide(call, End(), after(30))
        assert (over.call.state, over.call.ended_by, over.call.ended_at) == (
            State.ENDED,
            EndedBy.END,
            after(30),
        )
        assert over.steps == (Ask.FINISH,)

    def test_it_is_believed_of_a_call_whose_end_was_inferred(self) -> None:
        over = told(silent(), (80, NotKnown()), (90, End()))
        assert (over.ended_by, over.ended_at) == (EndedBy.END, after(9))

    @pytest.mark.parametrize("event", [OPENED, StreamClosed(), GONE, End(), Woken()])
    def test_nothing_opens_it_again(self, event: Event) -> None:
        over = told(streaming(), (30, End()))
        assert told(over, (40, event)) == over

    def test_it_is_over_at_the_limit(self) -> None:
        over = decide(streaming(), Woken(), after(3_601), Seconds(3_600)).call
        assert (over.state, over.ended_by) == (State.ENDED, EndedBy.LIMIT)
        before = decide(silent(), Woken(), after(3_601), Seconds(3_600)).call
        assert before.ended_at == after(10)

    def test_calls_that_are_ours_have_no_such_end(self) -> None:
        call = replace(streaming(), machine=replace(streaming().machine, own=None))
        assert not told(call, (30, End())).terminal

    def test_when_it_began_is_no_moment_of_ours(self) -> None:
        assert expected().begun_at == Ms(NOW)
