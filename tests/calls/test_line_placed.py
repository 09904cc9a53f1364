"""Calls that were dialled or joined: what ACS replies to the request, and what it tells later."""

from dataclasses import replace

import pytest

from callscribe.calls import line
from callscribe.calls.call import Call, Direction, EndedBy, HangUp, State
from callscribe.calls.events import Answered, Refused
from callscribe.calls.results import Reason
from tests.calls.deciding import CALL, NOW, a_call, after, an_event


def inferred(state: State) -> Call:
    """Return a call that is over as far as we can tell."""
    reason = Reason("ACS no longer knows the call.")
    return a_call(state, ended_by=EndedBy.INFERRED, reason=reason)


class TestPlaced:
    """Calls that were dialled or joined: what ACS replies to the request."""

    @pytest.mark.parametrize(
        ("direction", "state"),
        [(Direction.OUTBOUND, State.DIALING), (Direction.JOINED, State.CONNECTING)],
    )
    def test_a_request_that_is_accepted_gives_the_call_its_ids(
        self, direction: Direction, state: State
    ) -> None:
        call = replace(CALL, direction=direction, state=state)
        found = line.answered(call, Answered("connection", "server", "correlation"), NOW)
        assert found == replace(
            call,
            connection_id="connection",
            server_call_id="server",
            correlation_id="correlation",
        )
        over = line.without_sign(replace(call, begun_at=after(-200)), NOW)
        assert line.answered(over, Answered("connection", None, None), NOW).state is state

    @pytest.mark.parametrize(
        ("direction", "state"),
        [(Direction.OUTBOUND, State.DIALING), (Direction.JOINED, State.CONNECTING)],
    )
    @pytest.mark.parametrize("code", [400, 403])
    def test_a_request_that_is_refused_has_failed(
        self, direction: Direction, state: State, code: int
    ) -> None:
        call = replace(CALL, direction=direction, state=state)
        found = line.refused(call, Refused(code, "no", 8523), NOW)
        assert (found.state, found.ended_by) == (State.FAILED, EndedBy.INFERRED)
        assert found.reason is not None
        assert (found.reason.code, found.reason.sub_code) == (code, 8523)

    def test_one_that_was_refused_and_is_up_all_the_same_is_opened_again(self) -> None:
        call = replace(CALL, direction=Direction.OUTBOUND, state=State.DIALING)
        found = line.connected(line.refused(call, Refused(403, "no"), NOW), NOW)
        assert (found.state, found.ended_by, found.reason) == (State.CONNECTED, None, None)

    @pytest.mark.parametrize(("code", "sub_code"), [(400, 8538), (480, 8544), (486, 560486)])
    def test_nobody_took_it(self, code: int, sub_code: int) -> None:
        call = replace(CALL, direction=Direction.OUTBOUND, state=State.DIALING)
        event = an_event("CreateCallFailed", code, sub_code)
        assert line.not_connected(call, event, NOW).state is State.UNANSWERED

    def test_a_call_that_is_up_was_not_refused(self) -> None:
        call = a_call(direction=Direction.OUTBOUND)
        assert line.refused(call, Refused(400, "no"), NOW) == call

    def test_one_that_we_hung_up_ended_so_whoever_had_not_answered(self) -> None:
        call = a_call(State.DIALING, direction=Direction.OUTBOUND, hang_up=HangUp.EVERYONE)
        found = line.not_connected(call, an_event("CreateCallFailed", 487), NOW)
        assert (found.state, found.ended_by) == (State.UNANSWERED, EndedBy.HANGUP)

    def test_what_acs_says_of_a_call_that_gave_no_sign_is_the_true_reason(self) -> None:
        failed = replace(inferred(State.FAILED), direction=Direction.OUTBOUND)
        found = line.not_connected(failed, an_event("CreateCallFailed", 486, message="busy"), NOW)
        assert (found.state, found.ended_by) == (State.UNANSWERED, EndedBy.CALLBACK)
        missed = inferred(State.MISSED)
        assert line.not_connected(missed, an_event("AnswerFailed", 400), NOW) == missed
