from callscribe.calls.call import Call, Direction, State
from callscribe.calls.events import Decision, Effect, EffectKind, Polled
from callscribe.calls.incoming import UNKNOWN
from callscribe.foundation.moments import Seconds
from tests.fakes.clock import START

CALL = Call("id", Direction.INBOUND, State.CONNECTED, UNKNOWN, UNKNOWN, START)


def test_a_decision_may_ask_for_nothing() -> None:
    assert Decision(CALL) == Decision(CALL, ())


def test_an_effect_is_for_now_unless_it_says_otherwise() -> None:
    assert Effect(EffectKind.START).delay == Seconds(0)


def test_what_acs_was_not_asked_is_not_so() -> None:
    polled = Polled(found=True)
    assert not (polled.connected)
    assert not (polled.transcribing)
    assert not (polled.overdue)
