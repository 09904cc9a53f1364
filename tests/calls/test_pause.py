"""A pause: transcription is stopped by wish, and starts again by itself."""

from dataclasses import replace

import pytest

from callscribe.calls import pause
from callscribe.calls.call import Call, Pause, State
from callscribe.calls.decide import decide
from callscribe.calls.events import Want, Woken
from callscribe.calls.transcription import Operation, OperationKind
from callscribe.calls.wish import Change, Why
from callscribe.foundation.moments import Seconds
from tests.calls.deciding import NOW, RUNNING, a_call, after
from tests.fakes.wishes import GERMAN

STOP = Change(on=False, why=Why.PAUSED, pause=Seconds(30))


def paused() -> Call:
    """Return a call that was paused now."""
    return decide(a_call(), Want(STOP, "key"), NOW).call


def resting() -> Call:
    """Return a call that was paused now, and whose transcription has stopped."""
    part = replace(RUNNING, runs=None, number=2, floor=2)
    return replace(paused(), machine=replace(paused().machine, transcribing=part))


def test_a_pause_stops_the_transcription_and_says_why() -> None:
    decision = decide(a_call(), Want(STOP, "key"), NOW)
    assert (decision.call.wish.on, decision.call.wish.why) == (False, Why.PAUSED)
    assert decision.call.wish.by == "key"
    assert isinstance(decision.steps[0], Operation)
    assert decision.steps[0].kind is OperationKind.STOP
    assert pause.ends(decision.call) == after(30)


def test_it_ends_by_itself() -> None:
    waiting = decide(resting(), Woken(), after(29))
    assert not waiting.call.wish.on
    assert waiting.next_at == after(30)
    over = decide(waiting.call, Woken(), after(30))
    assert (over.call.wish.on, over.call.wish.why, over.call.wish.by) == (True, Why.ASKED, "key")
    assert over.call.wish.revision == waiting.call.wish.revision + 1
    assert pause.ends(over.call) is None
    assert isinstance(over.steps[0], Operation)
    assert over.steps[0].kind is OperationKind.START


def test_one_that_was_begun_by_a_clock_that_was_ahead_begins_anew() -> None:
    """It never ends early: what must not be kept may be spoken."""
    ahead = replace(resting().machine, pause=Pause(after(3_600), Seconds(30)))
    call = decide(replace(resting(), machine=ahead), Woken(), NOW).call
    assert pause.ends(call) == after(30)
    assert not call.wish.on


def test_another_pause_begins_anew() -> None:
    again = decide(resting(), Want(STOP, "key"), after(20)).call
    assert pause.ends(again) == after(50)
    assert again.wish.revision == paused().wish.revision


@pytest.mark.parametrize("on", [False, True])
def test_a_start_or_another_stop_takes_it_back(*, on: bool) -> None:
    call = decide(resting(), Want(Change(on=on)), after(5)).call
    assert pause.ends(call) is None


def test_another_language_does_not() -> None:
    call = decide(resting(), Want(Change(language=GERMAN)), after(5)).call
    assert pause.ends(call) == after(30)
    assert call.wish.language == GERMAN


def test_the_end_of_the_call_ends_nothing_else() -> None:
    over = replace(resting(), state=State.ENDED)
    assert pause.over(over, after(60)) == over
    assert pause.begun(over, STOP, NOW) == over
