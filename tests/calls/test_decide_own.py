"""What is decided of calls that another application keeps; test_own.py has the rules."""

from dataclasses import replace

import pytest

from callscribe.calls.beginnings import expect
from callscribe.calls.call import Call, EndedBy, HangUp, Own, State
from callscribe.calls.decide import decide
from callscribe.calls.events import (
    Ask,
    End,
    Event,
    Leave,
    NotKnown,
    StreamClosed,
    StreamOpened,
    Want,
    Woken,
)
from callscribe.calls.transcription_steps import Look
from callscribe.calls.wish import Change
from callscribe.foundation.moments import Seconds
from tests.calls.deciding import NOW, a_call, after
from tests.fakes.wishes import OFF


def own_call() -> Call:
    own = Own(wait=Seconds(600), idle=Seconds(60))
    return expect("id", (None, None), own, replace(OFF, at=NOW))


def told(call: Call, *events: Event) -> Call:
    for event in events:
        call = decide(call, event, NOW).call
    return call


def test_its_streams_tell_how_it_stands() -> None:
    up = decide(own_call(), StreamOpened("connection"), NOW)
    assert (up.call.state, up.steps, up.next_at) == (State.CONNECTED, (), None)
    silent = decide(up.call, StreamClosed(), NOW)
    assert (silent.steps, silent.next_at) == ((), after(60))
    assert decide(silent.call, Woken(), after(60)).steps == (Look(0),)
    over = decide(silent.call, NotKnown(), after(61))
    assert (over.call.ended_by, over.steps) == (EndedBy.INFERRED, (Ask.FINISH,))


def test_its_application_tells_its_end() -> None:
    assert told(own_call(), End()).ended_by is EndedBy.END


@pytest.mark.parametrize("event", [Want(Change(on=True)), Leave(HangUp.EVERYONE), Woken()])
def test_nothing_is_asked_for_it(event: Event) -> None:
    assert told(own_call(), event) == own_call()


def test_a_call_that_is_ours_is_left_as_somebody_wants_and_ends_as_acs_says() -> None:
    leaving = decide(a_call(), Leave(HangUp.LEAVE), NOW)
    assert (leaving.call.hang_up, leaving.steps) == (HangUp.LEAVE, (Ask.HANG_UP,))
    assert told(a_call(), End()) == a_call()
