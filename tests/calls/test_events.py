"""What can happen to a call, and what a decision asks for, as far as they have defaults."""

from callscribe.calls.events import Answered, Decision, NotKnown, NotTold, StreamOpened, Want
from callscribe.calls.wish import Change
from tests.calls.deciding import CALL


def test_a_decision_may_ask_for_nothing_and_wait_for_nothing() -> None:
    decision = Decision(CALL)
    assert decision.steps == ()
    assert (decision.next_at, decision.soon, decision.reopened) == (None, None, False)


def test_what_is_not_told_is_not_known() -> None:
    assert Answered("connection", None, None).at is None
    assert NotKnown().last_up is None
    assert (NotTold().status, NotTold().last_up) == (None, None)
    assert StreamOpened().connection_id is None
    assert Want(Change()).by is None
