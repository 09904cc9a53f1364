"""What replies to operations, and people's wishes, make of a call."""

from dataclasses import replace

import pytest

from callscribe.calls.call import (
    Call,
    Direction,
    HangUp,
    Line,
    State,
    Transcription,
    with_line,
)
from callscribe.calls.decide import decide
from callscribe.calls.events import (
    Answered,
    Ask,
    Decision,
    HungUp,
    Replied,
    Want,
    Woken,
)
from callscribe.calls.result_table import Advice
from callscribe.calls.results import Reason
from callscribe.calls.transcription import (
    CONFIRM,
    Failure,
    Operation,
    OperationKind,
    Transcribing,
    at_setup,
    delay,
)
from callscribe.calls.transcription_steps import Look
from callscribe.calls.wish import Change, Why, Wish
from callscribe.foundation.moments import later
from tests.calls.deciding import (
    NOW,
    STARTING,
    WHY,
    a_call,
    after,
    out,
    started,
)
from tests.fakes.wishes import ENGLISH, GERMAN


class TestReplies:
    def test_a_reply_that_nobody_knows_is_waited_out(self) -> None:
        decision = decide(a_call(part=STARTING), Replied(1, None), NOW)
        assert decision.steps == ()
        assert decision.next_at == after(CONFIRM - 1)
        assert decision.call.transcribing.out == out(unknown=True)

    def test_a_refusal_is_tried_again(self) -> None:
        decision = decide(a_call(part=STARTING), Replied(1, Failure(WHY)), NOW)
        assert decision.soon == later(NOW, delay("id", 1))
        assert decision.call.problem == WHY

    def test_a_refusal_for_the_call_is_gone_has_acs_asked(self) -> None:
        refusal = Failure(Reason("Call not found.", 404, 8522), Advice.CLOSE)
        assert decide(a_call(part=STARTING), Replied(1, refusal), NOW).steps == (Look(1),)


class TestWishes:
    def test_another_language_is_a_revision_and_asked_for(self) -> None:
        decision = decide(a_call(), Want(Change(language=GERMAN), "key"), NOW)
        wish = decision.call.wish
        assert wish == Wish(on=True, language=GERMAN, at=NOW, revision=2, by="key")
        assert decision.steps == (Operation(OperationKind.UPDATE, 2, GERMAN, NOW),)

    def test_another_language_on_a_joined_call_is_a_stop_first(self) -> None:
        joined = a_call(direction=Direction.JOINED)
        decision = decide(joined, Want(Change(language=GERMAN)), NOW)
        assert decision.steps == (Operation(OperationKind.STOP, 2, GERMAN, NOW),)

    def test_a_stop_is_a_revision(self) -> None:
        decision = decide(a_call(), Want(Change(on=False, why=Why.PAUSED), "oid"), NOW)
        wish = decision.call.wish
        assert (wish.on, wish.revision, wish.why, wish.by) == (False, 2, Why.PAUSED, "oid")
        assert decision.call.transcription is Transcription.STOPPING

    def test_another_why_is_a_revision_though_nothing_is_to_be_done(self) -> None:
        off = a_call(part=Transcribing(), on=False)
        decision = decide(off, Want(Change(why=Why.REFUSED)), NOW)
        assert decision.call.wish.revision == 2
        assert decision.steps == ()

    @pytest.mark.parametrize(
        "call", [a_call(), a_call(part=Transcribing(), on=False), a_call(on=False)]
    )
    def test_what_is_so_already_is_none(self, call: Call) -> None:
        assert decide(call, Want(Change(on=call.wish.on)), NOW).call.wish.revision == 1

    def test_to_want_what_does_not_run_is_one(self) -> None:
        part = Transcribing(tries=5, next_at=after(300), blocked=1, reason=WHY)
        decision = decide(a_call(part=part), Want(Change(on=True)), NOW)
        assert decision.call.wish.revision == 2
        assert decision.call.problem is None
        assert started(decision)

    def test_a_wish_is_noted_before_the_call_is_connected(self) -> None:
        decision = decide(a_call(State.CONNECTING, at_setup(ENGLISH)), Want(Change(on=False)), NOW)
        assert not decision.call.wish.on
        assert decision.steps == ()


class TestLeaving:
    LEAVING = a_call(hang_up=HangUp.LEAVE)

    def test_it_is_asked_for_and_then_again_until_the_call_is_over(self) -> None:
        decision = decide(self.LEAVING, Woken(), NOW)
        assert decision.steps == (Ask.HANG_UP,)
        assert decision.soon == decision.call.line.next_at
        assert decision.soon is not None
        assert decide(decision.call, Woken(), after(0.1)).steps == ()
        assert decide(decision.call, Woken(), decision.soon).steps == (Ask.HANG_UP,)

    def test_that_waits_until_it_is_known_which_call_it_is(self) -> None:
        ringing = replace(self.LEAVING, state=State.DIALING, connection_id=None)
        assert decide(ringing, Woken(), NOW).steps == ()
        known = decide(ringing, Answered("connection", None, None), NOW)
        assert known.steps == (Ask.HANG_UP,)

    def test_where_it_is_refused_acs_is_asked(self) -> None:
        asked = with_line(self.LEAVING, Line(asked=NOW, tries=1, next_at=after(4)))
        assert decide(asked, HungUp(), NOW).steps == (Look(1),)

    def test_a_call_that_nobody_leaves_is_not_asked_about(self) -> None:
        assert decide(a_call(), HungUp(), NOW) == Decision(a_call())

    def test_a_moment_that_another_clock_made_has_come(self) -> None:
        asked = with_line(self.LEAVING, Line(asked=NOW, tries=1, next_at=after(3_600)))
        assert decide(asked, Woken(), NOW).steps == (Ask.HANG_UP,)
