from dataclasses import replace

import pytest

from callscribe.calls.call import Reason, State, Transcription
from callscribe.calls.events import Answered, Decision, Event, Refused, RingOver
from callscribe.calls.line import decide, is_of
from callscribe.foundation.moments import Ms
from tests.calls.deciding import CALL, FINISH, FORBIDDEN, NOW, REOPEN, START, a_call, an_event


class TestAnswering:
    def test_an_answer_connects_the_call(self) -> None:
        decision = decide(CALL, Answered("connection", "server", "correlation"), NOW)
        assert decision.effects == ()
        assert decision.call == replace(
            CALL,
            state=State.CONNECTING,
            connection_id="connection",
            server_call_id="server",
            correlation_id="correlation",
            answered_at=NOW,
        )

    def test_an_answer_that_something_else_tells_of_was_then(self) -> None:
        event = Answered("connection", None, None, at=Ms(NOW - 60_000))
        assert decide(CALL, event, NOW).call.answered_at == NOW - 60_000

    def test_an_answer_without_ids_keeps_those_that_are_known(self) -> None:
        known = decide(
            replace(
                a_call(State.CONNECTING), server_call_id="server", correlation_id="correlation"
            ),
            Answered("connection", None, None),
            NOW,
        ).call
        assert (known.server_call_id, known.correlation_id) == ("server", "correlation")
        assert (known.connection_id, known.answered_at) == ("connection", NOW - 15_000)

    def test_an_answer_that_comes_after_the_connection_takes_nothing_back(self) -> None:
        decision = decide(a_call(State.CONNECTED), Answered("connection", None, None), NOW)
        assert decision == Decision(a_call(State.CONNECTED))

    def test_our_own_answer_shows_that_the_call_was_not_missed(self) -> None:
        missed = replace(CALL, state=State.MISSED, ended_at=NOW, reason=Reason("Not answered."))
        decision = decide(missed, Answered("connection", None, None), NOW)
        assert decision.effects == (REOPEN,)
        assert decision.call.state is State.CONNECTING
        assert (decision.call.ended_at, decision.call.reason) == (None, None)

    @pytest.mark.parametrize("state", [State.ENDED, State.FAILED])
    def test_an_answer_after_the_end_only_tells_ids(self, state: State) -> None:
        over = replace(CALL, state=state, ended_at=NOW)
        decision = decide(over, Answered("connection", None, None), Ms(NOW + 1))
        assert decision == Decision(replace(over, connection_id="connection"))

    @pytest.mark.parametrize(
        ("code", "state"),
        [
            (401, State.FAILED),
            (403, State.FAILED),
            (400, State.MISSED),
            (404, State.MISSED),
            (410, State.MISSED),
        ],
    )
    def test_a_refusal_ends_the_call_as_missed_unless_the_mistake_is_ours(
        self, code: int, state: State
    ) -> None:
        decision = decide(CALL, Refused(code, "no"), NOW)
        assert decision.effects == (FINISH,)
        assert (decision.call.state, decision.call.ended_at) == (state, NOW)
        reason = decision.call.reason
        assert reason
        assert (reason.text, reason.code) == ("no", code)
        assert ("ACS_ACCESS_KEY" in (reason.remedy or "")) == (state is State.FAILED)

    def test_a_ring_that_is_over_ends_the_call_as_missed(self) -> None:
        decision = decide(CALL, RingOver(), NOW)
        assert decision.effects == (FINISH,)
        assert (decision.call.state, decision.call.ended_at) == (State.MISSED, NOW)

    @pytest.mark.parametrize("event", [Refused(400, "no"), RingOver()])
    @pytest.mark.parametrize("state", sorted(set(State) - {State.ANSWERING}))
    def test_neither_matters_once_the_call_is_further(self, state: State, event: Event) -> None:
        assert decide(a_call(state), event, NOW) == Decision(a_call(state))


class TestConnecting:
    @pytest.mark.parametrize("state", [State.ANSWERING, State.CONNECTING])
    def test_a_connected_call_is_transcribed(self, state: State) -> None:
        call = replace(CALL, state=state)
        decision = decide(call, an_event("CallConnected", time=Ms(NOW - 50)), NOW)
        assert decision.effects == (START,)
        assert decision.call == replace(
            call,
            state=State.CONNECTED,
            connection_id="connection",
            server_call_id="server",
            correlation_id="correlation",
            answered_at=Ms(NOW - 50),
            connected_at=Ms(NOW - 50),
            transcription=Transcription.STARTING,
            transcription_at=NOW,
            transcription_attempts=1,
        )

    def test_one_that_was_asked_to_start_with_the_answer_is_not_started_again(self) -> None:
        call = a_call(State.CONNECTING, Transcription.STARTING)
        assert decide(call, an_event("CallConnected"), NOW).effects == ()

    def test_an_event_without_a_time_happens_now(self) -> None:
        call = decide(CALL, an_event("CallConnected", time=None), NOW).call
        assert call.connected_at == NOW

    def test_a_missed_call_yields_to_its_connection(self) -> None:
        missed = replace(CALL, state=State.MISSED, ended_at=NOW, reason=Reason("Not answered."))
        decision = decide(missed, an_event("CallConnected"), NOW)
        assert decision.effects == (REOPEN, START)
        assert decision.call.state is State.CONNECTED
        assert (decision.call.ended_at, decision.call.reason) == (None, None)

    def test_what_it_was_asked_to_start_with_the_answer_still_stands(self) -> None:
        call = decide(a_call(State.ANSWERING, Transcription.STARTING), RingOver(), NOW).call
        decision = decide(call, an_event("CallConnected"), NOW)
        assert decision.effects == (REOPEN,)
        assert decision.call.transcription is Transcription.STARTING

    def test_why_its_words_are_missing_is_not_forgotten_over_that(self) -> None:
        missed = replace(
            a_call(State.MISSED, Transcription.FAILED), reason=Reason(FORBIDDEN, 403, 8565)
        )
        call = decide(missed, an_event("CallConnected"), NOW).call
        assert call.reason == Reason(FORBIDDEN, 403, 8565)

    @pytest.mark.parametrize("name", ["AnswerFailed", "CreateCallFailed", "ConnectFailed"])
    def test_a_call_that_fails_to_connect_has_failed(self, name: str) -> None:
        event = an_event(name, 403, 8565, FORBIDDEN)
        decision = decide(a_call(State.CONNECTING), event, NOW)
        assert decision.effects == (FINISH,)
        assert decision.call.state is State.FAILED
        assert decision.call.reason
        assert decision.call.reason.remedy

    def test_a_repeated_request_that_failed_does_not_end_a_connected_call(self) -> None:
        assert decide(a_call(), an_event("AnswerFailed", 400), NOW).call.state is State.CONNECTED

    @pytest.mark.parametrize("state", [State.ANSWERING, State.CONNECTING, State.CONNECTED])
    def test_a_disconnected_call_has_ended(self, state: State) -> None:
        event = an_event("CallDisconnected", 200, 7000, "Hung up.", time=Ms(NOW - 50))
        decision = decide(a_call(state), event, NOW)
        assert decision.effects == (FINISH,)
        assert (decision.call.state, decision.call.ended_at) == (State.ENDED, NOW - 50)
        assert decision.call.reason == Reason("Hung up.", 200, 7000)

    def test_a_missed_call_that_is_disconnected_had_been_up(self) -> None:
        """CallConnected was lost, and nobody lived to save the answer."""
        missed = replace(
            a_call(State.MISSED, Transcription.STARTING),
            ended_at=Ms(NOW - 5000),
            reason=Reason("Not answered."),
        )
        event = an_event("CallDisconnected", 200, 7000, "Hung up.", time=Ms(NOW - 50))
        decision = decide(missed, event, NOW)
        assert decision.effects == (REOPEN, FINISH)
        assert (decision.call.state, decision.call.ended_at) == (State.ENDED, NOW - 50)
        assert decision.call.reason == Reason("Hung up.", 200, 7000)
        assert decision.call.transcription is Transcription.STOPPED

    @pytest.mark.parametrize(
        ("during", "after"),
        [
            (Transcription.OFF, Transcription.OFF),
            (Transcription.STARTING, Transcription.STOPPED),
            (Transcription.ACTIVE, Transcription.STOPPED),
            (Transcription.STOPPING, Transcription.STOPPED),
            (Transcription.FAILED, Transcription.FAILED),
        ],
    )
    def test_transcription_ends_with_the_call(
        self, during: Transcription, after: Transcription
    ) -> None:
        call = decide(a_call(transcription=during), an_event("CallDisconnected"), NOW).call
        assert call.transcription is after

    def test_why_the_words_are_missing_stays_the_reason_of_a_call_that_ends(self) -> None:
        failed = replace(a_call(transcription=Transcription.FAILED), reason=Reason(FORBIDDEN))
        assert decide(failed, an_event("CallDisconnected"), NOW).call.reason == Reason(FORBIDDEN)

    def test_an_event_of_a_type_that_says_nothing_tells_ids_alone(self) -> None:
        decision = decide(CALL, an_event("ParticipantsUpdated"), NOW)
        assert decision.effects == ()
        assert decision.call == replace(
            CALL, connection_id="connection", server_call_id="server", correlation_id="correlation"
        )


class TestWhoseEvent:
    def test_it_is_the_calls_own_by_its_connection(self) -> None:
        assert is_of(a_call(), an_event("CallConnected"))
        assert not is_of(replace(a_call(), connection_id="other"), an_event("CallConnected"))

    @pytest.mark.parametrize("state", State)
    def test_before_that_is_known_it_may_tell_it(self, state: State) -> None:
        early = {State.ANSWERING, State.CONNECTING, State.MISSED}
        assert is_of(replace(CALL, state=state), an_event("CallConnected")) == (state in early)
