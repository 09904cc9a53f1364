from callscribe.calls.call import Call, Direction, State
from callscribe.calls.events import Decision, Effect, EffectKind, Polled

CALL = Call("id", Direction.INBOUND, State.CONNECTED, "", "", 0)


def test_a_decision_may_ask_for_nothing() -> None:
    assert Decision(CALL) == Decision(CALL, ())


def test_an_effect_is_for_now_unless_it_says_otherwise() -> None:
    assert Effect(EffectKind.START).delay == 0


def test_what_acs_was_not_asked_is_not_so() -> None:
    looked = Polled(found=True)
    assert not (looked.connected)
    assert not (looked.transcribing)
    assert not (looked.overdue)
