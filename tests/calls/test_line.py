"""The line of a call: what tells that it rings, is up or is over."""

from dataclasses import replace

import pytest

from callscribe.calls import line
from callscribe.calls.call import UP, Call, Direction, EndedBy, HangUp, Line, State, with_line
from callscribe.calls.events import Answered, NotKnown, NotTold, Refused
from callscribe.calls.result_table import ACCESS
from callscribe.calls.results import Reason
from callscribe.foundation.moments import Ms, Seconds
from tests.calls.deciding import CALL, FORBIDDEN, NOW, RUNNING, a_call, after, an_event

OVER = sorted(set(State) - UP)
CERTAIN = sorted(set(OVER) - {State.MISSED})
LONGEST = Seconds(3_600)


def inferred(state: State = State.ENDED, by: EndedBy = EndedBy.INFERRED) -> Call:
    """Return a call that is over as far as we can tell."""
    return a_call(state, ended_by=by, reason=Reason("ACS no longer knows the call."))


class TestWhoseEvent:
    def test_it_is_the_calls_own_by_its_connection(self) -> None:
        assert line.is_of(a_call(), an_event("CallConnected"))
        assert not line.is_of(a_call(connection_id="other"), an_event("CallConnected"))

    @pytest.mark.parametrize("state", State)
    def test_before_that_is_known_it_may_tell_it(self, state: State) -> None:
        early = UP | {State.MISSED}
        call = a_call(state, connection_id=None)
        assert line.is_of(call, an_event("CallConnected")) == (state in early)

    def test_so_it_may_of_a_call_whose_end_was_inferred(self) -> None:
        """Nobody knew whether ACS had taken the request to dial, and it gave no sign in time."""
        failed = replace(inferred(State.FAILED), connection_id=None)
        assert line.is_of(failed, an_event("CallConnected"))

    def test_ids_that_are_not_known_yet_are_taken_over(self) -> None:
        found = line.identified(CALL, an_event("ParticipantsUpdated"))
        assert found == replace(
            CALL, connection_id="connection", server_call_id="server", correlation_id="correlation"
        )

    def test_ids_that_are_known_stay(self) -> None:
        event = replace(an_event("CallConnected"), server_call_id="x", correlation_id="y")
        assert line.identified(a_call(), event) == a_call()


class TestAnswered:
    def test_an_answer_connects_the_call(self) -> None:
        found = line.answered(CALL, Answered("connection", "server", "correlation"), NOW)
        assert found == replace(
            CALL,
            state=State.CONNECTING,
            connection_id="connection",
            server_call_id="server",
            correlation_id="correlation",
            answered_at=NOW,
        )

    def test_an_answer_that_something_else_tells_of_was_then(self) -> None:
        event = Answered("connection", None, None, at=after(-60))
        assert line.answered(CALL, event, NOW).answered_at == after(-60)

    def test_an_answer_without_ids_keeps_those_that_are_known(self) -> None:
        known = line.answered(a_call(State.CONNECTING), Answered("other", None, None), NOW)
        assert known == a_call(State.CONNECTING, connection_id="other")

    @pytest.mark.parametrize("state", [State.DIALING, State.CONNECTING, State.CONNECTED])
    def test_an_answer_takes_nothing_back(self, state: State) -> None:
        found = line.answered(a_call(state), Answered("connection", None, None), NOW)
        assert found == a_call(state)

    def test_an_answer_shows_that_the_call_was_not_over(self) -> None:
        found = line.answered(inferred(State.MISSED), Answered("connection", None, None), NOW)
        assert found.state is State.CONNECTING
        assert (found.ended_at, found.ended_by, found.reason) == (None, None, None)

    @pytest.mark.parametrize("state", CERTAIN)
    def test_an_answer_after_the_end_only_tells_ids(self, state: State) -> None:
        over = a_call(state, connection_id=None)
        found = line.answered(over, Answered("connection", None, None), NOW)
        assert found == replace(over, connection_id="connection")


class TestNotAnswered:
    @pytest.mark.parametrize("code", [400, 404, 410])
    def test_a_call_that_acs_refuses_to_answer_is_missed_as_far_as_we_can_tell(
        self, code: int
    ) -> None:
        found = line.refused(CALL, Refused(code, "no"), NOW)
        assert (found.state, found.ended_at, found.ended_by) == (
            State.MISSED,
            NOW,
            EndedBy.INFERRED,
        )
        assert found.reason
        assert (found.reason.text, found.reason.code) == ("no", code)

    @pytest.mark.parametrize("code", [401, 403])
    def test_one_that_we_may_not_answer_has_failed_with_what_helps(self, code: int) -> None:
        found = line.refused(CALL, Refused(code, "no"), NOW)
        assert (found.state, found.ended_by) == (State.FAILED, EndedBy.INFERRED)
        assert found.reason == Reason("no", code, remedy=ACCESS)
        assert "ACS_ACCESS_KEY" in ACCESS

    def test_one_that_its_route_rejects_is_over(self) -> None:
        found = line.rejected(CALL, NOW)
        told = (found.state, found.ended_at, found.ended_by, found.reason)
        assert told == (State.REJECTED, NOW, EndedBy.HANGUP, None)

    def test_a_ring_that_is_over_is_a_missed_call(self) -> None:
        found = line.ring_over(CALL, NOW)
        assert (found.state, found.ended_at, found.ended_by) == (
            State.MISSED,
            NOW,
            EndedBy.INFERRED,
        )

    @pytest.mark.parametrize("state", sorted(set(State) - {State.ANSWERING}))
    def test_neither_matters_once_the_call_is_further(self, state: State) -> None:
        call = a_call(state)
        assert line.refused(call, Refused(400, "no"), NOW) == call
        assert line.ring_over(call, NOW) == call
        assert line.rejected(call, NOW) == call


class TestConnected:
    @pytest.mark.parametrize("state", [State.ANSWERING, State.DIALING, State.CONNECTING])
    def test_any_sign_connects_a_call(self, state: State) -> None:
        call = a_call(state, answered_at=None)
        found = line.connected(call, after(-1))
        assert found == replace(
            call, state=State.CONNECTED, answered_at=after(-1), connected_at=after(-1)
        )

    def test_the_first_sign_says_when(self) -> None:
        call = a_call(connected_at=after(-9))
        assert line.connected(call, NOW) == call

    @pytest.mark.parametrize("state", [State.MISSED, State.ENDED, State.FAILED])
    def test_a_sign_opens_a_call_again_that_was_over_as_far_as_we_could_tell(
        self, state: State
    ) -> None:
        over = replace(inferred(state), finished_at=NOW, closed_at=NOW)
        found = line.connected(over, NOW)
        assert found.state is State.CONNECTED
        assert (found.ended_at, found.ended_by, found.reason) == (None, None, None)
        assert (found.finished_at, found.closed_at) == (None, None)

    @pytest.mark.parametrize("state", CERTAIN)
    def test_nothing_opens_a_call_again_that_is_over(self, state: State) -> None:
        assert line.connected(a_call(state), NOW) == a_call(state)

    def test_what_was_suspected_before_is_forgotten(self) -> None:
        suspected = with_line(a_call(), Line(unknown_at=NOW, stream_closed=True, tries=2))
        assert line.connected(suspected, NOW).line == Line(tries=2)


class TestFailedToConnect:
    @pytest.mark.parametrize("state", [State.ANSWERING, State.CONNECTING])
    def test_a_call_that_could_not_be_answered_is_missed_as_far_as_we_can_tell(
        self, state: State
    ) -> None:
        event = an_event("AnswerFailed", 403, 8565, FORBIDDEN, time=after(-1))
        found = line.not_connected(a_call(state), event, NOW)
        assert (found.state, found.ended_at, found.ended_by) == (
            State.MISSED,
            after(-1),
            EndedBy.INFERRED,
        )
        assert found.reason
        assert found.reason.remedy

    @pytest.mark.parametrize("code", [408, 480, 486, 487, 603])
    def test_one_that_nobody_took_is_unanswered(self, code: int) -> None:
        event = an_event("CreateCallFailed", code, time=None)
        found = line.not_connected(a_call(State.DIALING), event, NOW)
        assert (found.state, found.ended_at, found.ended_by) == (
            State.UNANSWERED,
            NOW,
            EndedBy.CALLBACK,
        )

    @pytest.mark.parametrize(
        ("name", "code"), [("CreateCallFailed", 404), ("ConnectFailed", 408), ("ConnectFailed", 0)]
    )
    def test_any_other_has_failed(self, name: str, code: int) -> None:
        found = line.not_connected(a_call(State.DIALING), an_event(name, code), NOW)
        assert (found.state, found.ended_by) == (State.FAILED, EndedBy.CALLBACK)

    @pytest.mark.parametrize("state", [State.CONNECTED, *OVER])
    def test_a_repeated_request_that_failed_ends_nothing(self, state: State) -> None:
        event = an_event("AnswerFailed", 400)
        assert line.not_connected(a_call(state), event, NOW) == a_call(state)


class TestDisconnected:
    @pytest.mark.parametrize("state", sorted(UP))
    def test_a_call_that_is_up_has_ended(self, state: State) -> None:
        event = an_event("CallDisconnected", 200, 7000, "Hung up.", time=after(-1))
        found = line.disconnected(a_call(state), event, NOW)
        assert (found.state, found.ended_at, found.ended_by) == (
            State.ENDED,
            after(-1),
            EndedBy.CALLBACK,
        )
        assert found.reason == Reason("Hung up.", 200, 7000)

    def test_one_that_we_hung_up_was_ended_by_that(self) -> None:
        call = a_call(hang_up=HangUp.LEAVE)
        found = line.disconnected(call, an_event("CallDisconnected", time=None), NOW)
        assert (found.ended_by, found.ended_at) == (EndedBy.HANGUP, NOW)

    @pytest.mark.parametrize("state", [State.MISSED, State.ENDED, State.FAILED])
    def test_the_true_reason_replaces_what_was_inferred(self, state: State) -> None:
        event = an_event("CallDisconnected", 200, 7000, "Hung up.", time=after(-9))
        found = line.disconnected(inferred(state), event, NOW)
        assert (found.state, found.ended_at, found.ended_by) == (
            State.ENDED,
            after(-9),
            EndedBy.CALLBACK,
        )
        assert found.reason == Reason("Hung up.", 200, 7000)

    @pytest.mark.parametrize("state", CERTAIN)
    def test_once_that_is_certain_nothing_replaces_it(self, state: State) -> None:
        event = an_event("CallDisconnected", 500, 1, "Again.")
        assert line.disconnected(a_call(state), event, NOW) == a_call(state)

    def test_what_was_out_on_the_line_is_done_with_and_what_was_transcribed_stays(self) -> None:
        call = with_line(a_call(), Line(asked=NOW, tries=3, next_at=NOW, roster=7))
        found = line.disconnected(call, an_event("CallDisconnected"), NOW)
        assert found.line == Line(roster=7)
        assert found.transcribing == RUNNING


class TestNotKnown:
    def test_once_is_not_enough(self) -> None:
        found = line.not_known(a_call(), NotKnown(), NOW)
        assert found == with_line(a_call(), Line(unknown_at=NOW))

    def test_twice_too_soon_is_not_enough(self) -> None:
        call = with_line(a_call(), Line(unknown_at=after(-9.9)))
        assert line.not_known(call, NotKnown(), NOW) == call

    def test_twice_ten_seconds_apart_is_the_end(self) -> None:
        call = with_line(a_call(), Line(unknown_at=after(-10)))
        found = line.not_known(call, NotKnown(), NOW)
        assert (found.state, found.ended_at, found.ended_by) == (
            State.ENDED,
            NOW,
            EndedBy.INFERRED,
        )
        assert found.reason == Reason("ACS no longer knows the call.")

    def test_by_a_clock_that_was_set_back_the_second_time_is_the_first(self) -> None:
        call = with_line(a_call(), Line(unknown_at=after(3_600)))
        assert line.not_known(call, NotKnown(), NOW).line.unknown_at == NOW

    def test_once_is_enough_where_its_stream_was_closed(self) -> None:
        call = line.stream_closed(a_call())
        found = line.not_known(call, NotKnown(last_up=after(-7)), NOW)
        assert (found.state, found.ended_at) == (State.ENDED, after(-7))

    def test_it_ended_when_its_stream_did_as_far_as_that_was_not_cut(self) -> None:
        """Whoever finds the end out: the watch, which knows all streams, or a look right after."""
        left, cut = line.stream_closed(a_call(), after(-3)), line.stream_closed(a_call())
        assert line.not_known(left, NotKnown(), NOW).ended_at == after(-3)
        assert line.not_known(cut, NotKnown(), NOW).ended_at == NOW
        assert line.gone(left, NOW).ended_at == after(-3)
        assert line.gone(cut, NOW).ended_at == NOW
        up = line.connected(left, NOW)
        assert line.gone(up, after(5)).ended_at == after(5)

    @pytest.mark.parametrize("state", OVER)
    def test_of_a_call_that_is_over_it_says_nothing(self, state: State) -> None:
        assert line.not_known(a_call(state), NotKnown(), NOW) == a_call(state)
        assert line.stream_closed(a_call(state)) == a_call(state)
        assert line.gone(a_call(state), NOW) == a_call(state)

    @pytest.mark.parametrize("state", sorted(UP))
    def test_a_call_that_acs_says_is_disconnected_is_over(self, state: State) -> None:
        found = line.gone(a_call(state), NOW)
        assert (found.state, found.ended_by) == (State.ENDED, EndedBy.INFERRED)
        assert found.reason == Reason("ACS says that it is over.")


class TestNotTold:
    @pytest.mark.parametrize(
        ("status", "ours"), [(None, False), (401, True), (403, True), (503, False)]
    )
    def test_a_call_that_is_older_than_any_is_over(self, status: int | None, *, ours: bool) -> None:
        call = a_call(begun_at=after(-3_600.001))
        found = line.not_told(call, NotTold(status, after(-9)), NOW, LONGEST)
        assert (found.state, found.ended_at, found.ended_by) == (
            State.ENDED,
            after(-9),
            EndedBy.LIMIT,
        )
        assert found.reason
        assert (found.reason.code, found.reason.remedy is not None) == (status, ours)
        assert found.inferred

    def test_without_a_stream_it_ended_when_that_was_found_out(self) -> None:
        call = a_call(begun_at=after(-4_000))
        assert line.not_told(call, NotTold(503), NOW, LONGEST).ended_at == NOW

    def test_a_younger_one_is_asked_about_again(self) -> None:
        call = a_call(begun_at=after(-3_600))
        assert line.not_told(call, NotTold(503), NOW, LONGEST) == call
        assert not line.too_old(call, NOW, LONGEST)

    def test_one_that_is_over_is_left_alone(self) -> None:
        over = a_call(State.ENDED, begun_at=after(-4_000))
        assert line.not_told(over, NotTold(503), NOW, LONGEST) == over


class TestWithoutASign:
    @pytest.mark.parametrize(
        ("state", "direction"),
        [
            (State.DIALING, Direction.OUTBOUND),
            (State.CONNECTING, Direction.JOINED),
        ],
    )
    def test_a_call_that_gives_no_sign_has_failed_as_far_as_we_can_tell(
        self, state: State, direction: Direction
    ) -> None:
        waits = a_call(state, direction=direction, begun_at=after(-149.9))
        assert line.without_sign(waits, NOW) == waits
        late = replace(waits, begun_at=after(-150))
        assert line.sign_due(late) == NOW
        found = line.without_sign(late, NOW)
        assert (found.state, found.ended_by) == (State.FAILED, EndedBy.INFERRED)
        ahead = replace(waits, begun_at=after(1))
        assert line.without_sign(ahead, NOW).state is State.FAILED

    @pytest.mark.parametrize("state", sorted(set(State) - {State.DIALING}))
    def test_any_other_call_is_not_waited_for(self, state: State) -> None:
        call = a_call(state, begun_at=after(-1_000))
        assert line.without_sign(call, NOW) == call
        assert line.sign_due(call) is None


class TestHangingUp:
    def test_who_leaves_is_asked_for_it_at_once(self) -> None:
        leaving = line.wants_to_leave(a_call(), HangUp.LEAVE)
        assert (leaving.hang_up, leaving.line) == (HangUp.LEAVE, Line())

    def test_who_wants_the_same_again_changes_nothing(self) -> None:
        leaving = with_line(
            a_call(hang_up=HangUp.LEAVE), Line(asked=NOW, tries=1, next_at=after(4))
        )
        assert line.wants_to_leave(leaving, HangUp.LEAVE) == leaving

    def test_to_end_it_for_everyone_is_more_than_to_leave(self) -> None:
        leaving = with_line(a_call(hang_up=HangUp.LEAVE), Line(asked=NOW, next_at=after(4)))
        ending = line.wants_to_leave(leaving, HangUp.EVERYONE)
        assert (ending.hang_up, ending.line) == (HangUp.EVERYONE, Line())
        assert line.wants_to_leave(ending, HangUp.LEAVE) == ending

    @pytest.mark.parametrize("state", OVER)
    def test_nobody_leaves_what_is_over(self, state: State) -> None:
        assert line.wants_to_leave(a_call(state), HangUp.LEAVE) == a_call(state)

    def test_it_is_asked_for_again_after_pauses_that_grow(self) -> None:
        pauses: list[float] = []
        call: Call = a_call(hang_up=HangUp.LEAVE)
        for tries in range(1, 8):
            call = line.asked_to_hang_up(call, NOW)
            assert (call.line.asked, call.line.tries) == (NOW, tries)
            assert call.line.next_at is not None
            pauses.append(Ms(call.line.next_at - NOW) / 1000)
        assert all(0.8 <= pause <= 25 for pause in pauses)
        assert pauses[-1] >= 20
